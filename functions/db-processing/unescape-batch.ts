// Values as `mysql --batch` writes them: in lines of tabs, with escapes instead of quotes.
import { comparableName } from '../shared/record-formats.ts';
import type { Line } from './split-lines.ts';

export interface TableForm {
  delimiter: string;
  /** A quote at the beginning of a field means something. */
  isQuoted: boolean;
}

const escapes: Record<string, string> = { '\\\\': '\\', '\\n': '\n', '\\t': '\t', '\\0': '\0' };

/** Whether these names are those of this service's own table. No other program writes it with tabs and without quotes. */
export function isOwnTableInTabs({ delimiter }: Pick<TableForm, 'delimiter'>, names: readonly string[]): boolean {
  const known = new Set(names.map(comparableName));
  return delimiter === '\t' && known.has('sourceid') && known.has('sourceoffset');
}

/** How this service's own table is written with tabs. */
export interface OwnTable {
  /** In a row. */
  fields: number;
  /** The names in the header have quotes. */
  quotesNames: boolean;
}

/**
 * A row's fields as they were in the database. `mysql --batch` writes escapes, and the quotes that it writes are part of the texts. Other
 * programs quote all names too, or only values that need it: these have a tab, a line end or a quote in them.
 */
export function fieldsOfOwnTable(
  row: Pick<Line, 'buffer' | 'from' | 'to'> & { isQuoted: boolean },
  fields: string[] | null,
  { fields: count, quotesNames }: OwnTable,
): string[] | null {
  if (fields === null) return null;
  if (!row.isQuoted) return fields.map(unescapeBatch);
  if (quotesNames) return fields;
  const written = row.buffer.toString('utf8', row.from, row.to).split('\t');
  const quoted = written.filter((value) => value.startsWith('"') && value !== '""');
  const isBatch =
    written.length === count && quoted.length > 0 && quoted.every((value) => /^"[^"\r\n]+" *$/.test(value));
  return isBatch ? written.map(unescapeBatch) : fields;
}

/** A value with a backslash that is no escape of MySQL's is left as it is. */
function unescapeBatch(value: string): string {
  if (!value.includes('\\')) return value;
  let areKnown = true;
  const unescaped = value.replace(/\\[\s\S]?/g, (found) => {
    areKnown &&= found in escapes;
    return escapes[found] ?? found;
  });
  return areKnown ? unescaped : value;
}
