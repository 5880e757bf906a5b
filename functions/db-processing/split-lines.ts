// Lines out of blocks of bytes. Splitting is on the byte 0x0A, before any decoding: a newline byte is never part of
// another UTF-8 character, and U+2028 is not the end of a line.

/** A line that is longer is not kept in memory: its beginning is, for the rejected record. */
export const maxLineBytes = 1024 * 1024;
/** How much of an over-long line is kept. */
export const keptOfLongLineBytes = 4096;

export interface Line {
  /** First byte in the stream; the element's ordinal for an array. */
  offset: number;
  /** The offset of whatever follows this line. */
  nextOffset: number;
  /** Without the newline. A view, valid until the next block is asked for. Only the beginning, of a line that is too long. */
  bytes: Buffer;
  tooLong: boolean;
  /** Its end was not looked for: it lies somewhere after `nextOffset`. Only where `tooLong`. */
  openEnd: boolean;
}

export interface LineSplitter {
  /** The lines that end in this block. */
  push(block: Buffer): Line[];
  /** The line that has begun and has no newline: the last of the stream, or one that is given up (`openEnd`). */
  end(openEnd?: boolean): Line[];
  /** A line that has begun: where, and whether it is already known to be too long. */
  begun(): { offset: number; tooLong: boolean } | null;
  /** The offset after the last byte that was pushed. */
  position(): number;
}

const newline = 0x0a;

/** `offset`: where the first block begins, which is the beginning of a line. */
export function createLineSplitter(offset: number, maxBytes: number = maxLineBytes): LineSplitter {
  let position = offset;
  let lineOffset = offset;
  // Parts of a line that began in an earlier block.
  let parts: Buffer[] = [];
  let partsBytes = 0;
  let tooLong = false;

  const keep = (block: Buffer, from: number, to: number) => {
    if (tooLong) return;
    if (partsBytes + to - from > maxBytes) {
      tooLong = true;
      const start = Buffer.concat([...parts, block.subarray(from, Math.min(to, from + keptOfLongLineBytes))]);
      parts = [Buffer.from(start.subarray(0, keptOfLongLineBytes))];
      partsBytes = keptOfLongLineBytes;
    } else if (to > from) {
      parts.push(block.subarray(from, to));
      partsBytes += to - from;
    }
  };
  const finish = (nextOffset: number, openEnd = false): Line => {
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    const line = { offset: lineOffset, nextOffset, bytes, tooLong, openEnd };
    parts = [];
    partsBytes = 0;
    tooLong = false;
    lineOffset = nextOffset;
    return line;
  };

  return {
    push(block) {
      const lines: Line[] = [];
      const blockOffset = position;
      position += block.length;
      let from = 0;
      let at = block.indexOf(newline);
      if (at !== -1 && lineOffset < blockOffset) {
        keep(block, 0, at);
        lines.push(finish(blockOffset + at + 1));
        from = at + 1;
        at = block.indexOf(newline, from);
      }
      while (at !== -1) {
        const nextOffset = blockOffset + at + 1;
        if (at - from > maxBytes) {
          const bytes = block.subarray(from, Math.min(at, from + keptOfLongLineBytes));
          lines.push({ offset: lineOffset, nextOffset, bytes, tooLong: true, openEnd: false });
        } else {
          const bytes = block.subarray(from, at);
          lines.push({ offset: lineOffset, nextOffset, bytes, tooLong: false, openEnd: false });
        }
        lineOffset = nextOffset;
        from = at + 1;
        at = block.indexOf(newline, from);
      }
      keep(block, from, block.length);
      return lines;
    },
    end: (openEnd = false) => (lineOffset < position ? [finish(position, openEnd)] : []),
    begun: () => (lineOffset < position ? { offset: lineOffset, tooLong } : null),
    position: () => position,
  };
}
