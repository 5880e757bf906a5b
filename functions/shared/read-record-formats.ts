// Reads the parameter RecordFormats: JSON with record formats to add to those of record-formats.ts.
import * as z from 'zod/mini';
import { ConfigurationError } from './errors.ts';
import { parseJson } from './parse-json.ts';
import { type Column, columnNames, comparableName, type RecordFormat, recordFormats } from './record-formats.ts';

const names = z.array(z.string().check(z.minLength(1), z.maxLength(200))).check(z.minLength(1), z.maxLength(20));
const required: readonly Column[] = ['reviewer_id', 'asin'];
const columnFields = z.object(
  Object.fromEntries(columnNames.map((column) => [column, required.includes(column) ? names : z.optional(names)])),
);
const addedFormats = z.record(
  z.string().check(z.regex(/^[a-z0-9-]{1,40}$/)),
  z.strictObject({ ...columnFields.shape, identified_by: z.optional(names) }),
);

/**
 * `json`: `{"my-shop": {"reviewer_id": ["buyer"], "asin": ["sku"], "overall_rating": ["stars"], "identified_by": ["stars"]}}`; empty
 * for none. A column's first field with a value fills it. Without `identified_by`, a record has the format if it has one of the fields
 * of each required column.
 * @throws {ConfigurationError} saying where the text is wrong
 */
export function readRecordFormats(json: string): RecordFormat[] {
  if (json.trim() === '') return [];
  const parsed = addedFormats.safeParse(jsonOf(json));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refusal(`${issue?.path.join('.') || '(the whole)'}: ${issue?.message ?? 'malformed'}`);
  }
  return Object.entries(parsed.data).map(([name, { identified_by: identifiedBy, ...fields }]) =>
    formatOf(name, fields as Fields, identifiedBy),
  );
}

type Fields = Partial<Record<Column, string[]>> & { reviewer_id: string[]; asin: string[] };

function formatOf(name: string, fields: Fields, identifiedBy: string[] | undefined): RecordFormat {
  if (recordFormats.some((format) => format.name === name)) throw refusal(`${name}: there is a format of this name`);
  const all = Object.values(fields).flat().map(comparableName);
  const twice = all.find((one, place) => one === '' || all.indexOf(one) !== place);
  if (twice !== undefined) throw refusal(`${name}: the field "${twice}" is empty or named twice`);
  return {
    name,
    title: 'added by the parameter RecordFormats',
    identifiedBy: identifiedBy?.map((field) => [field]) ?? required.map((column) => fields[column] ?? []),
    fields,
    withoutColumn: [],
  };
}

function jsonOf(json: string): unknown {
  try {
    return parseJson(json);
  } catch (cause) {
    throw refusal('it is not JSON', cause);
  }
}

const refusal = (what: string, cause?: unknown) =>
  new ConfigurationError(`the parameter RecordFormats is not as it should be: ${what}`, { cause });
