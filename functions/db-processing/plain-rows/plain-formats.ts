// The fields of record formats, as the module for plain lines needs them. A line's names must match exactly.
import {
  type Column,
  type ColumnKind,
  columnNames,
  comparableName,
  definitionOf,
  type RecordFormat,
  recordFormats,
  timeColumns,
} from '../../shared/record-formats.ts';

/** Kinds of fields, numbered as assembly/scan-value.ts has them. */
const kinds = [
  'text',
  'count',
  'votesOfAll',
  'rating',
  'time',
  'boolean',
  'object',
  'list',
  'date',
  'withoutColumn',
] as const;
type FieldKind = (typeof kinds)[number];

export interface PlainField {
  name: string;
  kind: FieldKind;
  column: Column;
}

/** Formats whose lines can be plain. */
export const plainFormatNames = ['public', 'amazon-2023', 'goodreads'];

const kindOfColumn: Record<ColumnKind, FieldKind | null> = {
  id: 'text',
  text: 'text',
  count: 'count',
  rating: 'rating',
  seconds: 'time',
  boolean: 'boolean',
  object: 'object',
  list: 'list',
  fields: null,
};

/** The first field of each column, and all known fields without a column. */
export function plainFieldsOf(format: RecordFormat): PlainField[] {
  const fields = columnNames.flatMap((column): PlainField[] => {
    const kind = kindOfColumn[definitionOf(column).kind];
    const named = format.fields[column] ?? [];
    const first = named.find((field) => typeof field === 'string');
    const pair = named.find((field) => typeof field !== 'string');
    // If a format has no time as a number, its date gives the time.
    const isDate = column === timeColumns.date && !format.fields[timeColumns.seconds];
    return [
      ...(typeof first === 'string' && kind ? [{ name: first, kind: isDate ? ('date' as const) : kind, column }] : []),
      ...(typeof pair === 'object' ? [{ name: pair.votesOfAll, kind: 'votesOfAll' as const, column }] : []),
    ];
  });
  const others = format.withoutColumn.map((name) => ({
    name,
    kind: 'withoutColumn' as const,
    column: 'other_fields' as const,
  }));
  return [...fields, ...others];
}

/**
 * The switch of the module. Set it to false to bisect a bug: parseReview then reads every line. This takes more CPU, and must not
 * change any row.
 */
const usesModule: boolean = true;

/**
 * The formats whose plain lines the module may take. A line with only their fields cannot have a format that comes before them.
 * `formats`: all formats, in their order.
 */
export function plainFormatsAmong(formats: readonly RecordFormat[]): RecordFormat[] {
  return recordFormats.filter((format) => {
    if (!usesModule || !plainFormatNames.includes(format.name)) return false;
    const names = new Set(plainFieldsOf(format).map(({ name }) => comparableName(name)));
    const before = formats.slice(0, formats.indexOf(format));
    return !before.some(({ identifiedBy }) =>
      identifiedBy.every((some) => some.some((name) => names.has(comparableName(name)))),
    );
  });
}

const entryBytes = 64;
const mostFields = 16;
/** The module needs no bound here, because a plain line is shorter. */
const noBound = 65_535;

/** The columns that a field fills, one bit per column. */
function filledBy(kind: FieldKind, column: Column): number {
  const bitOf = (one: Column) => 1 << columnNames.indexOf(one);
  if (kind === 'withoutColumn') return 0;
  if (kind === 'votesOfAll') return bitOf('vote') | bitOf('vote_total');
  return kind === 'date' ? bitOf(column) | bitOf(timeColumns.seconds) : bitOf(column);
}

/** The table of fields that assembly/fields.ts describes. @throws {Error} if a format does not fit into it */
export function fieldTable(formats: readonly RecordFormat[]): Buffer {
  const table = Buffer.alloc(formats.length * mostFields * entryBytes);
  for (const [place, format] of formats.entries()) {
    const fields = plainFieldsOf(format);
    if (fields.length > mostFields) throw new Error(`${format.name} has more fields than the module takes`);
    for (const [index, { name, kind, column }] of fields.entries()) {
      const at = (place * mostFields + index) * entryBytes;
      if (table.write(name, at, 32, 'latin1') !== name.length)
        throw new Error(`${name} is longer than the module takes`);
      table.writeUInt8(name.length, at + 32);
      table.writeUInt8(kinds.indexOf(kind), at + 33);
      table.writeUInt8(columnNames.indexOf(column), at + 34);
      table.writeUInt32LE(definitionOf(column).maxCharacters ?? noBound, at + 36);
      table.writeUInt32LE(filledBy(kind, column), at + 40);
      table.writeUInt32LE(1 << index, at + 44);
    }
  }
  return table;
}
