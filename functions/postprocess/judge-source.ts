// Judges the end of a source, before anything is changed.

import type { SourceEnd } from '../shared/contract.ts';
import { permanentErrorNames } from '../shared/errors.ts';
import { parseJson } from '../shared/parse-json.ts';
import { failureByCounts } from '../shared/verdict.ts';
import { accountFor, type Totals } from './account.ts';
import { checksumDifference } from './verify-checksum.ts';

export type Verdict =
  | { outcome: 'completed'; totals: Totals }
  | {
      outcome: 'failed' | 'pending';
      errorName: string;
      message: string;
      violations?: string[];
      /** Set if every line was counted, and the file fails by its counts. */
      counted?: Totals;
    };

/** Characters of an error's message that a report keeps. */
const messageLength = 500;

/** The name in reports for chunk results that do not add up. The source neither completes nor fails. */
export const accountingError = 'AccountingError';

/** The name in reports for a file of mostly invalid lines. */
export const tooManyRejected = 'TooManyRejected';

/** Pure. A permanent error, known by its name, is a failure. Any other error leaves the source pending. */
export function judgeSource({ source, chunkResults, error }: SourceEnd, maxRejectedPercent: number): Verdict {
  if (error !== undefined) {
    const outcome = permanentErrorNames.includes(error.Error) ? 'failed' : 'pending';
    return { outcome, errorName: error.Error, message: messageOf(error.Cause) };
  }
  const account = accountFor(source, chunkResults ?? []);
  const difference = 'totals' in account ? checksumDifference(source, chunkResults ?? []) : null;
  if (difference !== null) return { outcome: 'failed', errorName: 'ChecksumMismatchError', message: difference };
  if ('totals' in account) return judgeCounts(account.totals, maxRejectedPercent);
  const { violations } = account;
  return { outcome: 'pending', errorName: accountingError, message: cut(violations.join('; ')), violations };
}

/** A file is one unit. A file of mostly invalid lines fails as a whole. */
function judgeCounts(totals: Totals, maxRejectedPercent: number): Verdict {
  const { inserted, alreadyPresent, rejectedByReason } = totals;
  const failure = failureByCounts({ ...totals, rows: inserted + alreadyPresent }, maxRejectedPercent);
  if (failure === null) return { outcome: 'completed', totals };
  const byCount = Object.entries(rejectedByReason).sort(([, one], [, other]) => other - one);
  const reasons = byCount.map(([reason, count]) => `${reason} ${count}`).join(', ');
  return { outcome: 'failed', errorName: tooManyRejected, message: cut(`${failure}: ${reasons}`), counted: totals };
}

/** Lambda's Cause is JSON `{ errorType, errorMessage, trace }`. A Cause of Step Functions is a sentence. */
function messageOf(cause: string | undefined): string {
  if (cause === undefined) return '';
  try {
    const { errorMessage } = parseJson(cause) as { errorMessage?: unknown };
    return cut(typeof errorMessage === 'string' ? errorMessage : cause);
  } catch {
    return cut(cause);
  }
}

const cut = (text: string) => (text.length > messageLength ? `${text.slice(0, messageLength)}…` : text);
