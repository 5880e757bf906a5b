// JSON values out of blocks of bytes, in any arrangement: one after the other, pretty-printed, in arrays, with commas, record separators or
// nothing between them. Only texts and brackets are followed. Junk ends with its line, and costs no value.
import {
  backslash,
  carriageReturn,
  closeBrace,
  closeBracket,
  colon,
  comma,
  isBlank,
  newline,
  openBrace,
  openBracket,
  quote,
  recordSeparator,
  semicolon,
  slash,
  space,
  tab,
} from '../shared/bytes.ts';
import { InvalidInputError } from '../shared/errors.ts';
import { keptOfLongLineBytes, type Line, maxLineBytes } from './split-lines.ts';

/** Each level costs memory while the value is open. No line can have so many. */
const mostLevels = 2 * maxLineBytes;

const isLineEnd = (byte: number) => byte === newline || byte === carriageReturn;
/** The bytes of a byte order mark. */
const isMark = (byte: number | undefined) => byte === 0xef || byte === 0xbb || byte === 0xbf;
/**
 * Between values: blanks, a comma, a semicolon, a record separator, and a byte order mark. Also zero bytes, which fill up a file that its
 * writer made too large, and the end mark of DOS.
 */
const separates = (byte: number) =>
  isBlank(byte) ||
  byte === comma ||
  byte === semicolon ||
  byte === recordSeparator ||
  isMark(byte) ||
  byte === 0 ||
  byte === 0x1a;
/** A number, a text, or a name that JSON or Python has for a value. */
const beginsScalar = (byte: number) =>
  byte === quote || byte === 0x2d || (byte >= 0x30 && byte <= 0x39) || 'tfnNI'.includes(String.fromCharCode(byte));
/** An object may stand behind these, inside of a value. */
const mayPrecedeObject = (byte: number) => byte === comma || byte === openBracket || byte === colon;
/** Bytes of a text that mean nothing to its end: 1. */
const plainInText = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte !== quote && byte !== backslash && !isLineEnd(byte)),
);

export interface ValueSplitter {
  /** The values that end in this block. */
  push(block: Buffer): Line[];
  /** What has begun and does not end. */
  end(): Line[];
  /** A value has begun, or an array. */
  isOpen(): boolean;
}

/** `value`: an object or an array. `scalar`: another element of an array. `junk`: something else, up to its line end. */
type State = 'between' | 'value' | 'text' | 'scalar' | 'scalar text' | 'junk';

export interface ValueSplitterSettings {
  /** Where the first block begins. */
  offset?: number;
  maxBytes?: number;
  /** The file begins with an array. Then it is not whole if an array is not closed, or if junk stands next to one. */
  isArray?: boolean;
}

/**
 * The elements of an array are values like those outside of it. An array in an array is one value. An element that is missing comes out empty.
 * A value's offset is that of its first byte; of the first value in a line, that of the line, as for JSON lines, so that both ways to
 * read a file give its rows the same keys.
 */
