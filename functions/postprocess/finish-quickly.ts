// The usual end of a small source in four requests: it completes, nobody else has filed it, and its name is free. Each request is on a
// condition. Where one fails, the long way of finish-source.ts looks at what is there.
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { SourceEnd, SourceOutcome } from '../shared/contract.ts';
import { completedKey, originMetadata, sourceIdMetadata } from '../shared/keys.ts';
import { isAbsent, isConflict, storageError } from '../shared/s3.ts';
import { copyObject } from './copy-object.ts';
import { type FinishDependencies, outcomeOf, reportOf } from './finish-source.ts';
import { judgeSource } from './judge-source.ts';
import { headPending } from './move-source.ts';
import { writeNewReport } from './write-report.ts';

/**
 * @returns null where the source has to go the long way. What was done by then is recognised there.
 * @throws {TransientStorageError} {ConfigurationError}
 */
export async function finishQuickly(end: SourceEnd, deps: FinishDependencies): Promise<SourceOutcome | null> {
  const verdict = judgeSource(end, deps.maxRejectedPercent);
  // A file that replaces another one is finished in two rounds.
  if (!('totals' in verdict) || deps.sameName === 'replace') return null;
  const { source } = end;
  const head = await headPending(source, deps);
  if (head === null) return null;
  const movedTo = completedKey(source);
  // As in move-source.ts: nothing lies under completed/ without a report.
  if (!(await writeNewReport(reportOf(end, verdict, movedTo, deps), deps))) return null;
  const { bucket, limits, s3 } = deps;
  const metadata = { [sourceIdMetadata]: source.sourceId, [originMetadata]: source.originBucket };
  const names = { bucket, from: source.key, to: movedTo, etag: source.etag };
  try {
    await copyObject({ ...names, head, metadata, onlyIfNew: true }, limits, s3);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: source.key, IfMatch: source.etag }));
  } catch (error) {
    if (isAbsent(error) || isConflict(error)) return null;
    throw storageError(error, `moving ${source.key} to ${movedTo}`);
  }
  return outcomeOf(end, 'completed', movedTo, null, deps);
}
