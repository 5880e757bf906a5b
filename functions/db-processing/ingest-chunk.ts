// The core of DB-processing: the lines of one chunk become rows, rejected records or blanks, all counted.
import type { S3Client } from '@aws-sdk/client-s3';
import type { ChunkProgress, ChunkTask } from '../shared/contract.ts';
import type { Session } from '../shared/mysql.ts';
import { parseReview, type RejectionReason } from './parse-review.ts';
import { readBack } from './read-back.ts';
import { readOwnedLines } from './read-lines.ts';
import { readObject } from './read-object.ts';
import { createRejectedRecords } from './rejected-records.ts';
import { type Batch, createBatchBuilder } from './review-batch.ts';
import { insertReviews, openForReviews } from './review-store.ts';
import { createSessions } from './sessions.ts';
import { type Line, type LineRun, lineAt, maxLineBytes } from './split-lines.ts';
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
  /** Most rows of a statement. */
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
const newline = 0x0a;
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
  const inFlight = createStatementsInFlight(deps.connections);
  const open = async () => {
    const session = await openForReviews(deps.openSession);
    inFlight.reached(session.role);
    return session;
  };
  const sessions = createSessions(open, deps.connections, remainingMs);
  // While S3 begins to answer. So the role is known before there is a statement, and a primary is sent none by a second session.
  const prepared = sessions.prepare();
  const insert = (batch: Batch) =>
    sessions.use(async (session) => {
      const sentAt = performance.now();
      const inserted = await insertReviews(session, batch.insert, Math.min(insertMs, Math.max(1, remainingMs())));
      inFlight.answered(performance.now() - sentAt);
      // Answered: no connection that lives has any of it still to send.
      batches.release(batch);
      return inserted;
    });
  const writer = createBatchWriter(insert, inFlight);
  const batches = createBatchBuilder(source.sourceId, deps.region, deps.batchRows);
  const rejected = createRejectedRecords(deps.s3, deps.bucket, source);

  let segmentFrom: number | null = null;
  let linesHere = 0;
  let batchesHere = 0;
  const mustStop = () => (batchesHere > 0 || linesHere >= deps.batchRows) && remainingMs() < reserveMs;
  const write = async (batch: Batch | null) => {
    if (!batch) return;
    batchesHere += 1;
    await prepared;
    await writer.write(batch);
  };
  /** Lines that follow each other, up to the one before `nextOffset`. */
  const countLines = (lines: number, offset: number, nextOffset: number, openEnd: boolean) => {
    if (lines === 0) return;
    progress.lines += lines;
    progress.ownedFrom ??= offset;
    progress.ownedTo = nextOffset;
    progress.nextOffset = nextOffset;
    progress.openEnd = openEnd;
    segmentFrom ??= offset;
    linesHere += lines;
  };
  const account = (line: Line): Batch | null => {
    const { offset, nextOffset, buffer, to, tooLong } = line;
    countLines(1, offset, nextOffset, line.openEnd);
    const from = offset === 0 ? afterByteOrderMark(line) : line.from;
    if (!tooLong && isBlank(buffer, from, to)) {
      progress.blank += 1;
      return null;
    }
    const review = tooLong ? 'line-too-long' : parseReview(buffer.subarray(from, to));
    if (typeof review === 'string') {
      countRejected(progress, review);
      rejected.add(line, review);
      return null;
    }
    progress.unknownFields += review.unknownFields;
    return batches.add(offset, review, to - from);
  };
  /** False where the invocation has to stop. */
  const writeAndGoOn = async (full: Batch | null) => {
    if (!full) return true;
    await write(full);
    return !mustStop();
  };
  /** An element of an array is plain like a line, if it is one. */
  const accountAlone = async (line: Line) => {
    const { offset, nextOffset, buffer, from, to, tooLong, openEnd } = line;
    if (tooLong || buffer.subarray(from, to).includes(newline)) return writeAndGoOn(account(line));
    const plain = batches.plainLines({ buffer, from, to, offset });
    for (;;) {
      const { lines, full } = plain.add(from);
      countLines(lines, offset, nextOffset, openEnd);
      if (lines === 0 && !full) return writeAndGoOn(account(line));
      if (!(await writeAndGoOn(full))) return false;
      if (lines > 0) return true;
    }
  };
  const accountRun = async (run: LineRun) => {
    const plain = batches.plainLines(run);
    let at = run.from;
    while (at < run.to) {
      const added = plain.add(at);
      countLines(added.lines, run.offset + at - run.from, run.offset + added.to - run.from, false);
      at = added.to;
      let { full } = added;
      if (!full && at < run.to) {
        const line = lineAt(run, at);
        full = account(line);
        at += line.nextOffset - line.offset;
      }
      if (!(await writeAndGoOn(full))) return false;
    }
    return true;
  };

  try {
    const everyLine = async () => {
      for await (const lines of readOwnedLines(source, chunkIndex, resumeAt, read, limits)) {
        if (Array.isArray(lines)) {
          for (const line of lines) if (!(await accountAlone(line))) return false;
        } else if (!(await accountRun(lines))) return false;
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
