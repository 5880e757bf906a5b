// Decides whether a JSON column can hold a value: MySQL must accept it, and give it back as it was written.

/** MySQL refuses deeper nesting in a JSON document. */
const maxJsonDepth = 100;
/** MySQL's bound for a key in a JSON document. */
const maxJsonKeyBytes = 65_535;

export type JsonProblem = 'lone-surrogate' | 'unsafe-number' | 'too-deep' | 'too-long';

/** Why a JSON column would refuse the parsed value, or change it. */
export function jsonProblem(value: unknown, depth = 1): JsonProblem | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'lone-surrogate';
  if (typeof value === 'number') {
    // Beyond 2^53, a parsed number may already differ from the text. 1e999 is read as infinite.
    return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? undefined : 'unsafe-number';
  }
  // typed-json.ts returns this for a value that is nested too deeply.
  if (typeof value === 'symbol') return 'too-deep';
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
    if (!isJsonKey(name)) return name.isWellFormed() ? 'too-long' : 'lone-surrogate';
    const problem = jsonProblem((value as Record<string, unknown>)[name], depth + 1);
    if (problem) return problem;
  }
  return undefined;
}

/** Whether MySQL takes the text as a key. */
export const isJsonKey = (name: string): boolean =>
  name.isWellFormed() && (name.length <= maxJsonKeyBytes / 3 || Buffer.byteLength(name) <= maxJsonKeyBytes);

/** The tokens of a JSON text, except commas, blanks, true, false and null. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]|NaN|Infinity|-?\d[\d.eE+-]*/g;
const signedBits = 63n;
const unsignedBits = 64n;

/** A number's digits without leading and trailing zeros, and the power of ten of the last digit. */
function exactly(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** Whether MySQL keeps the number unchanged: as a 64-bit integer, or as a double that is written the same way. */
function isNumberHeld(number: string): boolean {
  if (/^-?\d{1,15}$/.test(number)) return true;
  if (/^-?\d{1,20}$/.test(number)) {
    const integer = BigInt(number);
    return integer < 0n ? integer >= -(1n << signedBits) : integer < 1n << unsignedBits;
  }
  if (number.length > 64) return false;
  const value = Number(number);
  return Number.isFinite(value) && exactly(String(value)) === exactly(number);
}

/** `text`: with its quotes. */
const isTextHeld = (text: string) => !text.includes('\\') || (JSON.parse(text) as string).isWellFormed();

/**
 * Whether a JSON column takes the JSON text `raw` and gives its value back unchanged. It looks at the text, because a parser keeps
 * only the last of several fields with one name.
 */
export function isHeldAsWritten(raw: string): boolean {
  if (/^-?\d{1,15}$/.test(raw)) return true;
  if (raw.startsWith('"')) return isTextHeld(raw);
  let depth = 0;
  for (const [token] of raw.matchAll(tokens)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (!token.startsWith('"')) {
      if (token === 'NaN' || token === 'Infinity' || !isNumberHeld(token)) return false;
      // Any of the texts may be a key.
    } else if (
      !isTextHeld(token) ||
      (token.length > maxJsonKeyBytes / 3 && Buffer.byteLength(token) > maxJsonKeyBytes)
    ) {
      return false;
    }
    if (depth > maxJsonDepth) return false;
  }
  return true;
}
