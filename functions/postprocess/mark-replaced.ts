// Updates the report of a file that a newer one under the same key has replaced. Its rows are gone, and the file stays in its place.
import type { Source } from '../shared/contract.ts';
import { reportKey } from '../shared/keys.ts';
import { changeReport, type ReportStore } from './write-report.ts';

export interface Replaced {
  key: string;
  sourceId: string;
  /** Rows that were withdrawn. */
  rows: number;
}

export const replacedBy = ({ sourceId }: Pick<Source, 'sourceId'>) =>
  `replaced by source ${sourceId}, which was uploaded under the same key`;

/** May be repeated. If a file has no report, because somebody deleted it, there is nothing to do. @throws {TransientStorageError} */
export const markReplaced = (
  { rows, ...former }: Replaced,
  by: Pick<Source, 'sourceId'>,
  { now, ...store }: ReportStore & { now: () => Date },
): Promise<void> =>
  changeReport(reportKey(former), store, (report) => {
    if (report === null || report.outcome === 'withdrawn') return null;
    const when = now().toISOString();
    const reason = replacedBy(by);
    const withdrawals = [...(report.withdrawals ?? []), { reason, by: null, when, rows, doneWhen: when }];
    return { ...report, outcome: 'withdrawn', reason: `withdrawn: ${reason}`, when, withdrawals };
  });
