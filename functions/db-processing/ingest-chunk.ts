// The core of DB-processing: turns the lines of one chunk into rows, rejected records or blanks, and counts each.
import type { S3Client } from '@aws-sdk/client-s3';
import type { ChunkProgress, ChunkTask, Source } from '../shared/contract.ts';
import { SameContentError } from '../shared/errors.ts';
import type { Session } from '../shared/mysql.ts';
import { readObject } from '../shared/read-object.ts';
import { isTooLargeForWhole, refuseTooLarge } from '../shared/size-limits.ts';
import { createLineAccount } from './account-lines.ts';
import { readWithChecksum } from './checksum-as-read.ts';
import {
  findSameness,
  forgetOtherChunks,
  noSameness,
  openSources,
  recordChunk,
  recordForms,
  type Sameness,
} from './ledger.ts';
import { type ReviewParser, reviewParser } from './parse-review.ts';
import { readBack } from './read-back.ts';
import { readOwnedLines } from './read-lines.ts';
import { createRejectedRecords } from './rejected-records.ts';
import { type Batch, createBatchBuilder } from './review-batch.ts';
import { insertReviews, openForReviews } from './review-store.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { maxLineBytes } from './split-lines.ts';
import { createStatementsInFlight } from './statements-in-flight.ts';
import { createBatchWriter } from './write-batches.ts';

export interface IngestDependencies {
  s3: Pick<S3Client, 'send'>;
  /** The Region's own bucket. */
  bucket: string;
  /** The Region that ingests; becomes region_indicator. */
  region: string;
  openSession: () => Promise<Session>;
  /** Most sessions, and so most statements in flight. It opens only as many as it can use. */
  connections: number;
  /** Most rows per statement. */
  batchRows: number;
  /** Milliseconds left of the invocation. */
  remainingMs: () => number;
  /** A compressed file with more bytes than this after decompression can never be ingested. */
  maxDecompressedBytes: number;
  /** Differs from the default if record formats are added. */
  parser?: ReviewParser;
  /** Part of the verdict. It goes into the ledger with the source. */
  maxRejectedPercent: number;
  /** What to do with a file that has the content of an ingested file. */
  sameContent: 'add' | 'skip';
}

/** Time for the batches in flight, the read-back and the rejected records. */
const leastReserveMs = 10_000;
const reserveShare = 0.1;
const insertMs = 30_000;
/**
 * Ingests from where `task.progress` ended to the end of the chunk, or until time runs short. In the second case `done` is false, and
 * the result is the next invocation's `task.progress`. Every invocation advances by at least one batch. All rows that the result counts
 * can be read in this Region. May be repeated with the same task, also while an earlier call still runs.
 * @throws {InvalidInputError | SourceChangedError | ConfigurationError | TransientDatabaseError | IncompleteIngestError | TransientStorageError}
 */
