// The core of DB-processing: the lines of one chunk become rows, rejected records or blanks, all counted.
import type { S3Client } from '@aws-sdk/client-s3';
import type { ChunkProgress, ChunkTask } from '../shared/contract.ts';
import type { RegionRole, Session } from '../shared/mysql.ts';
import { parseReview, type RejectionReason } from './parse-review.ts';
import { readBack } from './read-back.ts';
import { readOwnedLines } from './read-lines.ts';
import { readObject } from './read-object.ts';
import { createRejectedRecords } from './rejected-records.ts';
import { type Batch, createBatchBuilder } from './review-batch.ts';
import { insertReviews, openForReviews } from './review-store.ts';
import { notPlain } from './scan-plain-line.ts';
import { createSessions } from './sessions.ts';
import { type Line, maxLineBytes } from './split-lines.ts';
import { createStatementsInFlight } from './statements-in-flight.ts';
import { createBatchWriter } from './write-batches.ts';

export interface IngestDependencies {
  s3: Pick<S3Client, 'send'>;
  /** The Region's own bucket. */
  bucket: string;
  /** The Region that ingests; becomes region_indicator. */
  region: string;
  openSession: () => Promise<Session>;
  /** Most sessions, and so statements in flight; fewer are opened where fewer will do. */
  connections: number;
  /** Most rows of a statement; in a primary `mostRowsInPrimary` if that is less. */
  batchRows: number;
  /** What is left of the invocation. */
  remainingMs: () => number;
  /** A gzip file that decompresses to more can never be ingested. */
  maxDecompressedBytes: number;
}

/** For the batches in flight, the read-back and the rejected records. */
const leastReserveMs = 10_000;
const reserveShare = 0.1;
const insertMs = 30_000;
/**
 * What the server makes of so many rows of a statement stays in a core's cache: on a busy host more cost it a tenth more CPU a row. In a
 * secondary it is the round trip of each statement that counts.
 */
const mostRowsInPrimary = 250;

/**
 * Ingests from where `task.progress` left off to the end of the chunk, or to where time runs short: then `done` is false
 * and the result is the next invocation's `task.progress`. Every invocation gets on by a batch at least. What the
 * result counts is readable in this Region. May be repeated with the same task, also while an earlier call still runs.
 * @throws {InvalidInputError | SourceChangedError | ConfigurationError | TransientDatabaseError | IncompleteIngestError | TransientStorageError}
 */
export async function ingestChunk(task: ChunkTask, deps: IngestDependencies): Promise<ChunkProgress> {
  const { source, chunkIndex } = task;
  const { remainingMs } = deps;
  const reserveMs = Math.max(leastReserveMs, remainingMs() * reserveShare);
  const progress = task.progress ? structuredClone(task.progress) : noProgress(chunkIndex);
  if (progress.done) return progress;

  const object = { bucket: deps.bucket, key: source.key, etag: source.etag };
  const read = (from: number, to: number) => readObject(deps.s3, object, from, to);
  const limits = { maxLineBytes, maxDecompressedBytes: deps.maxDecompressedBytes };
  const resumeAt = task.progress && task.progress.ownedFrom !== null ? task.progress.nextOffset : null;
  const sessions = createSessions(() => openForReviews(deps.openSession), deps.connections, remainingMs);
  const inFlight = createStatementsInFlight(deps.connections);
  let role: RegionRole | undefined;
  const insert = (batch: Batch) =>
    sessions.use(async (session) => {
      const sentAt = performance.now();
      const inserted = await insertReviews(session, batch.insert, Math.min(insertMs, Math.max(1, remainingMs())));
      role = session.role;
      inFlight.answered(performance.now() - sentAt, role);
      // Answered: no connection that lives has any of it still to send.
      batches.release(batch);
      return inserted;
    });
  const writer = createBatchWriter(insert, inFlight);
  const batches = createBatchBuilder(source.sourceId, deps.region, () =>
    role === 'primary' ? Math.min(mostRowsInPrimary, deps.batchRows) : deps.batchRows,
  );
  const rejected = createRejectedRecords(deps.s3, deps.bucket, source);

  let segmentFrom: number | null = null;
  let linesHere = 0;
  let batchesHere = 0;
  const mustStop = () => (batchesHere > 0 || linesHere >= deps.batchRows) && remainingMs() < reserveMs;
  const write = async (batch: Batch | null) => {
    if (!batch) return;
    batchesHere += 1;
    await writer.write(batch);
  };
  const account = (line: Line): Batch | null => {
    progress.lines += 1;
    progress.ownedFrom ??= line.offset;
    progress.ownedTo = line.nextOffset;
    progress.nextOffset = line.nextOffset;
    progress.openEnd = line.openEnd;
    segmentFrom ??= line.offset;
    linesHere += 1;
    const { buffer, to, tooLong } = line;
    const from = line.offset === 0 ? afterByteOrderMark(line) : line.from;
    if (!tooLong && isBlank(buffer, from, to)) {
      progress.blank += 1;
      return null;
    }
    if (!tooLong) {
      const full = batches.addPlain(line.offset, buffer, from, to);
      if (full !== notPlain) return full;
    }
    const review = tooLong ? 'line-too-long' : parseReview(buffer.subarray(from, to));
    if (typeof review === 'string') {
      countRejected(progress, review);
      rejected.add(line, review);
      return null;
    }
    progress.unknownFields += review.unknownFields;
    return batches.add(line.offset, review, to - from);
  };

  try {
    const everyLine = async () => {
      for await (const lines of readOwnedLines(source, chunkIndex, resumeAt, read, limits)) {
        for (const line of lines) {
          const full = account(line);
          if (!full) continue;
          await write(full);
          if (mustStop()) return false;
        }
        await rejected.flushFull();
        if (mustStop()) return false;
      }
      return true;
    };
    progress.done = await everyLine();
    await write(batches.take());
    const [{ inserted, alreadyPresent }] = await Promise.all([writer.finish(), rejected.flush()]);
    progress.inserted += inserted;
    progress.alreadyPresent += alreadyPresent;
    if (segmentFrom !== null && batchesHere > 0) {
      const segment = { sourceId: source.sourceId, from: segmentFrom, to: progress.nextOffset };
      await readBack(sessions, segment, inserted + alreadyPresent, remainingMs);
    }
    return progress;
  } finally {
    await sessions.close();
  }
}

const noProgress = (chunkIndex: number): ChunkProgress => ({
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

function countRejected(progress: ChunkProgress, reason: RejectionReason): void {
  progress.rejected += 1;
  progress.rejectedByReason[reason] = (progress.rejectedByReason[reason] ?? 0) + 1;
}

const afterByteOrderMark = ({ buffer, from, to }: Line) =>
  to - from >= 3 && buffer[from] === 0xef && buffer[from + 1] === 0xbb && buffer[from + 2] === 0xbf ? from + 3 : from;

function isBlank(buffer: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = buffer[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}
