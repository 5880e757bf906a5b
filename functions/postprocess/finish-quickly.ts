// The usual end of a small source: it completes, nobody else has filed it, and its name is free. Then a report and a copy take one request
// each, and one request deletes the pending objects of many sources. Each request is on conditions. Where one fails, the long way of
// finish-source.ts looks at what is there.
import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import type { ObjectHeaders } from '../shared/bundle-contract.ts';
import type { SourceEnd } from '../shared/contract.ts';
import { completedKey } from '../shared/keys.ts';
import { callS3 } from '../shared/s3.ts';
import { type FinishDependencies, reportOf } from './finish-source.ts';
import { judgeSource } from './judge-source.ts';
import { copySource, headPending, type MoveDependencies } from './move-source.ts';
import { writeNewReport } from './write-report.ts';

/** A source with its report and its copy. Only its pending object is left to delete. */
export interface Copied {
  end: SourceEnd;
  movedTo: string;
}

/**
 * @param headers of the object, as DB-processing read it; undefined where it did not tell them
 * @returns null where the source has to go the long way. What was done by then is recognised there.
 * @throws {TransientStorageError} {ConfigurationError}
 */
export async function copyQuickly(
  end: SourceEnd,
  headers: ObjectHeaders | undefined,
  deps: FinishDependencies,
): Promise<Copied | null> {
  const verdict = judgeSource(end, deps.maxRejectedPercent);
  // A file that replaces another one is finished in two rounds.
  if (!('totals' in verdict) || deps.sameName === 'replace') return null;
  const { source } = end;
  const head = headers ? { ...headers, ContentLength: source.sizeBytes } : await headPending(source, deps);
  if (head === null) return null;
  const movedTo = completedKey(source);
  // As in move-source.ts: nothing lies under completed/ without a report.
  if (!(await writeNewReport(reportOf(end, verdict, movedTo, deps), deps))) return null;
  return (await copySource(source, head, movedTo, deps)) ? { end, movedTo } : null;
}

/** S3's limit for one request. */
const maxDeletions = 1000;
/** XML has no form for most of these characters, and the request is XML. */
const noXml = /[\p{Control}\p{Surrogate}\ufffe\uffff]/u;

/**
 * Deletes the pending objects that are still as they were copied.
 * @returns the sources whose objects are gone. The others go the long way
 * @throws {TransientStorageError} {ConfigurationError}
 */
export async function deleteCopied(
  copied: readonly Copied[],
  { s3, bucket }: Pick<MoveDependencies, 's3' | 'bucket'>,
): Promise<Set<Copied>> {
  const deletable = copied.filter(({ end }) => !noXml.test(end.source.key)).slice(0, maxDeletions);
  if (deletable.length === 0) return new Set();
  const Objects = deletable.map(({ end: { source } }) => ({ Key: source.key, ETag: source.etag }));
  const request = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
  const { Errors = [] } = await callS3(`DELETE ${deletable.length} objects`, s3.send(request));
  const kept = new Set(Errors.map(({ Key }) => Key));
  return new Set(deletable.filter(({ end }) => !kept.has(end.source.key)));
}
