// JSON.parse for text that others wrote. V8 (12.8 to 14.6, so Node 24) reads some property names wrongly: a name with an escape
// can come out as a name of an earlier object, also across lines and invocations of a warm sandbox
// (https://github.com/nodejs/node/issues/63785). A reviver does not help. So V8 gets no name with an escape. If a text has one,
// replace all its names by their code units in hexadecimal, and give the objects their names back afterwards. Replace all names,
// so that equal names stay equal, and the last one counts.

import { backslash, colon, isBlank, quote } from './bytes.ts';

/** Begins a replaced name. Without it, V8 would move a name of digits in front of the others. */
const marker = 'x';

/** The last escape of a name, up to the colon. A value can look like this too, which only costs time. */
const mayNameWithEscape = /\\[\s\S][^"\\]*"[ \t\n\r]*:/;

/** @throws {SyntaxError} as JSON.parse does */
export function parseJson(text: string): unknown {
  if (!mayNameWithEscape.test(text)) return JSON.parse(text);
  const value: unknown = JSON.parse(withNamesReplaced(text, namesIn(text)));
  restoreNames(value);
  return value;
}

/** Where a name stands, with its quotes. */
interface Name {
  begin: number;
  end: number;
}

/** One pass over the strings of `text`. */
function namesIn(text: string): Name[] {
  const names: Name[] = [];
  for (let begin = text.indexOf('"'); begin !== -1; ) {
    let end = begin + 1;
    for (; end < text.length && text.charCodeAt(end) !== quote; end += 1) {
      if (text.charCodeAt(end) === backslash) end += 1;
    }
    end += 1;
    let next = end;
    while (isBlank(text.charCodeAt(next))) next += 1;
    if (text.charCodeAt(next) === colon) names.push({ begin, end });
    begin = text.indexOf('"', end);
  }
  return names;
}

/** A text that is not JSON becomes another text that is not JSON. @throws {SyntaxError} if a name is no JSON string */
function withNamesReplaced(text: string, names: Name[]): string {
  let out = '';
  let copied = 0;
  for (const { begin, end } of names) {
    out += `${text.slice(copied, begin)}"${marker}${toHex(JSON.parse(text.slice(begin, end)))}"`;
    copied = end;
  }
  return out + text.slice(copied);
}

/** Works in place and without recursion, because the JSON of others may be nested deeply and have very many objects. */
function restoreNames(value: unknown): void {
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const inner of Object.values(next)) if (typeof inner === 'object') waiting.push(inner);
    if (!Array.isArray(next)) renameIn(next as Record<string, unknown>);
  }
}

function renameIn(record: Record<string, unknown>): void {
  const entries = Object.entries(record);
  for (const [name] of entries) delete record[name];
  for (const [name, value] of entries) {
    // As in JSON.parse, __proto__ is a name like any other.
    const own = fromHex(name.slice(marker.length));
    Object.defineProperty(record, own, { value, writable: true, enumerable: true, configurable: true });
  }
}

const toHex = (name: string) => Buffer.from(name, 'utf16le').toString('hex');
const fromHex = (hex: string) => Buffer.from(hex, 'hex').toString('utf16le');
