// The elements of JSON arrays that follow each other, out of blocks of bytes, without parsing them: only strings, escapes and brackets are
// followed. An element that is not JSON comes out as it stands and is rejected by the parser of reviews, like a bad line.
import { InvalidInputError } from '../shared/errors.ts';
import { keptOfLongLineBytes, type Line, maxLineBytes } from './split-lines.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const recordSeparator = 0x1e;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

export interface ElementSplitter {
  /** The elements that end in this block; `offset` is the ordinal. @throws {InvalidInputError} for bytes after the array */
  push(block: Buffer): Line[];
  /** @throws {InvalidInputError} where the array is not closed */
  end(): Line[];
}

export function createElementSplitter(maxBytes: number = maxLineBytes): ElementSplitter {
  /** 0: outside of the array; 1: between or in scalar elements; more: inside of an element. */
  let depth = 0;
  let closed = false;
  let inString = false;
  let escaped = false;
  let ordinal = 0;
  /** Of the array in hand. */
  let firstOrdinal = 0;
  /** Whether anything stands where an element belongs. */
  let begun = false;
  let parts: Buffer[] = [];
  let partsBytes = 0;
  let tooLong = false;

  const keep = (block: Buffer, from: number, to: number) => {
    if (tooLong || to <= from) return;
    parts.push(Buffer.from(block.subarray(from, Math.min(to, from + maxBytes + 1))));
    partsBytes += to - from;
    if (partsBytes > maxBytes) {
      tooLong = true;
      parts = [Buffer.from(Buffer.concat(parts).subarray(0, keptOfLongLineBytes))];
    }
  };
  const finish = (): Line => {
    const buffer = Buffer.concat(parts);
    const place = { offset: ordinal, nextOffset: ordinal + 1, openEnd: false };
    const line = { ...place, buffer, from: 0, to: buffer.length, tooLong };
    ordinal += 1;
    parts = [];
    partsBytes = 0;
    tooLong = false;
    begun = false;
    return line;
  };

  return {
    push(block) {
      const elements: Line[] = [];
      // Where the bytes of the element in hand begin in this block.
      let from = begun ? 0 : -1;
      for (let at = 0; at < block.length; at += 1) {
        const byte = block[at] as number;
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === backslash) escaped = true;
          else if (byte === quote) inString = false;
          continue;
        }
        if (isSpace(byte)) continue;
        if (depth === 0) {
          // A byte order mark.
          if (byte === 0xef || byte === 0xbb || byte === 0xbf) continue;
          const separates = byte === comma || byte === recordSeparator;
          if (closed && separates) continue;
          if (byte !== openBracket) throw new InvalidInputError('bytes beside the JSON array');
          depth = 1;
          closed = false;
          firstOrdinal = ordinal;
          continue;
        }
        if (depth === 1 && (byte === comma || byte === closeBracket)) {
          // `[]` has no element; `[1,]` has an empty one, which counts as blank.
          const empty = byte === closeBracket && !begun && ordinal === firstOrdinal;
          if (!empty) {
            if (begun) keep(block, from, at);
            elements.push(finish());
          }
          from = -1;
          if (byte === closeBracket) {
            depth = 0;
            closed = true;
          }
          continue;
        }
        if (!begun) {
          begun = true;
          from = at;
        }
        if (byte === quote) inString = true;
        else if (byte === openBrace || byte === openBracket) depth += 1;
        else if ((byte === closeBrace || byte === closeBracket) && depth > 1) depth -= 1;
      }
      if (begun) keep(block, from, block.length);
      return elements;
    },
    end() {
      if (!closed) throw new InvalidInputError('the JSON array is not closed: the file is cut off or malformed');
      return [];
    },
  };
}
