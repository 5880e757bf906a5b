// What a source's end means, before anything is touched.

import type { SourceEnd } from '../shared/contract.ts';
import { permanentErrorNames } from '../shared/errors.ts';
import { parseJson } from '../shared/parse-json.ts';
import { accountFor, type Totals } from './account.ts';
import { checksumDifference } from './verify-checksum.ts';

export type Verdict =
  | { outcome: 'completed'; totals: Totals }
  | { outcome: 'failed' | 'pending'; errorName: string; message: string; violations?: string[] };

/** Characters of an error's message that a report keeps. */
const messageLength = 500;

/** The name in reports for chunk results that do not add up: never completed, and never given up on either. */
export const accountingError = 'AccountingError';

/** Pure. An error whose name says that it is permanent is a failure; any other leaves the source pending. */
export function judgeSource({ source, chunkResults, error }: SourceEnd): Verdict {
  if (error !== undefined) {
    const outcome = permanentErrorNames.includes(error.Error) ? 'failed' : 'pending';
    return { outcome, errorName: error.Error, message: messageOf(error.Cause) };
  }
  const account = accountFor(source, chunkResults ?? []);
  const difference = 'totals' in account ? checksumDifference(source, chunkResults ?? []) : null;
  if (difference !== null) return { outcome: 'failed', errorName: 'ChecksumMismatchError', message: difference };
  if ('totals' in account) return { outcome: 'completed', totals: account.totals };
  const { violations } = account;
  return { outcome: 'pending', errorName: accountingError, message: cut(violations.join('; ')), violations };
}

/** Lambda's Cause is JSON `{ errorType, errorMessage, trace }`; that of Step Functions itself is a sentence. */
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