export function createValueSplitter({
  offset = 0,
  maxBytes = maxLineBytes,
  isArray = false,
}: ValueSplitterSettings = {}): ValueSplitter {
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
  /** An array is open, and the values are its elements. */
  let inArray = false;
  /** Of the array: it has an element, and it has one since its last comma. */
  let hasElements = false;
  let hasElement = false;
  /** Junk ended with a bracket, which may have closed the array. */
  let mayBeClosed = false;
  /** Only blanks stand before this byte in its line. */
  let isLineHead = true;

  const start = (at: number, next: State) => {
    state = next;
    begin = at;
    beginOffset = isFirstInLine ? lineOffset : bufferOffset + at;
    isFirstInLine = false;
    isLineHead = false;
    mayBeClosed = false;
    open = [];
    last = 0;
    long = null;
    mayBeNext = -1;
    isIndented = false;
  };
  const finish = (end: number): Line => {
    const tooLong = long !== null || end - begin > maxBytes;
    const kept =
      long ?? Buffer.from(buffer.subarray(begin, tooLong ? Math.min(end, begin + keptOfLongLineBytes) : end));
    const line = {
      offset: beginOffset,
      nextOffset: bufferOffset + end,
      buffer: kept,
      from: 0,
      to: kept.length,
      tooLong,
      openEnd: false,
      isValue: true as const,
    };
    state = 'between';
    long = null;
    hasElements = true;
    hasElement = true;
    return line;
  };
  /** Nothing stands where an element belongs; `at` is what ends it. */
  const missing = (at: number): Line => {
    start(at, 'between');
    return { ...finish(at), nextOffset: bufferOffset + at + 1 };
  };
  const endLine = (at: number) => {
    if (buffer[at] === newline) {
      lineOffset = bufferOffset + at + 1;
      isFirstInLine = true;
    }
    isLineHead = true;
  };

  /** Where the line begins that has only blanks and marks before `at`; `at` itself if something else stands there. */
  const headOfLine = (at: number): number => {
    let head = at;
    while (buffer[head - 1] === space || buffer[head - 1] === tab || isMark(buffer[head - 1])) head -= 1;
    return buffer[head - 1] === newline ? head : at;
  };
  /** The value in hand was cut off: the next one begins at `at`. */
  const cutOff = (at: number): Line => {
    const nextOffset = bufferOffset + headOfLine(at);
    lineOffset = nextOffset;
    isFirstInLine = true;
    return { ...finish(at), nextOffset };
  };

  /** One byte of a value, outside of its texts. Returns the lines that it ends. */
  const step = (byte: number, at: number): Line[] => {
    if (mayBeNext >= 0 && byte !== space && byte !== tab) {
      const next = mayBeNext;
      mayBeNext = -1;
      if (byte === quote) {
        const damaged = cutOff(next);
        start(next, 'value');
        open.push(openBrace);
        last = openBrace;
        return [damaged, ...step(byte, at)];
      }
    }
    if ((byte === space || byte === tab) && isLineEnd(buffer[at - 1] ?? 0)) isIndented = true;
    // No JSON has one of these.
    if (byte === recordSeparator) return [cutOff(at)];
    if (byte === quote) state = 'text';
    else if (byte === openBrace || byte === openBracket) {
      if (open.length >= mostLevels) throw new InvalidInputError(`a value has more than ${mostLevels} levels`);
      const top = open.at(-1);
      // A record cannot begin where a name or a comma has to stand: the one in hand was cut off. A file that is an array may have line
      // ends anywhere in its elements, so there they tell nothing.
      const beginsLine = top !== undefined && isLineEnd(buffer[at - 1] ?? 0);
      const isOutdented = isIndented && open[0] === openBrace && beginsLine && !isArray;
      const isInsteadOfName = top === openBrace && (last === comma || last === openBrace);
      const isInsteadOfComma = beginsLine && !mayPrecedeObject(last);
      const isDamaged = byte === openBrace && (isOutdented || isInsteadOfName || isInsteadOfComma);
      if (isDamaged) {
        const damaged = cutOff(at);
        start(at, 'value');
        open.push(byte);
        last = byte;
        return [damaged];
      }
      if (byte === openBrace && beginsLine && !isArray) mayBeNext = at;
      open.push(byte);
    } else if (byte === closeBrace || byte === closeBracket) {
      open.pop();
      if (open.length === 0) return [finish(at + 1)];
    }
    if (!isBlank(byte) && !isMark(byte)) last = byte;
    return [];
  };

  const between = (byte: number, at: number): Line[] => {
    if (inArray && (byte === comma || byte === closeBracket)) {
      const isMissing = !hasElement && (byte === comma || hasElements);
      const lines = isMissing ? [missing(at)] : [];
      hasElement = false;
      inArray = byte === comma;
      isLineHead = false;
      return lines;
    }
    if (separates(byte)) {
      if (isLineEnd(byte)) endLine(at);
      return [];
    }
    if (byte === openBracket && !inArray) {
      inArray = true;
      hasElements = false;
      hasElement = false;
      isLineHead = false;
      return [];
    }
    if (byte === openBrace || byte === openBracket) {
      start(at, 'value');
      return step(byte, at);
    }
    // A line of an array that begins like this is a comment, or the rest of a damaged text.
    const isJunk = !inArray || byte === slash || (isLineHead && !beginsScalar(byte));
    if (isJunk && isArray && !inArray) throw new InvalidInputError('bytes next to the JSON array');
    start(at, isJunk ? 'junk' : 'scalar');
    return isJunk ? [] : scalar(byte, at);
  };
  const scalar = (byte: number, at: number): Line[] => {
    if (byte === quote) state = 'scalar text';
    const ends = byte === comma || byte === closeBracket || byte === openBrace || byte === openBracket;
    return ends || isLineEnd(byte) ? [finish(at), ...between(byte, at)] : [];
  };
  const junk = (byte: number, at: number): Line[] => {
    if (!isLineEnd(byte) && byte !== recordSeparator) {
      if (!isBlank(byte) && byte !== comma) last = byte;
      return [];
    }
    mayBeClosed = last === closeBracket;
    const line = finish(at);
    if (isLineEnd(byte)) endLine(at);
    return [line];
  };
  const text = (byte: number, at: number): Line[] => {
    if (isLineEnd(byte)) {
      // No text of JSON continues after a line end: the value was cut off.
      isEscaped = false;
      const damaged = finish(at);
      endLine(at);
      return [damaged];
    }
    if (isEscaped) isEscaped = false;
    else if (byte === backslash) isEscaped = true;
    else if (byte === quote) {
      state = state === 'text' ? 'value' : 'scalar';
      last = byte;
    }
    return [];
  };
  const at = (index: number): Line[] => {
    const byte = buffer[index] as number;
    switch (state) {
      case 'between':
        return between(byte, index);
      case 'value':
        return step(byte, index);
      case 'scalar':
        return scalar(byte, index);
      case 'junk':
        return junk(byte, index);
      default:
        return text(byte, index);
    }
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

  /** An array that is not closed: a record that is its bracket, behind all others. */
  const unclosed = (): Line => {
    const buffer = Buffer.from('[');
    const place = { offset: bufferOffset, nextOffset: bufferOffset + 1 };
    return { ...place, buffer, from: 0, to: 1, tooLong: false, openEnd: false, isValue: true };
  };

  return {
    push(block) {
      const from = buffer.length;
      buffer = from === 0 ? block : Buffer.concat([buffer, block]);
      const lines: Line[] = [];
      for (let index = from; index < buffer.length; index += 1) {
        if (state === 'text' && !isEscaped) {
          while (index < buffer.length && plainInText[buffer[index] as number] === 1) index += 1;
          if (index === buffer.length) break;
        }
        const ended = at(index);
        if (ended.length > 0) lines.push(...ended);
      }
      carry();
      return lines;
    },
    end() {
      if (state === 'junk') mayBeClosed = last === closeBracket;
      const lines = state === 'between' ? [] : [finish(buffer.length)];
      bufferOffset += buffer.length;
      if (!inArray || mayBeClosed) return lines;
      if (isArray) throw new InvalidInputError('the JSON array is not closed: the file is cut off or malformed');
      return [...lines, unclosed()];
    },
    isOpen: () => inArray || (state !== 'between' && state !== 'junk'),
  };
}
