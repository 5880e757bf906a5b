// Lines out of blocks of bytes. Splitting is on the byte 0x0A, before any decoding: a newline byte is never part of
import { newline } from '../shared/bytes.ts';
// another UTF-8 character, and U+2028 is not the end of a line.

/** Of a longer line, only the beginning is kept in memory, for the rejected record. */
export const maxLineBytes = 1024 * 1024;
/** How much of an over-long line is kept. */
export const keptOfLongLineBytes = 4096;

export interface Line {
  /** The place of its first byte in the stream, or the element's ordinal in an array. */
  offset: number;
  /** The offset of the byte after this line and its newline. */
  nextOffset: number;
  /** Its bytes without the newline are [from, to), valid until the next block is pushed. A line that is too long has only its beginning. */
  buffer: Buffer;
  from: number;
  to: number;
  tooLong: boolean;
  /** Nobody looked for its end, which lies somewhere after `nextOffset`. Only if `tooLong`. */
  openEnd: boolean;
  /** It was split off as one value, so it cannot hold several. */
  isValue?: true;
  /** A table row's fields by name. */
  record?: Record<string, string>;
  /** Why a table row is no record. */
  reason?: 'unclosed-quote' | 'malformed-row';
}

export const bytesOf = ({ buffer, from, to }: Line): Buffer => buffer.subarray(from, to);

/** Whole lines, one after the other, each with its newline: the bytes [from, to), valid until the next block is pushed. */
export interface LineRun {
  buffer: Buffer;
  from: number;
  to: number;
  /** Of the first one. */
  offset: number;
  /** Up to here, the buffer has the next bytes of the file, as far as they are read. */
  readTo?: number;
  /** The file ends there. */
  endsFile?: boolean;
}

/** The line of the run that begins at `at`. */
export function lineAt(run: LineRun, at: number, maxBytes: number = maxLineBytes): Line {
  const end = run.buffer.indexOf(newline, at);
  const offset = run.offset + at - run.from;
  const tooLong = end - at > maxBytes;
  const to = tooLong ? Math.min(end, at + keptOfLongLineBytes) : end;
  return { offset, nextOffset: offset + end + 1 - at, buffer: run.buffer, from: at, to, tooLong, openEnd: false };
}

/** The lines of the run that begin before `offset`. */
export function linesBefore(run: LineRun, offset: number): LineRun {
  const at = run.from + offset - run.offset;
  if (at >= run.to) return run;
  // The last of them ends with the first newline from the byte before `offset` on.
  return { ...run, to: at <= run.from ? run.from : run.buffer.indexOf(newline, at - 1) + 1 };
}

export interface LineSplitter {
  /** The lines that end in this block. The first may be a line that is already known to be too long. */
  push(block: Buffer): { tooLong: Line | null; run: LineRun };
  /** The line that has begun and has no newline: the last of the stream, or an abandoned one (`openEnd`). */
  end(openEnd?: boolean): Line[];
  /** Where the current line began, and whether it is already known to be too long. */
  begun(): { offset: number; tooLong: boolean } | null;
}

/** Room for a block from S3 and the part of a line before it. */
const usualRoom = 128 * 1024;

/**
 * `offset`: of the first block, at which a line begins. Each block is copied into one buffer. Code that always reads from the same
 * buffer is a fifth faster than code with a view per line (docs/performance.md).
 */
export function createLineSplitter(offset: number, maxBytes: number = maxLineBytes): LineSplitter {
  let position = offset;
  let lineOffset = offset;
  let buffer = Buffer.allocUnsafeSlow(usualRoom);
  /** The place in the buffer of the current line's first byte. */
  let begun = 0;
  /** The place after the last byte in the buffer. */
  let end = 0;
  let tooLong = false;

  const append = (block: Buffer) => {
    if (end + block.length > buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end + block.length, 2 * buffer.length));
      buffer.copy(larger, 0, 0, end);
      buffer = larger;
    }
    end += block.copy(buffer, end);
  };
  /** The line that has begun, of which all bytes are in the buffer that are kept; the next one begins at `nextOffset`. */
  const finish = (nextOffset: number, openEnd = false): Line => {
    const cut = tooLong || end - begun > maxBytes;
    const line = {
      offset: lineOffset,
      nextOffset,
      buffer,
      from: begun,
      to: cut ? Math.min(end, begun + keptOfLongLineBytes) : end,
      tooLong: cut,
      openEnd,
    };
    tooLong = false;
    lineOffset = nextOffset;
    return line;
  };

  return {
    push(block) {
      position += block.length;
      buffer.copyWithin(0, begun, end);
      end -= begun;
      begun = 0;
      let rest = block;
      let long: Line | null = null;
      if (tooLong) {
        // Drop the rest of the line.
        const at = block.indexOf(newline);
        rest = at === -1 ? block.subarray(block.length) : block.subarray(at + 1);
        if (at !== -1) {
          long = finish(position - rest.length);
          begun = end;
        }
      }
      const from = begun;
      const offset = lineOffset;
      /** How many bytes of the rest belong to complete lines. */
      const ended = rest.lastIndexOf(newline) + 1;
      if (ended > 0) begun = end + ended;
      append(rest);
      if (ended > 0) lineOffset = position - (end - begun);
      if (end - begun > maxBytes) {
        tooLong = true;
        end = begun + Math.min(end - begun, keptOfLongLineBytes);
      }
      return { tooLong: long, run: { buffer, from, to: begun, offset, readTo: end } };
    },
    end: (openEnd = false) => (lineOffset < position ? [finish(position, openEnd)] : []),
    begun: () => (lineOffset < position ? { offset: lineOffset, tooLong } : null),
  };
}
