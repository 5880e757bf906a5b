// What can be wrong with the value of a field. `null` is never wrong: it is what a missing field becomes.

export type Problem =
  | 'missing'
  | 'wrong-type'
  | 'too-long'
  | 'lone-surrogate'
  | 'out-of-range'
  | 'in-milliseconds'
  | 'unsafe-number'
  | 'too-deep';

/** MySQL refuses JSON documents that are nested deeper. */
const maxJsonDepth = 100;
/** MySQL's bound on a key within a JSON document. */
const maxJsonKeyBytes = 65_535;
/** Some numbers grow when JSON is written anew; with this bound no row comes near max_allowed_packet. */
const maxJsonBytes = 1024 * 1024;

/** `max`: characters. */
export function textProblem(value: unknown, max: number): Problem | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'string') return 'wrong-type';
  // JSON can name half of a surrogate pair; no UTF-8 text can hold one.
  if (!value.isWellFormed()) return 'lone-surrogate';
  if (value.length > max && characters(value, max) > max) return 'too-long';
  return undefined;
}

/** Characters as MySQL counts them: a surrogate pair is one. Counts on only until it is over `max`. */
function characters(text: string, max: number): number {
  let count = 0;
  for (const _ of text) {
    count += 1;
    if (count > max) break;
  }
  return count;
}

/** `beyond`: what it is called when the value is over `max`. */
export function integerProblem(value: unknown, max: number, beyond: Problem): Problem | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'number') return 'wrong-type';
  if (!Number.isSafeInteger(value)) return Number.isInteger(value) ? 'unsafe-number' : 'wrong-type';
  if (value < 0) return 'out-of-range';
  return value > max ? beyond : undefined;
}

/** Whether a value would not be read from a JSON column as it stands in the file. */
export function jsonProblem(value: unknown, depth = 1): Problem | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'lone-surrogate';
  if (typeof value === 'number') {
    // Beyond 2^53 a parsed number may already differ from the text; 1e999 is read as infinite.
    return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? undefined : 'unsafe-number';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > maxJsonDepth) return 'too-deep';
  if (Array.isArray(value)) {
    for (const item of value) {
      const problem = jsonProblem(item, depth + 1);
      if (problem) return problem;
    }
    return undefined;
  }
  for (const name in value) {
    if (!name.isWellFormed()) return 'lone-surrogate';
    if (name.length > maxJsonKeyBytes / 3 && Buffer.byteLength(name) > maxJsonKeyBytes) return 'too-long';
    const problem = jsonProblem((value as Record<string, unknown>)[name], depth + 1);
    if (problem) return problem;
  }
  return undefined;
}

/** `text`: as it would be written to the column. */
export const isLongJson = (text: string) => text.length > maxJsonBytes / 3 && Buffer.byteLength(text) > maxJsonBytes;
