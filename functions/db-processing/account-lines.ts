// What becomes of lines: rows of a batch, rejected records or blanks, all counted.
import type { ChunkProgress } from '../shared/contract.ts';
import { type RejectionReason, type Review, type ReviewParser, reviewParser } from './parse-review.ts';
import type { Lines } from './read-lines.ts';
import type { RejectedRecords } from './rejected-records.ts';
import type { Batch, BatchBuilder } from './review-batch.ts';
import { type Line, type LineRun, lineAt } from './split-lines.ts';

export interface LineAccount {
  /** The batches that the lines make full, in order. A line is counted, in `progress`, when the batch that it comes after was asked for. */
  fullBatches(lines: Lines): Generator<Batch>;
  /** Offset of the first line that was counted here. */
  firstOffset(): number | null;
  /** How many were. */
  lines(): number;
}

const newline = 0x0a;

export function createLineAccount(
  progress: ChunkProgress,
  batches: Pick<BatchBuilder, 'add' | 'plainLines'>,
  rejected: Pick<RejectedRecords, 'add'>,
  { parseReview }: Pick<ReviewParser, 'parseReview'> = reviewParser,
): LineAccount {
  let firstOffset: number | null = null;
  let counted = 0;

  /** Lines that follow each other, up to the one at `nextOffset`. */
  const count = (lines: number, offset: number, nextOffset: number, openEnd: boolean) => {
    if (lines === 0) return;
    progress.lines += lines;
    progress.ownedFrom ??= offset;
    progress.ownedTo = nextOffset;
    progress.nextOffset = nextOffset;
    progress.openEnd = openEnd;
    firstOffset ??= offset;
    counted += lines;
  };
  /** A line that is not plain. */
  const account = (line: Line): Batch | null => {
    const { offset, nextOffset, buffer, to, tooLong, openEnd } = line;
    count(1, offset, nextOffset, openEnd);
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
    countReview(progress, review);
    return batches.add(offset, review, to - from);
  };
  function* ofRun(run: LineRun): Generator<Batch> {
    const plain = batches.plainLines(run);
    for (let at = run.from; at < run.to; ) {
      const added = plain.add(at);
      countPlain(progress, added);
      count(added.lines, run.offset + at - run.from, run.offset + added.to - run.from, false);
      at = added.to;
      let { full } = added;
      if (!full && at < run.to) {
        const line = lineAt(run, at);
        full = account(line);
        at += line.nextOffset - line.offset;
      }
      if (full) yield full;
    }
  }
  /** An element of an array is plain as a line is, if it is one. */
  function* ofOne(line: Line): Generator<Batch> {
    const { offset, nextOffset, buffer, from, to, tooLong, openEnd } = line;
    if (!tooLong && !buffer.subarray(from, to).includes(newline)) {
      const plain = batches.plainLines({ buffer, from, to, offset });
      let added = plain.add(from);
      if (added.lines === 0 && added.full) {
        // It had no room.
        yield added.full;
        added = plain.add(from);
      }
      countPlain(progress, added);
      count(added.lines, offset, nextOffset, openEnd);
      if (added.full) yield added.full;
      if (added.lines > 0) return;
    }
    const full = account(line);
    if (full) yield full;
  }

  return {
    *fullBatches(lines) {
      if (Array.isArray(lines)) for (const line of lines) yield* ofOne(line);
      else yield* ofRun(lines);
    },
    firstOffset: () => firstOffset,
    lines: () => counted,
  };
}

function countRejected(progress: ChunkProgress, reason: RejectionReason): void {
  progress.rejected += 1;
  progress.rejectedByReason[reason] = (progress.rejectedByReason[reason] ?? 0) + 1;
}

/** Counts what is known of plain lines apart from their rows. */
function countPlain(progress: ChunkProgress, added: { lines: number; format: string; unknownFields: number }): void {
  if (added.lines === 0) return;
  progress.unknownFields += added.unknownFields;
  progress.recordFormats ??= {};
  countOne(progress.recordFormats, added.format, added.lines);
}

/** Counts what is known of a review apart from its row. */
function countReview(progress: ChunkProgress, review: Review): void {
  progress.unknownFields += review.unknownFields;
  const { format, misfits } = review;
  if (misfits.length > 0) progress.misfits ??= {};
  for (const column of misfits) countOne(progress.misfits ?? {}, column);
  progress.recordFormats ??= {};
  countOne(progress.recordFormats, format);
}

function countOne(counts: Record<string, number>, name: string, more = 1): void {
  counts[name] = (counts[name] ?? 0) + more;
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
