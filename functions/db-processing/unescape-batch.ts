// Values as `mysql --batch` writes them: in lines of tabs, with escapes instead of quotes.
import { comparableName } from '../shared/record-formats.ts';

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

/** A value with a backslash that is no escape of MySQL's is left as it is. */
export function unescapeBatch(value: string): string {
  if (!value.includes('\\')) return value;
  let areKnown = true;
  const unescaped = value.replace(/\\[\s\S]?/g, (found) => {
    areKnown &&= found in escapes;
    return escapes[found] ?? found;
  });
  return areKnown ? unescaped : value;
}
