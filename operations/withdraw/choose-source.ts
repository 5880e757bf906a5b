// Chooses which source of a file to withdraw or put back. Pure.
import type { Report } from '../../functions/postprocess/write-report.ts';

/** Also takes a source whose withdrawal has begun. */
const canBeWithdrawn = ({ outcome, withdrawals }: Report) =>
  outcome === 'completed' || (outcome === 'withdrawn' && withdrawals?.at(-1)?.doneWhen === undefined);

/** Also takes a source that was just put back: the command may have been stopped before its end. */
const canBePutBack = ({ withdrawals }: Report) => withdrawals?.at(-1)?.doneWhen !== undefined;

const whyNot: Record<Report['outcome'], string> = {
  completed: 'it is completed and was not withdrawn',
  failed: 'it failed, so it has no rows',
  pending: 'it is pending. Wait for its end, or remove it from reviews/',
  withdrawn: 'it is withdrawn already',
};

/**
 * @param reports of one file, a report for each content
 * @throws {Error} that says why no source fits, or which several do
 */
export function chooseSource(
  reports: readonly Report[],
  { undo, sourceId }: { undo: boolean; sourceId: string | null },
): Report {
  const asked = reports.filter(({ source }) => sourceId === null || source.sourceId === sourceId);
  const fitting = asked.filter(undo ? canBePutBack : canBeWithdrawn);
  const withdrawn = fitting.filter(({ outcome }) => outcome === 'withdrawn');
  // Of several candidates, a withdrawn source comes before one that is already back.
  const meant = undo && withdrawn.length > 0 ? withdrawn : fitting;
  const [one, another] = meant;
  if (one && !another) return one;
  if (one) {
    const ids = meant.map(
      ({ source, when }) => `  --source ${source.sourceId}  (${source.sizeBytes} bytes, ended ${when})`,
    );
    throw new Error(`several files were uploaded under this name. Choose one:\n${ids.join('\n')}`);
  }
  if (asked.length === 0) throw new Error('no report names such a file in this Region');
  throw new Error(
    `there is nothing to ${undo ? 'put back' : 'withdraw'}: ${[...new Set(asked.map((report) => reasonWhy(report, undo)))].join(', or ')}`,
  );
}

function reasonWhy(report: Report, undo: boolean): string {
  if (undo && report.outcome === 'withdrawn') return 'its withdrawal did not end. Run it once more without --undo';
  return undo ? 'it was not withdrawn' : whyNot[report.outcome];
}
