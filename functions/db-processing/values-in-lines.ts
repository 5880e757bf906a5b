// Finds the values in lines that do not hold exactly one. Looks only at lines that are not JSON, not objects, or too long.
import { newline, openBrace } from '../shared/bytes.ts';
import { parseTolerantly } from './parse-tolerantly.ts';
import { bytesOf, type Line } from './split-lines.ts';
import { createValueSplitter } from './split-values.ts';

const isJson = (line: Line) => !line.tooLong && parseTolerantly(bytesOf(line).toString('utf8')) !== undefined;

/** The values of one line, with their offsets in the stream. A line may hold none. An array may lack its end. */
export function valuesInLine(bytes: Buffer, offset: number): Line[] {
  const splitter = createValueSplitter({ offset });
  const end = offset + bytes.length;
  return [...splitter.push(bytes), ...splitter.end()].filter((value) => value.offset < end);
}

const hasMoreThanLine = (line: Line) => bytesOf(line).toString('latin1').trim().includes('\n');

const text = /"(?:[^"\\]|\\.)*"?/g;
/** Digits and signs of numbers, and letters of `true`, `false`, `null`, `NaN` and `Infinity`. */
const outsideOfTexts = /^[\s{}[\],:\d.+\-eEtrufalsnNIiy]*$/;
const mayBeJson = (line: Buffer) => outsideOfTexts.test(line.toString('latin1').replace(text, ''));

/**
 * Whether a value begins in the first line of `bytes` and continues in the next one. `bytes`: a line that is not JSON, and the known
 * bytes after it. If they end before the value and before the file, the answer is yes, because reading a file again only costs time.
 */
export function goesOnBehindLine(bytes: Buffer, endsFile: boolean): boolean {
  const splitter = createValueSplitter();
  let from = 0;
  while (from < bytes.length) {
    const end = bytes.indexOf(newline, from);
    const to = end === -1 ? bytes.length : end + 1;
    const line = bytes.subarray(from, to);
    if (!mayBeJson(line)) return false;
    const [first] = splitter.push(line);
    // The first value that ends here began in the line before. A value that ends where this line begins was cut off.
    if (from > 0 && first) return isJson(first) || hasMoreThanLine(first);
    if (!splitter.isOpen()) return false;
    from = to;
  }
  return !endsFile;
}

/** Whether a line that is too long is several records. `kept`: its beginning. */
export function holdsSeveral(kept: Buffer): boolean {
  if (/^\s*\[\s*\{/.test(kept.toString('latin1'))) return true;
  const [first, second] = valuesInLine(kept, 0);
  return first !== undefined && isJson(first) && second?.buffer[0] === openBrace;
}
