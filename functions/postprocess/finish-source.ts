// A source's end: judged, reported, then moved. Every step may have been done before, by this invocation's predecessor or
// by another execution that was given the same object.
import type { SourceEnd, SourceOutcome, WithdrawFirst } from '../shared/contract.ts';
import type { Log } from '../shared/telemetry.ts';
import { accountingError, judgeSource, type Verdict } from './judge-source.ts';
import { markReplaced, replacedBy } from './mark-replaced.ts';
import { findFiled, isPending, type MoveDependencies, mayHoldSameContent, moveSource } from './move-source.ts';
import { type Report, rejectedPrefixOf, writeReport } from './write-report.ts';

export interface FinishDependencies extends MoveDependencies {
  region: string;
  maxRejectedPercent: number;
  /** What becomes of the rows of the file before, when one under the same key is complete. */
  sameName: 'add' | 'replace';
  now: () => Date;
  log: Log;
}

/** Bytes of an outcome's reason: with them an outcome is smaller than its source, so a page's outcomes fit where the page did. */
const reasonLength = 80;

type Trouble = Exclude<Verdict, { totals: unknown }>;

/** @throws {TransientStorageError} {ConfigurationError} when S3 does not let it finish; the source is pending then. */
export async function finishSource(end: SourceEnd, deps: FinishDependencies): Promise<SourceOutcome | WithdrawFirst> {
  const verdict = judgeSource(end, deps.maxRejectedPercent);
  if ('totals' in verdict) return complete(end, verdict, deps);
  if (verdict.violations)
    deps.log.error('chunk results do not add up', { ...nameOf(end), violations: verdict.violations });
  // As it was planned and yet reported as changed: it was changed back. The next drain sees whether it can be read now.
  const isPermanent = verdict.outcome === 'failed' && verdict.errorName !== 'SourceChangedError';
  if (isPermanent) return fail(end, verdict, deps);
  return (await isPending(end.source, deps)) ? leavePending(end, verdict, deps) : endWithoutObject(end, verdict, deps);
}

async function complete(end: SourceEnd, verdict: Exclude<Verdict, Trouble>, deps: FinishDependencies) {
  const announce = (movedTo: string) => writeReport(reportOf(end, verdict, movedTo, deps), deps);
  const movedTo = await moveSource(end.source, 'completed', announce, deps);
  if (movedTo !== null) return (await replaceFormer(end, deps)) ?? outcomeOf(end, 'completed', movedTo, null, deps);
  return endWithoutObject(end, changed('the object was overwritten or deleted after its lines were counted'), deps);
}

/** After this file is complete, never before: the rows of the file that had its name are withdrawn, if SameName says so. */
async function replaceFormer({ source, chunkResults, withdrawn, startedAt }: SourceEnd, deps: FinishDependencies) {
  const sourceId = chunkResults?.find(({ sameness }) => sameness)?.sameness?.sameNameAs ?? null;
  if (deps.sameName !== 'replace' || sourceId === null) return null;
  if (withdrawn?.result?.superseded) return null;
  if (withdrawn) {
    await markReplaced({ key: source.key, sourceId, rows: withdrawn.rows }, source, deps);
    return null;
  }
  return {
    withdraw: {
      sourceId,
      state: 'withdrawn' as const,
      reason: replacedBy(source),
      ...(startedAt !== undefined && { startedAt }),
    },
  };
}

async function fail(end: SourceEnd, verdict: Trouble, deps: FinishDependencies) {
  // Completed before, and uploaded again: its rows belong to the file under completed/, so nothing is taken back.
  if ((await findFiled(end.source, 'completed', deps)) !== null) {
    const completed = await moveSource(end.source, 'completed', async () => {}, deps);
    return outcomeOf(end, 'completed', completed, null, deps);
  }
  // A failed file leaves no rows. DB-processing withdraws them before the file moves, and this is called again.
  if (end.withdrawn === undefined) return withdrawFirst(end, verdict);
  const failure: Trouble = { ...verdict, outcome: 'failed' };
  const announce = (movedTo: string) => writeReport(reportOf(end, failure, movedTo, deps), deps);
  const movedTo = await moveSource(end.source, 'failed', announce, deps);
  if (movedTo === null) return endWithoutObject(end, failure, deps);
  return outcomeOf(end, 'failed', movedTo, failure, deps);
}

