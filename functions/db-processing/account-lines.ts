// Turns lines into rows of a batch, rejected records or blanks, and counts each.

import { isUtf8 } from 'node:buffer';
import { newline, openBrace, openBracket } from '../shared/bytes.ts';
import type { ChunkProgress } from '../shared/contract.ts';
import { NotLinesError } from '../shared/errors.ts';
import { type RejectionReason, type Review, type ReviewParser, reviewParser } from './parse-review.ts';
import type { Lines } from './read-lines.ts';
import type { RejectedRecords } from './rejected-records.ts';
import type { Batch, BatchBuilder } from './review-batch.ts';
import { bytesOf, type Line, type LineRun, lineAt } from './split-lines.ts';
import { goesOnBehindLine, holdsSeveral, valuesInLine } from './values-in-lines.ts';

export interface LineAccount {
  /** Full batches, in order. `progress` counts a line only after the caller has taken the batch before it. */
  fullBatches(lines: Lines): Generator<Batch>;
  /** Offset of the first line that this run counted. */
  firstOffset(): number | null;
  /** How many lines it counted. */
  lines(): number;
  /** False inside a line with several values. DB-processing must not stop there: the rest of an array cannot be read alone. */
  isBetweenLines(): boolean;
}

/** True if the line is not the rest of a damaged line. */
const isValue = ({ buffer, from }: Line) => buffer[from] === openBrace || buffer[from] === openBracket;

export function createLineAccount(
  progress: ChunkProgress,
  batches: Pick<BatchBuilder, 'add' | 'plainLines'>,
  rejected: Pick<RejectedRecords, 'add'>,
  { parseReview, parseRecord }: Pick<ReviewParser, 'parseReview' | 'parseRecord'> = reviewParser,
  /** The source can be read again as a whole, if a line turns out to be the start of a longer value. */
  isReadAgain = false,
): LineAccount {
  let firstOffset: number | null = null;
  let counted = 0;
  let isBetweenLines = true;

  /** Consecutive lines, up to the one at `nextOffset`. */
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
  /** A line that is not plain, and the result of reading it. */
  const account = (line: Line, review: Review | RejectionReason | 'blank'): Batch | null => {
    const { offset, nextOffset, from, to, openEnd } = line;
    count(1, offset, nextOffset, openEnd);
    if (review === 'blank') {
      progress.blank += 1;
      return null;
    }
    if (typeof review === 'string') {
      countRejected(progress, review);
      rejected.add(line, review);
      return null;
    }
    countReview(progress, review);
    return batches.add(offset, review, to - from);
  };
  const read = (line: Line): Review | RejectionReason | 'blank' => {
    const { offset, buffer, to, tooLong, record, reason } = line;
    if (tooLong) return 'line-too-long';
    const from = offset === 0 ? afterByteOrderMark(line) : line.from;
    if (isBlank(buffer, from, to)) return 'blank';
    if (reason !== undefined) return reason;
    const bytes = buffer.subarray(from, to);
    if (record === undefined) return parseReview(bytes);
    return isUtf8(bytes) ? parseRecord(record) : 'invalid-utf8';
  };
  /** A line may hold several values, an array of values, or a value with a comma or a mark around it. Each value is then a record. */
  function* accountEach(line: Line, run?: LineRun): Generator<Batch> {
    const review = read(line);
    const isLine = line.isValue === undefined && line.record === undefined;
    if (isLine && isReadAgain && goesOn(line, review, run)) throw new NotLinesError('a value goes on behind its line');
    const values = isLine ? valuesIn(line, review) : [];
    if (values.length === 0) {
      const full = account(line, review);
      if (full) yield full;
    }
    for (const [index, value] of values.entries()) {
      const place = { ...value, nextOffset: values[index + 1]?.offset ?? line.nextOffset };
      const full = account(place, read(place));
      isBetweenLines = index === values.length - 1;
      if (full) yield full;
    }
  }
  /** Whether the line's value continues in the next line. */
  const goesOn = (line: Line, review: Review | RejectionReason | 'blank', run?: LineRun): boolean => {
    if (review === 'line-too-long') return holdsSeveral(bytesOf(line));
    if (review !== 'malformed-json' || run === undefined) return false;
    const at = run.from + line.offset - run.offset;
    return goesOnBehindLine(run.buffer.subarray(at, run.readTo ?? run.to), run.endsFile ?? false);
  };
  const valuesIn = (line: Line, review: Review | RejectionReason | 'blank'): Line[] => {
    if (review !== 'malformed-json' && review !== 'not-an-object') return [];
    const bytes = bytesOf(line);
    const values = valuesInLine(Buffer.from(bytes), line.offset);
    if (review === 'not-an-object') return values.some(({ buffer }) => buffer[0] === openBrace) ? values : [];
    const isOther = values.length > 1 || (values[0]?.to ?? bytes.length) < bytes.length;
    return isOther && values.every(isValue) ? values : [];
  };
  function* ofRun(run: LineRun): Generator<Batch> {
    const plain = batches.plainLines(run);
    for (let at = run.from; at < run.to; ) {
      const added = plain.add(at);
      countPlain(progress, added);
      count(added.lines, run.offset + at - run.from, run.offset + added.to - run.from, false);
      at = added.to;
      if (added.full) yield added.full;
      else if (at < run.to) {
        const line = lineAt(run, at);
        at += line.nextOffset - line.offset;
        yield* accountEach(line, run);
      }
    }
  }
  /** An element of an array can be plain as a line can, if no line ends in it. */
  function* ofOne(line: Line): Generator<Batch> {
    const { offset, nextOffset, buffer, from, to, tooLong, openEnd } = line;
    if (
      !tooLong &&
      line.record === undefined &&
      line.reason === undefined &&
      !buffer.subarray(from, to).includes(newline)
    ) {
      const plain = batches.plainLines({ buffer, from, to, offset });
      let added = plain.add(from);
      if (added.lines === 0 && added.full) {
        // The batch had no room for it.
        yield added.full;
        added = plain.add(from);
      }
      countPlain(progress, added);
      count(added.lines, offset, nextOffset, openEnd);
      if (added.full) yield added.full;
      if (added.lines > 0) return;
    }
    yield* accountEach(line);
  }

  return {
    *fullBatches(lines) {
      if (Array.isArray(lines)) for (const line of lines) yield* ofOne(line);
      else yield* ofRun(lines);
    },
    firstOffset: () => firstOffset,
    lines: () => counted,
    isBetweenLines: () => isBetweenLines,
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

/** People write no longer lines of other blanks. */
const mostOtherBlanks = 256;

/** Some writers make a file too large and leave zero bytes at its end. DOS ends a text with 0x1A. */
function isBlank(buffer: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = buffer[at] as number;
    if (byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0 || byte === 0x1a) continue;
    // Unicode has other blanks, such as the no-break space.
    const mayBeBlank = (byte >= 0x80 || byte === 0x0b || byte === 0x0c) && to - from <= mostOtherBlanks;
    const text = mayBeBlank ? buffer.toString('utf8', from, to) : 'x';
    return text.replaceAll('\0', '').replaceAll('\u001a', '').trim() === '';
  }
  return true;
}
