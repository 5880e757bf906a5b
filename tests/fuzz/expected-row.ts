// The row that a line must become, by the rules of the README and by nothing of the product's.
import { isUtf8 } from 'node:buffer';
import { type JsonValue, readJson } from './read-json.ts';

/** A JSON column's value. */
export interface Json {
  json: JsonValue;
}
export type Value = string | number | null | Json;
/** By column; a column that is not there is NULL. */
export type Row = Record<string, Value>;

class Rejected extends Error {}
const reject = (): never => {
  throw new Rejected();
};

/** `bytes`: a line without its newline. Null: it is no review. */
export function expectedRow(bytes: Buffer): Row | null {
  if (!isUtf8(bytes)) return null;
  let record: JsonValue;
  try {
    record = readJson(bytes.toString('utf8'));
  } catch {
    return null;
  }
  if (!(record instanceof Map)) return null;
  try {
    return rowOf(record);
  } catch (error) {
    if (error instanceof Rejected) return null;
    throw error;
  }
}

function rowOf(record: Map<string, JsonValue>): Row {
  const of = (...names: string[]): JsonValue =>
    names.map((name) => record.get(name) ?? null).find((value) => value !== null) ?? null;
  const helpful = of('helpful');
  if (helpful !== null && !(Array.isArray(helpful) && helpful.length === 2)) reject();
  const [helpfulVotes = null, voteTotal = null] = (helpful ?? []) as JsonValue[];
  const row: Row = {
    reviewer_id: text(of('reviewerID', 'reviewer_id'), 64),
    asin: text(of('asin'), 32),
    reviewer_name: text(of('reviewerName', 'reviewer_name'), 512),
    vote: whole(votes(of('vote') ?? helpfulVotes), 4_294_967_295),
    vote_total: whole(voteTotal, 4_294_967_295),
    review_text: text(of('reviewText', 'review_text'), Number.POSITIVE_INFINITY),
    summary: text(of('summary'), Number.POSITIVE_INFINITY),
    overall_rating: rating(of('overall', 'overall_rating')),
    unix_review_time: whole(of('unixReviewTime', 'unix_review_time'), 99_999_999_999),
    review_time: text(of('reviewTime', 'review_time'), 64),
    verified: flag(of('verified')),
    style: json(of('style'), (value) => value instanceof Map),
    image: json(of('image'), Array.isArray),
  };
  if (!row.reviewer_id || !row.asin) reject();
  return row;
}

function text(value: JsonValue, most: number): string | null {
  if (value === null) return null;
  if (typeof value !== 'string' || !value.isWellFormed() || [...value].length > most) return reject();
  return value;
}

function whole(value: JsonValue, most: number): number | null {
  if (value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most) return reject();
  return value;
}

/** Up to twelve digits, with commas between groups of three, or up to ten without. */
function votes(value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value;
  const isNumber = /^[0-9]{1,10}$/.test(value) || /^[0-9]{1,3}(,[0-9]{3}){1,3}$/.test(value);
  return isNumber ? Number(value.split(',').join('')) : reject();
}

function rating(value: JsonValue): number | null {
  if (value === null) return null;
  return typeof value === 'number' && value >= 0 && value <= 5 ? value : reject();
}

function flag(value: JsonValue): number | null {
  if (value === null) return null;
  return typeof value === 'boolean' ? Number(value) : reject();
}

function json(value: JsonValue, isKind: (value: JsonValue) => boolean): Json | null {
  if (value === null) return null;
  return isKind(value) && isKept(value) && depthOf(value) <= 100 ? { json: value } : reject();
}

/** MySQL gives it back as it was. */
function isKept(value: JsonValue): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (Array.isArray(value)) return value.every(isKept);
  return !(value instanceof Map) || [...value].every(([name, member]) => name.isWellFormed() && isKept(member));
}

function depthOf(value: JsonValue): number {
  const inner = Array.isArray(value) ? value : value instanceof Map ? [...value.values()] : null;
  return inner === null ? 0 : 1 + Math.max(0, ...inner.map(depthOf));
}
