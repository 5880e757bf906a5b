// The row that a line must become, by the rules of docs/formats.md. Where these rules bend, for text that is nearly JSON and for values
// that nearly fit, the row is open: then only the accounting is checked here, and other tests know the rows.
import { isUtf8 } from 'node:buffer';
import { comparableName, recordFormats } from '../../functions/shared/record-formats.ts';
import { type JsonValue, readJson } from './read-json.ts';

/** A JSON column's value. */
export interface Json {
  json: JsonValue;
}
export type Value = string | number | null | Json;
/** By column; a column that is not there is NULL. */
export type Row = Record<string, Value>;
/** By column, without the columns that are open. */
export type ExpectedRow = Record<string, Value>;

/** The public format's own names. */
const publicNames = new Set([
  ...['reviewerID', 'asin', 'reviewerName', 'helpful', 'vote', 'reviewText', 'summary', 'overall', 'unixReviewTime'],
  ...['reviewTime', 'verified', 'style', 'image'],
]);
/** Names by which a record may be of another format, or by which a column has two fields. */
const otherNames = new Set(
  recordFormats
    .flatMap(({ fields, withoutColumn }) => [...Object.values(fields).flat(), ...withoutColumn])
    .map((field) => comparableName(typeof field === 'string' ? field : field.votesOfAll)),
);

/** `bytes`: a line without its newline. Null: it is no review. */
export function expectedRow(bytes: Buffer): ExpectedRow | null | 'open' {
  if (!isUtf8(bytes)) return 'open';
  let record: JsonValue;
  try {
    record = readJson(bytes.toString('utf8'));
  } catch {
    return 'open';
  }
  if (!(record instanceof Map)) return null;
  const isOther = (name: string) => !publicNames.has(name) && otherNames.has(comparableName(name));
  return [...record.keys()].some(isOther) ? 'open' : rowOf(record);
}

function rowOf(record: Map<string, JsonValue>): ExpectedRow | null | 'open' {
  const of = (name: string): JsonValue => record.get(name) ?? null;
  const [reviewer, product] = [of('reviewerID'), of('asin')];
  if (reviewer === null || product === null) return null;
  if (!isText(reviewer) || !isText(product)) return 'open';
  if (reviewer.trim() === '' || product.trim() === '') return null;
  if ([...reviewer].length > 64 || [...product].length > 32) return null;
  if ([...record.values()].some(hasHalfPair)) return 'open';
  const helpful = of('helpful');
  const isPair = Array.isArray(helpful) && helpful.length === 2;
  const row: Record<string, Value | undefined> = {
    reviewer_id: reviewer.trim() === reviewer ? reviewer : undefined,
    asin: product.trim() === product ? product : undefined,
    reviewer_name: text(of('reviewerName'), 512),
    vote: helpful === null ? whole(votes(of('vote'))) : undefined,
    review_text: text(of('reviewText'), Number.POSITIVE_INFINITY),
    summary: text(of('summary'), 16_383),
    overall_rating: rating(of('overall')),
    unix_review_time: time(of('unixReviewTime')),
    review_time: text(of('reviewTime'), 64),
    verified: flag(of('verified')),
    style: json(of('style'), (value) => value instanceof Map),
    image: json(of('image'), Array.isArray),
  };
  if (of('vote') === null && isPair) {
    row.vote = whole(helpful[0] ?? null);
    row.vote_total = whole(helpful[1] ?? null);
    // Where one of both does not fit, the field has no column.
    if (row.vote === undefined || row.vote_total === undefined) delete row.vote;
  }
  const known = Object.entries(row).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  return Object.fromEntries(known);
}

const isText = (value: JsonValue): value is string => typeof value === 'string' && value.isWellFormed();
function hasHalfPair(value: JsonValue): boolean {
  if (typeof value === 'string') return !value.isWellFormed();
  if (Array.isArray(value)) return value.some(hasHalfPair);
  return value instanceof Map && [...value].flat().some(hasHalfPair);
}

// Each gives undefined for a value that does not fit as it is.
function text(value: JsonValue, most: number): string | null | undefined {
  if (value === null) return null;
  return isText(value) && [...value].length <= most ? value : undefined;
}

function whole(value: JsonValue | undefined, most = 4_294_967_295): number | null | undefined {
  if (value === null) return null;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most ? value : undefined;
}

/** Of a time in seconds. Larger numbers may be milliseconds. */
const time = (value: JsonValue) => whole(value, 9_999_999_999);

/** Up to nine digits, or groups of three with commas between them. */
function votes(value: JsonValue): JsonValue | undefined {
  if (typeof value !== 'string') return value;
  const isNumber = /^[0-9]{1,9}$/.test(value) || /^[0-9]{1,3}(,[0-9]{3}){1,2}$/.test(value);
  return isNumber ? Number(value.split(',').join('')) : undefined;
}

function rating(value: JsonValue): number | null | undefined {
  if (value === null) return null;
  return typeof value === 'number' && value >= 0 && value <= 5 ? value : undefined;
}

function flag(value: JsonValue): number | null | undefined {
  if (value === null) return null;
  return typeof value === 'boolean' ? Number(value) : undefined;
}

function json(value: JsonValue, isKind: (value: JsonValue) => boolean): Json | null | undefined {
  if (value === null) return null;
  return isKind(value) && isKept(value) && depthOf(value) <= 90 ? { json: value } : undefined;
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