export async function ingestChunk(task: ChunkTask, deps: IngestDependencies): Promise<ChunkProgress> {
  const { source, chunkIndex } = task;
  const { remainingMs, parser = reviewParser } = deps;
  const reserveMs = Math.max(leastReserveMs, remainingMs() * reserveShare);
  const progress = task.progress ? structuredClone(task.progress) : noProgress(chunkIndex);
  if (progress.done) return progress;
  refuseTooLarge(source);

  const object = { bucket: deps.bucket, key: source.key, etag: source.etag };
  const plainRead = (from: number, to: number) => readObject(deps.s3, object, from, to);
  const checksum = readWithChecksum(plainRead, source, chunkIndex, task.progress);
  const limits = {
    maxLineBytes,
    maxDecompressedBytes: deps.maxDecompressedBytes,
    addedFormats: parser.added,
    onContainer: (container: string) => {
      progress.container = container;
    },
  };
  const resumeAt = task.progress && task.progress.ownedFrom !== null ? task.progress.nextOffset : null;
  const inFlight = createStatementsInFlight(deps.connections);
  const open = async () => {
    const session = await openForReviews(deps.openSession);
    inFlight.reached(session.role);
    return session;
  };
  const sessions = createSessions(open, deps.connections, remainingMs);
  const statementMs = () => Math.min(insertMs, Math.max(1, remainingMs()));
  // Open the first session while S3 responds. That tells us the role early, so a primary never gets a second session.
  const prepared = openLedger(task, sessions, deps, statementMs);
  // A failure shows at the await below. Until then, keep Node from reporting it as unhandled.
  prepared.catch(() => {});
  const insert = (batch: Batch) =>
    sessions.use(async (session) => {
      const sentAt = performance.now();
      const inserted = await insertReviews(session, batch.insert, source, statementMs());
      inFlight.answered(performance.now() - sentAt);
      // The server has answered, so no live connection still has to send any byte of it.
      batches.release(batch);
      return inserted;
    });
  const writer = createBatchWriter(insert, inFlight);
  const batches = createBatchBuilder(source.sourceId, deps.region, deps.batchRows, parser.plainFormats);
  const rejected = createRejectedRecords(deps.s3, deps.bucket, source);

  const isReadAgain = source.format !== 'whole' && !isTooLargeForWhole(source.sizeBytes);
  const account = createLineAccount(progress, batches, rejected, parser, isReadAgain);

  let batchesHere = 0;
  const mustStop = () =>
    (batchesHere > 0 || account.lines() >= deps.batchRows) && account.isBetweenLines() && remainingMs() < reserveMs;
  const write = async (batch: Batch | null) => {
    if (!batch) return;
    batchesHere += 1;
    await prepared;
    await writer.write(batch);
  };

  try {
    const everyLine = async () => {
      for await (const lines of readOwnedLines(source, chunkIndex, resumeAt, checksum.read, limits)) {
        for (const full of account.fullBatches(lines)) {
          await write(full);
          if (mustStop()) return false;
        }
        await rejected.flushFull();
        if (mustStop()) return false;
      }
      return true;
    };
    progress.done = await everyLine();
    const crc = checksum.progress();
    if (crc) progress.crc = crc;
    for (const batch of batches.takeRest()) await write(batch);
    const [{ inserted, alreadyPresent }] = await Promise.all([writer.finish(), rejected.flush()]);
    progress.inserted += inserted;
    progress.alreadyPresent += alreadyPresent;
    const from = account.firstOffset();
    if (from !== null && batchesHere > 0) {
      const segment = { sourceId: source.sourceId, from, to: progress.nextOffset };
      await readBack(sessions, segment, inserted + alreadyPresent, remainingMs);
    }
    const sameness = await prepared;
    if (chunkIndex === 0) progress.sameness = sameness;
    if (progress.done) await recordDone(source, progress, sessions, statementMs);
    return progress;
  } finally {
    await sessions.close();
  }
}

/** Opens the source in the ledger, before its first row. The first chunk also looks for similar files. */
async function openLedger(
  { source, chunkIndex, startedAt, progress }: ChunkTask,
  sessions: Sessions,
  { region, maxRejectedPercent, sameContent }: IngestDependencies,
  statementMs: () => number,
): Promise<Sameness> {
  return sessions.use(async (session) => {
    const known = progress?.sameness;
    const looks = known === undefined && (chunkIndex === 0 || sameContent === 'skip');
    const [found = noSameness] = looks ? await findSameness(session, [source], statementMs()) : [];
    const sameness = known ?? found;
    if (sameContent === 'skip' && sameness.sameContentAs !== null) {
      throw new SameContentError(`the same content was ingested as source ${sameness.sameContentAs}`);
    }
    await openSources(session, [{ source, sameness }], { region, maxRejectedPercent, startedAt }, statementMs());
    return sameness;
  });
}

/** Runs after the read-back, because the ledger never says more than can be read. */
async function recordDone(
  source: Source,
  progress: ChunkProgress,
  sessions: Sessions,
  statementMs: () => number,
): Promise<void> {
  await sessions.use(async (session) => {
    await recordChunk(session, source, progress, statementMs());
    await forgetOtherChunks(session, [source], statementMs());
    if (progress.chunkIndex === 0) await recordForms(session, [{ source, progress }], statementMs());
  });
}

export const noProgress = (chunkIndex: number): ChunkProgress => ({
  chunkIndex,
  done: false,
  nextOffset: 0,
  ownedFrom: null,
  ownedTo: null,
  openEnd: false,
  lines: 0,
  blank: 0,
  inserted: 0,
  alreadyPresent: 0,
  rejected: 0,
  rejectedByReason: {},
  unknownFields: 0,
});
