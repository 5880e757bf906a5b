// Reads a field's value for its column. It accepts the ways in which tools write values, and never guesses.

import { parseJson } from '../shared/parse-json.ts';
import type { Column } from '../shared/record-formats.ts';
import { definitionOf } from '../shared/record-formats.ts';
import { jsonProblem } from './json-column.ts';
import { secondsOf, secondsOfDate } from './read-time.ts';

/** Why a value cannot be read as its column needs it. */
export type Problem = 'wrong-type' | 'too-long' | 'lone-surrogate' | 'out-of-range' | 'unsafe-number' | 'too-deep';

export type ColumnValue = string | number | boolean;
/** A value that does not fit its column. */
export interface Misfit {
  problem: Problem;
}
/** A value for the column. Null if the field counts as missing. */
export type ReadValue = ColumnValue | null | Misfit;
export const isMisfit = (read: ReadValue): read is Misfit => typeof read === 'object' && read !== null;

const refusals: Record<Problem, Misfit> = {
  'wrong-type': { problem: 'wrong-type' },
  'too-long': { problem: 'too-long' },
  'lone-surrogate': { problem: 'lone-surrogate' },
  'out-of-range': { problem: 'out-of-range' },
  'unsafe-number': { problem: 'unsafe-number' },
  'too-deep': { problem: 'too-deep' },
};
const missing = null;
/** Reused, so that no object is made per value. */
const refused = (problem: Problem): Misfit => refusals[problem];

const maxUnsignedInt = 4_294_967_295;
const maxRating = 5;
/** Some numbers grow when JSON is written again. With this bound no row comes near max_allowed_packet. */
const maxJsonBytes = 1024 * 1024;

/** Digits, with optional commas between thousands, an optional fraction and an optional exponent. */
const numberText = /^[+-]?(\d{1,40}|\d{1,3}(,\d{3}){1,8})(\.\d{0,40})?(e[+-]?\d{1,3})?$/i;
const truths = new Set(['true', 't', 'yes', 'y', '1', '1.0']);
const falsehoods = new Set(['false', 'f', 'no', 'n', '0', '0.0']);

/** Reads `value`, a plain one, for a column. */
export function readValue(column: Column, value: unknown): ReadValue {
  const { kind, maxCharacters, maxBytes } = definitionOf(column);
  if (value === null || value === undefined) return missing;
  switch (kind) {
    case 'id':
      return readId(value, maxCharacters ?? 0);
    case 'text':
      return typeof value === 'string' ? readText(value, maxCharacters, maxBytes) : refused('wrong-type');
    case 'count':
      return readCount(value);
    case 'rating':
      return readRating(value);
    case 'seconds':
      return readSeconds(value);
    case 'boolean':
      return readBoolean(value);
    case 'object':
      return readObject(value);
    case 'list':
      return readList(value);
    case 'fields':
      return refused('wrong-type');
  }
}

/** Text, or a whole number up to 2^53. */
function readId(value: unknown, maxCharacters: number): ReadValue {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value);
    return refused(Number.isInteger(value) ? 'unsafe-number' : 'wrong-type');
  }
  if (typeof value !== 'string') return refused('wrong-type');
  return value.trim() === '' ? missing : readText(value, maxCharacters);
}

function readText(text: string, maxCharacters?: number, maxBytes?: number): ReadValue {
  // JSON can name half of a surrogate pair. No UTF-8 text can hold one.
  if (!text.isWellFormed()) return refused('lone-surrogate');
  if (maxCharacters && text.length > maxCharacters && isLonger(text, maxCharacters)) return refused('too-long');
  // A unit of UTF-16 takes three bytes of UTF-8 at most, so only a long text is measured.
  if (maxBytes && text.length > maxBytes / 3 && Buffer.byteLength(text) > maxBytes) return refused('too-long');
  return text;
}

/** Counts characters as MySQL does: a surrogate pair is one. */
function isLonger(text: string, maxCharacters: number): boolean {
  let count = 0;
  for (const _ of text) {
    count += 1;
    if (count > maxCharacters) return true;
  }
  return false;
}

/** A number, also as text. Null if the text counts as missing. */
function numberOf(value: unknown): number | null | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (text === '' || text.toLowerCase() === 'nan') return null;
  return numberText.test(text) ? Number(text.replaceAll(',', '')) : undefined;
}

function readCount(value: unknown): ReadValue {
  const count = numberOf(value);
  if (count === null) return missing;
  if (count === undefined || !Number.isInteger(count)) return refused('wrong-type');
  // -0 would be another literal.
  return count >= 0 && count <= maxUnsignedInt ? count + 0 : refused('out-of-range');
}

function readRating(value: unknown): ReadValue {
  const rating = numberOf(value);
  if (rating === null) return missing;
  if (rating === undefined) return refused('wrong-type');
  return rating >= 0 && rating <= maxRating ? rating : refused('out-of-range');
}

function readSeconds(value: unknown): ReadValue {
  const number = numberOf(value);
  if (number === null) return missing;
  if (number === undefined) {
    const seconds = typeof value === 'string' ? secondsOfDate(value) : null;
    return seconds === null ? refused('wrong-type') : seconds;
  }
  const seconds = secondsOf(number);
  return seconds === null ? refused('out-of-range') : seconds + 0;
}

function readBoolean(value: unknown): ReadValue {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' && typeof value !== 'number') return refused('wrong-type');
  const text = String(value).trim().toLowerCase();
  if (text === '' || text === 'nan') return missing;
  if (truths.has(text)) return true;
  return falsehoods.has(text) ? false : refused('wrong-type');
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readObject(value: unknown): ReadValue {
  if (typeof value === 'string' && value.trim() === '') return missing;
  const object = typeof value === 'string' ? jsonIn(value) : value;
  return isObject(object) ? writtenJson(object) : refused('wrong-type');
}

/** A single image is a list of one. A text that begins like a list or an object but is not JSON is no image. Python writes such texts. */
function readList(value: unknown): ReadValue {
  if (typeof value === 'string' && value.trim() === '') return missing;
  const parsed = typeof value === 'string' && /^\s*[[{]/.test(value) ? jsonIn(value) : value;
  if (Array.isArray(parsed)) return writtenJson(parsed);
  return typeof parsed === 'string' || isObject(parsed) ? writtenJson([parsed]) : refused('wrong-type');
}

/** Parses a text that is JSON, as in tables without JSON columns. */
export function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function writtenJson(value: object): ReadValue {
  const problem = jsonProblem(value);
  if (problem) return refused(problem);
  const text = JSON.stringify(value);
  return text.length > maxJsonBytes / 3 && Buffer.byteLength(text) > maxJsonBytes ? refused('too-long') : text;
}

/** `[2, 3]`, or `2/3`, or either in a text: 2 of 3 found it helpful. Undefined if the value is no such pair. */
export function votesOfAll(value: unknown): [unknown, unknown] | undefined {
  if (typeof value === 'string') {
    const text = value.trim();
    const [, vote, all] = /^(\d{1,10}) ?\/ ?(\d{1,10})$/.exec(text) ?? [];
    if (vote !== undefined) return [vote, all];
    return text.startsWith('[') ? votesOfAll(jsonIn(text)) : undefined;
  }
  return Array.isArray(value) && value.length === 2 ? [value[0], value[1]] : undefined;
}
