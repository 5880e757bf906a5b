// The JSON of the column other_fields: fields under their names, with their values as they are written.
import { isHeldAsWritten, isJsonKey } from './json-column.ts';
import type { Member } from './json-members.ts';

/**
 * A value that MySQL would refuse or change is kept as a string with its JSON text. A field whose name MySQL refuses is also kept, in a
 * string under the empty name.
 */
export function otherFieldsJson(fields: readonly Member[]): string {
  const members: string[] = [];
  const unnamed: string[] = [];
  for (const { name, raw } of fields) {
    if (!isJsonKey(name)) unnamed.push(`${JSON.stringify(name)}:${raw}`);
    else members.push(`${JSON.stringify(name)}:${isHeldAsWritten(raw) ? raw : JSON.stringify(raw)}`);
  }
  if (unnamed.length > 0) members.push(`"":${JSON.stringify(unnamed.join(','))}`);
  return `{${members.join(',')}}`;
}