const withdrawFirst = (
  { source, startedAt }: SourceEnd,
  { errorName, message }: Trouble,
  decidedAt?: string,
): WithdrawFirst => ({
  withdraw: {
    sourceId: source.sourceId,
    state: 'failed',
    reason: `${errorName}: ${message}`,
    ...(startedAt !== undefined && { startedAt }),
    ...(decidedAt !== undefined && { decidedAt }),
    source,
  },
});

async function leavePending(end: SourceEnd, verdict: Trouble, deps: FinishDependencies) {
  const trouble: Trouble = { ...verdict, outcome: 'pending' };
  await writeReport(reportOf(end, trouble, null, deps), deps);
  return outcomeOf(end, 'pending', null, trouble, deps);
}

/**
 * The object is not pending any more. Another execution that was given the same one has filed it, and then that is its end
 * and its report. Or else an uploader overwrote or deleted it, and it fails with nothing to move. Its rows are withdrawn, unless the
 * object that is there now may hold the same bytes: then another execution is writing the same rows.
 */
async function endWithoutObject(end: SourceEnd, verdict: Trouble, deps: FinishDependencies) {
  // Before the look at completed/: what another execution moves is there before it is gone from here, so one of the looks sees it.
  const decidedAt = deps.now().toISOString();
  const isUploadedAgain = await mayHoldSameContent(end.source, deps);
  const completed = await findFiled(end.source, 'completed', deps);
  if (completed !== null) return outcomeOf(end, 'completed', completed, null, deps);
  const failure: Trouble =
    verdict.outcome === 'failed'
      ? verdict
      : changed(`the object is gone, after ${verdict.errorName}: ${verdict.message}`);
  const isWithdrawn = end.withdrawn !== undefined && !end.withdrawn.result?.superseded;
  if (!isWithdrawn && !isUploadedAgain) return withdrawFirst(end, failure, decidedAt);
  const failed = await findFiled(end.source, 'failed', deps);
  if (failed !== null) return outcomeOf(end, 'failed', failed, verdict, deps);
  await writeReport(reportOf(end, failure, null, deps), deps);
  return outcomeOf(end, 'failed', null, failure, deps);
}

const changed = (message: string): Trouble => ({ outcome: 'failed', errorName: 'SourceChangedError', message });

export function reportOf(end: SourceEnd, verdict: Verdict, movedTo: string | null, deps: FinishDependencies): Report {
  const { source, chunkResults } = end;
  const first = chunkResults?.find(({ chunkIndex }) => chunkIndex === 0);
  return {
    outcome: verdict.outcome,
    reason: 'errorName' in verdict ? `${verdict.errorName}: ${verdict.message}` : null,
    region: deps.region,
    source,
    totals: 'totals' in verdict ? verdict.totals : (verdict.counted ?? null),
    sameContentAs: first?.sameness?.sameContentAs ?? null,
    sameNameAs: first?.sameness?.sameNameAs ?? null,
    container: first?.container ?? null,
    chunks: chunkResults?.length ?? 0,
    rejectedPrefix: rejectedPrefixOf(source),
    movedTo,
    when: deps.now().toISOString(),
    ...(end.startedAt !== undefined && { startedAt: end.startedAt }),
  };
}

export function outcomeOf(
  end: SourceEnd,
  outcome: SourceOutcome['outcome'],
  movedTo: string | null,
  error: { errorName: string; message: string } | null,
  { log }: FinishDependencies,
): SourceOutcome {
  const values = { ...nameOf(end), outcome, movedTo, ...error };
  if (outcome === 'completed') log.info('source completed', values);
  else log[error?.errorName === accountingError ? 'error' : 'warn'](`source ${outcome}`, values);
  const { sourceId } = end.source;
  return error === null ? { sourceId, outcome } : { sourceId, outcome, reason: error.errorName.slice(0, reasonLength) };
}

const nameOf = ({ source }: SourceEnd) => ({ key: source.key, sourceId: source.sourceId });
