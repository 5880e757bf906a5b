// The bytes of a record become a review, or the reason why they are none. Never an exception: a bad record costs no other one.
import { isUtf8 } from 'node:buffer';
import type { Column, RecordFormat } from '../shared/record-formats.ts';
import { columnNames, definitionOf, recordFormats, timeColumns } from '../shared/record-formats.ts';
import { type Member, membersOf } from './json-members.ts';
import { createFormatMatcher, type FieldOfColumn, type MatchedFormat } from './match-format.ts';
import { otherFieldsJson } from './other-fields.ts';
import { parseTolerantly } from './parse-tolerantly.ts';
import { plainFormatsAmong } from './plain-rows/plain-formats.ts';
import { secondsOfDate } from './read-time.ts';
import { type ColumnValue, isMisfit, jsonIn, type Misfit, type Problem, readValue, votesOfAll } from './read-value.ts';
import { dynamoItem, dynamoValue, plainValue } from './typed-json.ts';

export type ColumnValues = Record<Column, ColumnValue | null>;

/** What a row holds of a record. */
export interface Review {
  /** By column; of a JSON column, the JSON text. */
  columns: ColumnValues;
  /** The name of the record format. */
  format: string;
  /** Fields that have no column. */
  unknownFields: number;
  /** Columns that a value did not fit. The value is in other_fields. */
  misfits: Column[];
}

/** Why a record is no review; of a value's problem, with the column that the value is for. */
export type RejectionReason =
  | 'line-too-long'
  | 'invalid-utf8'
  | 'malformed-json'
  | 'not-an-object'
  | 'unclosed-quote'
  | 'malformed-row'
  | `missing:${Column}`
  | `${Problem}:${Column}`;

type Fields = Record<string, unknown>;

const { seconds, date } = timeColumns;

/** A record, and ways to its parts. */
interface OpenedRecord {
  fields: Fields;
  /** The value without its type next to it. */
  plain(value: unknown): unknown;
  /** The fields as they are written. */
  members(): Member[];
}

export interface ReviewParser {
  /** Formats that a user added. */
  added: readonly RecordFormat[];
  /** Names of the formats whose plain lines need no parser. */
  plainFormats: readonly string[];
  /** `bytes`: one line without its newline, or one element of an array. A `null` counts as a missing field. */
  parseReview(bytes: Buffer): Review | RejectionReason;
  /** A row of a table: its fields, as texts, under the names of the table's header. */
  parseRecord(fields: Fields): Review | RejectionReason;
}

/** What a table that is written as text has for NULL. */
const nullText = '\\N';
/** MySQL's client writes this for NULL. In other tables it may be a name. */
const nullTextOfMysql = 'NULL';
/** JSON in which each escape was escaped again can come near max_allowed_packet. No file of people's has so much. */
const maxOtherFieldsLength = 1.5 * 1024 * 1024;

const noValues: ColumnValues = Object.fromEntries(columnNames.map((column) => [column, null])) as ColumnValues;

/** `added`: formats that come before those of functions/shared/record-formats.ts. */
export function createReviewParser(added: readonly RecordFormat[] = []): ReviewParser {
  const formats = [...added, ...recordFormats];
  const formatOf = createFormatMatcher(formats);
  return {
    added,
    plainFormats: plainFormatsAmong(formats).map(({ name }) => name),
    parseReview(bytes) {
      if (!isUtf8(bytes)) return 'invalid-utf8';
      const text = bytes.toString('utf8');
      const parsed = parseTolerantly(text);
      if (parsed === undefined) return 'malformed-json';
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'not-an-object';
      // A field of the name __proto__ is one like any other here: JSON.parse makes it an own property.
      const record = openRecord(parsed as Fields, text);
      return reviewOf(record, formatOf(record.fields));
    },
    parseRecord(fields) {
      const row = openRow(withNulls(fields, nullText));
      const matched = formatOf(row.fields);
      if (matched.format.name !== 'own-table') return reviewOf(row, matched);
      const ownRow = openRow(withNulls(row.fields, nullTextOfMysql));
      return reviewOf(ownRow, formatOf(ownRow.fields));
    },
  };
}

/** Without added formats. */
export const reviewParser = createReviewParser();
export const { parseReview, parseRecord } = reviewParser;

function openRecord(parsed: Fields, text: string): OpenedRecord {
  const item = dynamoItem(parsed);
  if (!item) return { fields: parsed, plain: plainValue, members: () => membersOf(text) };
  const inner = () => (item.inItem ? (membersOf(text).at(-1)?.raw ?? '{}') : text);
  return { fields: item.fields, plain: dynamoValue, members: () => membersOf(inner()) };
}

const openRow = (fields: Fields): OpenedRecord => ({
  fields,
  plain: (value) => value,
  members: () => Object.entries(fields).map(([name, value]) => ({ name, raw: JSON.stringify(value) ?? 'null' })),
});

