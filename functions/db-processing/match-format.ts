// Which record format a record has, and so which field fills which column. Records of a file have the same few sets of fields, so
// the answer is kept for each set.
import {
  type Column,
  columnNames,
  comparableName,
  type FormatField,
  type RecordFormat,
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

/** How much is kept. The records of a hostile file have no field in common. */
const maxKnown = 5000;

/** Of the fields so far, in their order: what is known of the records that have them, and of those that have more. */
interface Known {
  matched: MatchedFormat | null;
  withValue: Map<string, Known>;
  withNull: Map<string, Known>;
}
const nothingKnown = (): Known => ({ matched: null, withValue: new Map(), withNull: new Map() });

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
export function createFormatMatcher(formats: readonly RecordFormat[]): FormatMatcher {
  const comparable = formats.map(comparableFormat);
  let known = nothingKnown();
  let size = 0;
  const forget = () => {
    known = nothingKnown();
    size = 0;
  };

  const match = (record: Record<string, unknown>): MatchedFormat => {
    const names = Object.keys(record);
    const present = new Set(names.filter((name) => record[name] !== null).map(comparableName));
    const { format, places } =
      firstOf(comparable, present) ??
      firstOf(comparable, new Set(names.map(comparableName))) ??
      nearestTo(comparable, present);
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
    let at = known;
    // A name is hashed once, as long as the program lives, so this costs less than a text of all names.
    for (const name in record) {
      const next = record[name] === null ? at.withNull : at.withValue;
      let then = next.get(name);
      if (!then) {
        if (size >= maxKnown) {
          forget();
          return match(record);
        }
        size += 1;
        then = nothingKnown();
        next.set(name, then);
      }
      at = then;
    }
    at.matched ??= match(record);
    return at.matched;
  };
}

const isPresent = (names: string[], present: Set<string>) => names.some((name) => present.has(name));

/** The first format that has all of its identifying fields. */
const firstOf = (formats: ComparableFormat[], present: Set<string>): ComparableFormat | undefined =>
  formats.find(({ identifiedBy }) => identifiedBy.every((names) => isPresent(names, present)));

/**
 * The format that has most of its identifying fields: its reason says what is missing. A format that needs no reviewer is left out. Its
 * product's field may be any `id`, so a record of something else would seem to be a review.
 */
function nearestTo(formats: ComparableFormat[], present: Set<string>): ComparableFormat {
  let nearest = formats[0] as ComparableFormat;
  let most = 0;
  for (const one of formats) {
    const found = one.identifiedBy.filter((names) => isPresent(names, present)).length;
    if (found <= most || one.format.mayBeAnonymous) continue;
    nearest = one;
    most = found;
  }
  return nearest;
}
