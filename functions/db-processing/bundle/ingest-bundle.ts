// The core of DB-processing for a bundle: the objects of one invocation become rows, with the same session and the same statements.
import type { BundleProgress, BundleTask, ObjectResult } from '../../shared/bundle-contract.ts';
import { SameContentError, SurplusRowsError } from '../../shared/errors.ts';
import { mapConcurrently } from '../../shared/map-concurrently.ts';
import type { Log } from '../../shared/telemetry.ts';
import type { IngestDependencies } from '../ingest-chunk.ts';
import { openSources, type Sameness, withdrawn } from '../ledger.ts';
import { reviewParser } from '../parse-review.ts';
import { createRejectedRecords } from '../rejected-records.ts';
import { openForReviews } from '../review-store.ts';
import { createSessions, type Sessions } from '../sessions.ts';
import { countRowsOfEach, findSamenessOfEach, recordEach } from './ledger-of-many.ts';
import { countedResult, errorResult, fitResults } from './object-results.ts';
import { maxStatementBytes, type Parsed, type ParsedSource, parseSmall } from './parse-small.ts';
import { readBackEach } from './read-back-each.ts';
import { readBundle } from './read-bundle.ts';
import type { SmallRead, SmallSource } from './read-small.ts';
import { writeRows } from './write-rows.ts';

export type BundleDependencies = Omit<IngestDependencies, 'connections' | 'maxDecompressedBytes'> & { log: Log };

/** With less time than this, an invocation takes a few objects and looks again. */
const plentyMs = 120_000;
const objectsAtOnce = { inPlenty: 250, inHaste: 25 };
const leastReserveMs = 10_000;
const statementLimitMs = 30_000;
const rejectionsAtOnce = 16;

/**
 * Ingests the objects that `task.progress` has no result of. Near the deadline it stops, and `done` is false then. Each invocation gets on
 * by some objects at least. May be repeated with the same task, also while an earlier call still runs.
 * @throws {ConfigurationError | TransientDatabaseError | IncompleteIngestError | TransientStorageError} for all objects together
 */
export async function ingestBundle(task: BundleTask, deps: BundleDependencies): Promise<BundleProgress> {
  const { objects, takenFrom } = task.source;
  const results: ObjectResult[] = [...(task.progress?.results ?? [])];
  const before = results.length;
  const mustStop = () => results.length > before && deps.remainingMs() < leastReserveMs;
  const sessions = createSessions(() => openForReviews(deps.openSession), 1, deps.remainingMs);
  try {
    // The session opens while S3 answers. A failure shows when there is work for it.
    void sessions.use(async () => {}).catch(() => {});
    while (results.length < objects.length && !mustStop()) {
      const most = deps.remainingMs() > plentyMs ? objectsAtOnce.inPlenty : objectsAtOnce.inHaste;
      const part = objects.slice(results.length, results.length + most);
      const reads = await readBundle(part, { bucket: deps.bucket, takenFrom }, deps);
      results.push(...(await ingestReads(reads, task, sessions, deps)));
    }
  } finally {
    await sessions.close();
  }
  return { done: results.length >= objects.length, results: fitResults(task.source, results) };
}

/** @returns a result of each, in order */
async function ingestReads(
  reads: readonly SmallRead[],
  task: BundleTask,
  sessions: Sessions,
  deps: BundleDependencies,
): Promise<ObjectResult[]> {
  const { parser = reviewParser, region, batchRows, s3, bucket } = deps;
  const settings = {
    region,
    batchRows,
    parser,
    room: { bytes: maxStatementBytes },
    rejectedRecords: (source: Parameters<typeof createRejectedRecords>[2]) => createRejectedRecords(s3, bucket, source),
  };
  const parsed: (Parsed | ObjectResult)[] = [];
  for (const read of reads) parsed.push('source' in read ? await parseSmall(read, settings) : read);
  const errors = await ingestParsed(parsed.filter(isParsed), task, sessions, deps);
  return parsed.map((one, index): ObjectResult => {
    if (!('source' in one)) return one;
    const error = 'error' in one ? one.error : errors.get(one);
    if (error !== undefined) return errorResult(one.source, error);
    const { headers } = reads[index] as SmallSource;
    return countedResult(one.source, (one as ParsedSource).progress, headers);
  });
}

const isParsed = (one: Parsed | ObjectResult): one is ParsedSource => 'source' in one && 'progress' in one;

/** @returns what ended a source, for those that did not get to their end */
async function ingestParsed(
  parsed: readonly ParsedSource[],
  { startedAt }: BundleTask,
  sessions: Sessions,
  deps: BundleDependencies,
): Promise<Map<ParsedSource, Error>> {
  const errors = new Map<ParsedSource, Error>();
  const { sameContent, region, maxRejectedPercent, remainingMs, batchRows } = deps;
  const statementMs = () => Math.min(statementLimitMs, Math.max(1, remainingMs()));
  const going = () => parsed.filter((one) => !errors.has(one));
  if (parsed.length === 0) return errors;

  const sources = parsed.map(({ source }) => source);
  const sameness = await sessions.use((session) => findSamenessOfEach(session, sources, statementMs()));
  parsed.forEach((one, index) => {
    one.progress.sameness = sameness[index] as Sameness;
    const { sameContentAs } = sameness[index] as Sameness;
    if (sameContent === 'skip' && sameContentAs !== null)
      errors.set(one, new SameContentError(`the same content was ingested as source ${sameContentAs}`));
  });
  const openings = going().map(({ source, progress }) => ({ source, sameness: progress.sameness as Sameness }));
  if (openings.length === 0) return errors;
  const opening = { region, maxRejectedPercent, startedAt };
  const before = await sessions.use(async (session) => {
    await openSources(session, openings, opening, statementMs());
    const opened = openings.map(({ source }) => source);
    return countRowsOfEach(session, opened, statementMs());
  });

  const [closed] = await Promise.all([
    writeRows(going(), before, batchRows, sessions, statementMs),
    mapConcurrently(going(), rejectionsAtOnce, ({ rejected }) => rejected.flush()),
  ]);
  for (const one of closed) errors.set(one, withdrawn(one.source));
  for (const [one, readable] of await readBackEach(going(), sessions, remainingMs)) {
    errors.set(one, new SurplusRowsError(`${readable} rows readable, and the file makes ${one.rows} of them`));
  }
  const done = going();
  if (done.length === 0) return errors;
  const open = await sessions.use((session) => recordEach(session, done, statementMs()));
  for (const one of done) if (!open.has(one.source.sourceId)) errors.set(one, withdrawn(one.source));
  return errors;
}
