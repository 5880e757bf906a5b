// Numbers the elements of the JSON arrays at the beginning of a file, and the values after these arrays. An element that is not
// JSON passes unchanged. The parser of reviews rejects it, like a bad line.
import { type Line, maxLineBytes } from './split-lines.ts';
import { createValueSplitter } from './split-values.ts';

export interface ElementSplitter {
  /** The elements that end in this block; `offset` is the ordinal. @throws {InvalidInputError} for bytes after the array */
  push(block: Buffer): Line[];
  /** @throws {InvalidInputError} if the array is not closed */
  end(): Line[];
}

export function createElementSplitter(maxBytes: number = maxLineBytes): ElementSplitter {
  const splitter = createValueSplitter({ maxBytes, isArray: true });
  let ordinal = 0;
  const numbered = (line: Line): Line => {
    const offset = ordinal;
    ordinal += 1;
    return { ...line, offset, nextOffset: ordinal };
  };
  return {
    push: (block) => splitter.push(block).map(numbered),
    end: () => splitter.end().map(numbered),
  };
}
