// Takes a completed source out, or puts a withdrawn one back. Each step finds the work of an earlier run. So repeat a run
// that was stopped anywhere.
import { DeleteObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { copyObject } from '../../functions/postprocess/copy-object.ts';
import type { Report, ReportedWithdrawal } from '../../functions/postprocess/write-report.ts';
import { checksumByS3 } from '../../functions/shared/checksum.ts';
import type { Withdrawal } from '../../functions/shared/contract.ts';
import {
  completedKey,
  completedKeyById,
  originMetadata,
  sourceIdMetadata,
  withdrawnKey,
} from '../../functions/shared/keys.ts';
import { isAbsent, isConflict, storageError } from '../../functions/shared/s3.ts';
import { headObject, type Store } from '../objects.ts';
import { checksumOf, limits } from '../reconcile/find-short-sources.ts';
import { updateReport } from '../reports.ts';

type Source = Report['source'];

export interface WithdrawDependencies extends Store {
  /** Asks DB-processing to continue taking the source's rows out; `rows` are those of earlier calls. */
  withdrawRows(source: Source, rows: number): Promise<Withdrawal>;
  /** Rows of the source in the Region's database. */
  countRows(sourceId: string): Promise<number>;
  now(): Date;
}

/**
 * First the report says that the source is withdrawn, so that a reconcile does not count it as short. Then its rows go,
 * then the file moves, and then the report says that all is done.
 */
export async function withdrawSource(
  { source }: Report,
  audit: { reason: string; by: string | null },
  deps: WithdrawDependencies,
): Promise<void> {
  const rows = await deps.countRows(source.sourceId);
  await updateReport(deps, source, (former) => begun(former, { ...audit, when: deps.now().toISOString(), rows }));
  let withdrawn = await deps.withdrawRows(source, 0);
  while (!withdrawn.done) withdrawn = await deps.withdrawRows(source, withdrawn.rows);
  await moveToWithdrawn(source, deps);
  await updateReport(deps, source, (former) => withLast(former, { doneWhen: deps.now().toISOString() }));
}

function begun(former: Report, withdrawal: ReportedWithdrawal): Report | null {
  if (former.outcome === 'withdrawn' && former.withdrawals?.at(-1)?.doneWhen === undefined) return null;
  return {
    ...former,
    outcome: 'withdrawn',
    reason: `withdrawn: ${withdrawal.reason}`,
    movedTo: withdrawnKey(former.source),
    withdrawals: [...(former.withdrawals ?? []), withdrawal],
  };
}

/** The report with `change` in its last withdrawal. */
function withLast(former: Report, change: Partial<ReportedWithdrawal>): Report {
  const withdrawals = former.withdrawals ?? [];
  return {
    ...former,
    withdrawals: withdrawals.map((each, index) => (index === withdrawals.length - 1 ? { ...each, ...change } : each)),
  };
}

const isSource = (head: HeadObjectCommandOutput | null, { sourceId }: Source) =>
  head?.Metadata?.[sourceIdMetadata] === sourceId;

/** If the file is not under completed/, a person removed it. Its rows are gone then, and there is nothing to move. */
async function moveToWithdrawn(source: Source, deps: WithdrawDependencies): Promise<void> {
  for (const from of [completedKey(source), completedKeyById(source)]) {
    const head = await headObject(deps, from);
    if (head === null || !isSource(head, source)) continue;
    await copy(source, from, withdrawnKey(source), head, deps);
    await remove(from, head, deps);
  }
}

/**
 * The copy under the pending prefix says in its metadata which source it is, and the report confirms it. The copy may be
 * ingested before this ends: then its new report stays, and only says also that the withdrawal was undone.
 * @throws {Error} if the file is not under withdrawn/, or where another file waits under its name
 */
export async function putBack({ source, outcome, withdrawals }: Report, deps: WithdrawDependencies): Promise<void> {
  const from = withdrawnKey(source);
  const head = await headObject(deps, from);
  const isThere = isSource(head, source);
  const isDone = outcome !== 'withdrawn' && withdrawals?.at(-1)?.undoneWhen !== undefined && !isThere;
  if (isDone) return;
  if (head === null || !isThere) throw new Error(`the file is not under ${from}. Upload it again`);
  if (outcome !== 'completed') {
    const pending = await headObject(deps, source.key);
    if (pending && !isSource(pending, source)) {
      throw new Error(`another file waits under ${source.key}. Wait until it is ingested, then try again`);
    }
    if (source.checksum === undefined) await confirmContent(source, from, head, deps);
    if (!pending) await copy(source, from, source.key, head, deps);
  }
  const undone = { undoneWhen: deps.now().toISOString() };
  await updateReport(deps, source, (former) =>
    withLast(former.outcome === 'withdrawn' ? waiting(former) : former, undone),
  );
  await remove(from, head, deps);
}

/** Reports of earlier versions hold no checksum. Without one, Preprocess would not believe that the copy is this source. */
async function confirmContent(source: Source, from: string, head: HeadObjectCommandOutput, deps: WithdrawDependencies) {
  const object = { bucket: deps.bucket, key: from, etag: head.ETag ?? '' };
  const checksum = checksumByS3(head) ?? (await checksumOf(object, head.ContentLength ?? 0, deps.s3));
  await updateReport(deps, source, (former) => ({ ...former, source: { ...former.source, checksum } }));
}

const waiting = (former: Report): Report => ({
  ...former,
  outcome: 'pending',
  reason: 'put back: its withdrawal was undone',
  totals: null,
  movedTo: null,
});

async function copy(
  source: Source,
  from: string,
  to: string,
  head: HeadObjectCommandOutput,
  deps: WithdrawDependencies,
) {
  const metadata = { [sourceIdMetadata]: source.sourceId, [originMetadata]: source.originBucket };
  const etag = head.ETag ?? '';
  try {
    await copyObject({ bucket: deps.bucket, from, to, etag, head, metadata, onlyIfNew: true }, limits, deps.s3);
  } catch (error) {
    // An earlier run made the copy.
    if (isConflict(error) && isSource(await headObject(deps, to), source)) return;
    throw storageError(error, `COPY ${from} to ${to}`);
  }
}

/** Deletes only this version of the object. Other content under the same name stays. */
async function remove(key: string, { ETag }: HeadObjectCommandOutput, { s3, bucket }: Store): Promise<void> {
  try {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, ...(ETag !== undefined && { IfMatch: ETag }) }));
  } catch (error) {
    if (!isAbsent(error) && !isConflict(error)) throw storageError(error, `DELETE ${key}`);
  }
}
