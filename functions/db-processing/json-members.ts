// The members of a JSON object as they are written, for values that must stay unchanged.
import { backslash, closeBrace, closeBracket, comma, isBlank, openBrace, openBracket, quote } from '../shared/bytes.ts';

export interface Member {
  name: string;
  /** The value's JSON text. */
  raw: string;
}

/** `at`: of the opening quote. Returns the place after the closing one. */
function afterText(json: string, at: number): number {
  for (let end = json.indexOf('"', at + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let before = end - 1;
    while (json.charCodeAt(before) === backslash) before -= 1;
    if ((end - before) % 2 === 1) return end + 1;
  }
  return json.length;
}

function afterBlanks(json: string, at: number): number {
  let next = at;
  while (isBlank(json.charCodeAt(next))) next += 1;
  return next;
}

/** `at`: where a value begins. Returns the place after it. */
function afterValue(json: string, at: number): number {
  let depth = 0;
  for (let next = at; next < json.length; ) {
    const code = json.charCodeAt(next);
    if (code === quote) next = afterText(json, next);
    else if (code === openBrace || code === openBracket) {
      depth += 1;
      next += 1;
    } else if (code === closeBrace || code === closeBracket) {
      if (depth === 0) return next;
      depth -= 1;
      next += 1;
    } else if (depth === 0 && (code === comma || isBlank(code))) return next;
    else next += 1;
    if (depth === 0 && (code === quote || code === closeBrace || code === closeBracket)) return next;
  }
  return json.length;
}

/** The members of an object that a parser has already read, NaN and Infinity included. Of several members with one name, the last. */
export function membersOf(json: string): Member[] {
  const members = new Map<string, Member>();
  let at = afterBlanks(json, json.indexOf('{') + 1);
  while (json.charCodeAt(at) === quote) {
    const nameEnd = afterText(json, at);
    const name: string = JSON.parse(json.slice(at, nameEnd));
    const from = afterBlanks(json, afterBlanks(json, nameEnd) + 1);
    const to = afterValue(json, from);
    members.set(name, { name, raw: json.slice(from, to) });
    at = afterBlanks(json, to);
    if (json.charCodeAt(at) !== comma) break;
    at = afterBlanks(json, at + 1);
  }
  return [...members.values()];
}
