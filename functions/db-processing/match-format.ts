// Which record format a record has, and so which field fills which column. Records of a file have the same few sets of fields, so
// the answer is kept for each set.
import {
  type Column,
  columnNames,
  comparableName,
  type FormatField,
  type RecordFormat,
  recordFormats,
} from '../shared/record-formats.ts';

export interface FieldOfColumn {
  /** As the record has it. */
  name: string;
  column: Column;
  /** The field also has all votes: `[2, 3]`. */
  votesOfAll: boolean;
  /** Where another field fills the column, this one has no column. */
  isSpare: boolean;
}

export interface MatchedFormat {
  format: RecordFormat;
  /** In the order of the columns, and of a column's fields in the order in which the format names them. */
  fields: FieldOfColumn[];
  /** Names of the fields that no column takes. */
  withoutColumn: string[];
}

export type FormatMatcher = (record: Record<string, unknown>) => MatchedFormat;

/** Sets of fields that are kept. A hostile file has as many as lines. */
const maxSets = 200;

interface ComparableFormat {
  format: RecordFormat;
  identifiedBy: string[][];
  /** By comparable name: the place in the order of all fields. */
  places: Map<string, Omit<FieldOfColumn, 'name'> & { order: number }>;
}

const nameOf = (field: FormatField): string => (typeof field === 'string' ? field : field.votesOfAll);

function comparableFormat(format: RecordFormat): ComparableFormat {
  const places: ComparableFormat['places'] = new Map();
  for (const column of columnNames) {
    for (const field of format.fields[column] ?? []) {
      const isSpare = format.withoutColumn.includes(nameOf(field));
      const votesOfAll = typeof field !== 'string';
      places.set(comparableName(nameOf(field)), { column, votesOfAll, isSpare, order: places.size });
    }
  }
  return { format, identifiedBy: format.identifiedBy.map((names) => names.map(comparableName)), places };
}

/** Tells a record's format by the fields that are not null. `formats`: the first that fits is taken. */
export function createFormatMatcher(formats: readonly RecordFormat[] = recordFormats): FormatMatcher {
  const comparable = formats.map(comparableFormat);
  const known = new Map<string, MatchedFormat>();

  const match = (record: Record<string, unknown>): MatchedFormat => {
    const names = Object.keys(record);
    const present = new Set(names.filter((name) => record[name] !== null).map(comparableName));
    const { format, places } = bestOf(comparable, present);
    const withoutColumn: string[] = [];
    const placed = names.flatMap((name) => {
      const place = places.get(comparableName(name));
      if (!place) withoutColumn.push(name);
      return place ? [{ name, ...place }] : [];
    });
    placed.sort((one, other) => one.order - other.order);
    return { format, fields: placed.map(({ order: _, ...field }) => field), withoutColumn };
  };
  return (record) => {
    let key = '';
    for (const name in record) key += `${name.length}${record[name] === null ? '-' : '+'}${name}`;
    let matched = known.get(key);
    if (!matched) {
      matched = match(record);
      if (known.size >= maxSets) known.clear();
      known.set(key, matched);
    }
    return matched;
  };
}

/** The first format that has all of its identifying fields. Without one, the format that has most of them: its reason says what is missing. */
function bestOf(formats: ComparableFormat[], present: Set<string>): ComparableFormat {
  let best = formats[0] as ComparableFormat;
  let most = 0;
  for (const format of formats) {
    const found = format.identifiedBy.filter((names) => names.some((name) => present.has(name))).length;
    if (found === format.identifiedBy.length) return format;
    if (found > most) {
      best = format;
      most = found;
    }
  }
  return best;
}