function withNulls(fields: Fields, nullText: string): Fields {
  let has = false;
  for (const name in fields) has ||= fields[name] === nullText;
  if (!has) return fields;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value === nullText ? null : value]));
}

/** What becomes of a record's fields, one after the other. */
interface Filling {
  columns: ColumnValues;
  /** Names of fields whose value is kept in other_fields though they have a column. */
  kept: string[];
  misfits: Column[];
  /** How many fields are kept because another one filled their column. */
  second: number;
  /** What was wrong with a value of a column that a review must have. */
  idProblem: `${Problem}:${Column}` | null;
  /** The text of the review's time, which is written as a date. */
  date: string | null;
  /** Fields of other_fields in a row of this service's own table. */
  nested: Member[];
}

function reviewOf(record: OpenedRecord, matched: MatchedFormat): Review | RejectionReason {
  const { format, fields, withoutColumn } = matched;
  const columns = { ...noValues };
  const filling: Filling = { columns, kept: [], misfits: [], second: 0, idProblem: null, date: null, nested: [] };
  for (const field of fields) {
    const reason = fill(filling, record, field);
    if (reason) return reason;
  }
  if (columns.reviewer_id === null) {
    if (filling.idProblem || !format.mayBeAnonymous) return filling.idProblem ?? 'missing:reviewer_id';
    columns.reviewer_id = '';
  }
  if (columns.asin === null) return filling.idProblem ?? 'missing:asin';
  // A time that is written as a date is the review's time as text, too, if no other field is.
  columns[date] ??= filling.date;
  if (columns[seconds] === null && columns[date] !== null) columns[seconds] = secondsOfDate(columns[date] as string);
  const { kept, misfits, nested, second } = filling;
  if (withoutColumn.length + kept.length + nested.length > 0) {
    const names = new Set([...withoutColumn, ...kept]);
    const others = otherFieldsJson([...nested, ...record.members().filter(({ name }) => names.has(name))]);
    if (others.length > maxOtherFieldsLength) return 'too-long:other_fields';
    columns.other_fields = others;
  }
  return { columns, format: format.name, unknownFields: withoutColumn.length + second, misfits };
}

/** Fills the field's column, or sees to it that the value is kept. Returns why the record is no review. */
function fill(filling: Filling, record: OpenedRecord, field: FieldOfColumn): RejectionReason | null {
  const { columns } = filling;
  const { name, column, votesOfAll: isPair } = field;
  const value = record.plain(record.fields[name]);
  if (field.isSpare && (value === null || columns[column] !== null)) {
    keepSecond(filling, name);
    return null;
  }
  if (value === null) return null;
  if (column === 'other_fields') {
    fillOtherFields(filling, record, name, value);
    return null;
  }
  if (isPair) {
    fillVotes(filling, name, value);
    return null;
  }
  const read = readValue(column, value);
  if (!isMisfit(read)) {
    if (read === null) return null;
    if (columns[column] !== null) {
      // Another field was first.
      keepSecond(filling, name);
      return null;
    }
    columns[column] = read;
    if (column === seconds) filling.date = dateIn(value);
    return null;
  }
  const { problem } = read;
  if (definitionOf(column).required) filling.idProblem ??= `${problem}:${column}`;
  else if (problem === 'lone-surrogate') return `${problem}:${column}`;
  filling.kept.push(name);
  filling.misfits.push(column);
  return null;
}

function keepSecond(filling: Filling, name: string): void {
  filling.kept.push(name);
  filling.second += 1;
}

/** The value, if it is a date in text that the column for dates takes. */
function dateIn(value: unknown): string | null {
  if (typeof value !== 'string' || secondsOfDate(value) === null) return null;
  const read = readValue(date, value);
  return typeof read === 'string' ? read : null;
}

const notAPair: Misfit = { problem: 'wrong-type' };

function fillVotes(filling: Filling, name: string, value: unknown): void {
  if (typeof value === 'string' && value.trim() === '') return;
  const pair = votesOfAll(value);
  for (const [index, column] of (['vote', 'vote_total'] as const).entries()) {
    const read = pair ? readValue(column, pair[index]) : notAPair;
    if (isMisfit(read)) {
      filling.misfits.push(column);
      filling.kept.push(name);
    } else if (filling.columns[column] === null) filling.columns[column] = read;
    else if (filling.columns[column] !== read) filling.kept.push(name);
  }
}

/** A table that was exported has other fields already. They go back to where they were. */
function fillOtherFields(filling: Filling, record: OpenedRecord, name: string, value: unknown): void {
  if (typeof value === 'string' && value.trim() === '') return;
  const parsed = typeof value === 'string' ? jsonIn(value) : value;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    filling.kept.push(name);
    return;
  }
  if (typeof value === 'string') filling.nested = membersOf(value);
  else if (value !== record.fields[name]) filling.nested = membersOf(JSON.stringify(value));
  else filling.nested = membersOf(record.members().find((member) => member.name === name)?.raw ?? '{}');
}
