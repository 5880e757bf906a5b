// JSON values out of blocks of bytes, in whatever arrangement: one after the other, pretty-printed, with commas, record separators or
// nothing between them. Only texts and brackets are followed. What is no value ends with its line, and costs no other one.
import { InvalidInputError } from '../shared/errors.ts';
import { keptOfLongLineBytes, type Line, maxLineBytes } from './split-lines.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const recordSeparator = 0x1e;

/** Each level costs memory while the value is open. No line can have so many. */
const mostLevels = 2 * maxLineBytes;

const isLineEnd = (byte: number) => byte === newline || byte === carriageReturn;
const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || isLineEnd(byte);
/** Between values: blanks, a comma, a record separator, and the bytes of a byte order mark. */
const separates = (byte: number) =>
  isBlank(byte) || byte === comma || byte === recordSeparator || byte === 0xef || byte === 0xbb || byte === 0xbf;

export interface ValueSplitter {
  /** The values that end in this block. */
  push(block: Buffer): Line[];
  /** What has begun and does not end. */
  end(): Line[];
}

/** `value`: a JSON value. `junk`: something else, up to its line end. */
type State = 'between' | 'value' | 'text' | 'junk';

/**
 * `offset`: where the first block begins. A value's offset is that of its first byte; of the first value in a line, that of the line, as
 * for JSON lines, so that both ways to read a file give its rows the same keys.
 */
export function createValueSplitter(offset = 0, maxBytes: number = maxLineBytes): ValueSplitter {
  let state: State = 'between';
  /** Bytes that are not split yet: of the value in hand, and of the block. */
  let buffer: Buffer = Buffer.alloc(0);
  /** Of its first byte. */
  let bufferOffset = offset;
  /** Of the value in hand, in the buffer. */
  let begin = 0;
  let beginOffset = offset;
  /** The value in hand is over the bound, and only its beginning is kept. */
  let long: Buffer | null = null;
  let isEscaped = false;
  /** The brackets that are open, innermost last. */
  let open: number[] = [];
  /** The last byte of the value that is no blank. */
  let last = 0;
  let lineOffset = offset;
  let isFirstInLine = true;
  /** A brace at the beginning of a line, inside of a value: with a name right behind it, it is the next record of a damaged one. */
  let mayBeNext = -1;
  /** The value is an object that is written over indented lines: no other one in it begins a line without a blank. */
  let isIndented = false;

  const start = (at: number, next: State) => {
    state = next;
    begin = at;
    beginOffset = isFirstInLine ? lineOffset : bufferOffset + at;
    isFirstInLine = false;
    open = [];
    last = 0;
    long = null;
    mayBeNext = -1;
    isIndented = false;
  };
  const finish = (end: number): Line => {
    const tooLong = long !== null || end - begin > maxBytes;
    const kept = long ?? Buffer.from(buffer.subarray(begin, tooLong ? begin + keptOfLongLineBytes : end));
    const line = {
      offset: beginOffset,
      nextOffset: bufferOffset + end,
      buffer: kept,
      from: 0,
      to: kept.length,
      tooLong,
      openEnd: false,
    };
    state = 'between';
    long = null;
    return line;
  };
  const endLine = (at: number) => {
    lineOffset = bufferOffset + at + 1;
    isFirstInLine = true;
  };

  /** One byte of a value, outside of its texts. Returns the lines that it ends. */
  const step = (byte: number, at: number): Line[] => {
    if (mayBeNext >= 0) {
      const next = mayBeNext;
      mayBeNext = -1;
      if (byte === quote) {
        const damaged = finish(next);
        lineOffset = bufferOffset + next;
        isFirstInLine = true;
        start(next, 'value');
        open.push(openBrace);
        last = openBrace;
        return [damaged, ...step(byte, at)];
      }
    }
    if ((byte === 0x20 || byte === 0x09) && isLineEnd(buffer[at - 1] ?? 0)) isIndented = true;
    if (byte === quote) state = 'text';
    else if (byte === openBrace || byte === openBracket) {
      if (open.length >= mostLevels) throw new InvalidInputError(`a value has more than ${mostLevels} levels`);
      const top = open.at(-1);
      // A record cannot begin where a name has to stand: the one in hand was cut off.
      const isOutdented = isIndented && open[0] === openBrace && isLineEnd(buffer[at - 1] ?? 0);
      const isInsteadOfName = top === openBrace && (last === comma || last === openBrace);
      const isDamaged = byte === openBrace && (isOutdented || isInsteadOfName);
      if (isDamaged) {
        const damaged = finish(at);
        if (isOutdented) {
          lineOffset = bufferOffset + at;
          isFirstInLine = true;
        }
        start(at, 'value');
        open.push(byte);
        last = byte;
        return [damaged];
      }
      if (top !== undefined && byte === openBrace && isLineEnd(buffer[at - 1] ?? 0)) mayBeNext = at;
      open.push(byte);
    } else if (byte === closeBrace || byte === closeBracket) {
      open.pop();
      if (open.length === 0) return [finish(at + 1)];
    }
    if (!isBlank(byte)) last = byte;
    return [];
  };

  const at = (index: number): Line[] => {
    const byte = buffer[index] as number;
    if (state === 'between') {
      if (separates(byte)) {
        if (byte === newline) endLine(index);
        return [];
      }
      const isValue = byte === openBrace || byte === openBracket;
      start(index, isValue ? 'value' : 'junk');
      return isValue ? step(byte, index) : [];
    }
    if (state === 'value') return step(byte, index);
    if (state === 'junk') {
      if (!isLineEnd(byte) && byte !== recordSeparator) return [];
      const junk = finish(index);
      if (byte === newline) endLine(index);
      return [junk];
    }
    if (isLineEnd(byte)) {
      // No text of JSON goes on behind a line end: the value was cut off.
      isEscaped = false;
      const damaged = finish(index);
      if (byte === newline) endLine(index);
      return [damaged];
    }
    if (isEscaped) isEscaped = false;
    else if (byte === backslash) isEscaped = true;
    else if (byte === quote) {
      state = 'value';
      last = byte;
    }
    return [];
  };

  /** Keeps what is not split yet. */
  const carry = (): void => {
    const isOpen = state !== 'between';
    // The byte before a brace tells whether a line begins with it.
    const from = isOpen ? begin : Math.max(0, buffer.length - 1);
    if (isOpen && (long !== null || buffer.length - begin > maxBytes)) {
      long ??= Buffer.from(buffer.subarray(begin, begin + keptOfLongLineBytes));
      const keep = Math.max(begin, mayBeNext >= 0 ? mayBeNext - 1 : buffer.length - 1);
      if (mayBeNext >= 0) mayBeNext -= keep;
      bufferOffset += keep;
      buffer = buffer.subarray(keep);
      begin = 0;
      return;
    }
    bufferOffset += from;
    buffer = buffer.subarray(from);
    if (mayBeNext >= 0) mayBeNext -= from;
    begin = 0;
  };

  return {
    push(block) {
      const from = buffer.length;
      buffer = from === 0 ? block : Buffer.concat([buffer, block]);
      const lines: Line[] = [];
      for (let index = from; index < buffer.length; index += 1) {
        const ended = at(index);
        if (ended.length > 0) lines.push(...ended);
      }
      carry();
      return lines;
    },
    end: () => (state === 'between' ? [] : [finish(buffer.length)]),
  };
}

/** The values of one line, with the offsets that they have in the stream; empty where there is none. */
export function valuesInLine(bytes: Buffer, offset: number): Line[] {
  const splitter = createValueSplitter(offset);
  return [...splitter.push(bytes), ...splitter.end()];
}
