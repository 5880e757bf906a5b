// The names in a table's header.

export interface Header {
  /** Names of the fields, up to the last field with a name. */
  names: string[];
  /** Of all fields. Some programs end each line with a delimiter. */
  fields: number;
}

/**
 * Names as they are written. A repeated name gets its column's number, so that no value is lost: `title`, `title (column 3)`.
 * pandas writes its index under an empty name.
 */
export function headerOf(fields: readonly string[]): Header {
  const names = new Set<string>();
  const named = fields.findLastIndex((field) => field.trim() !== '') + 1;
  for (const [index, field] of fields.slice(0, named).entries()) {
    let name = field;
    while (names.has(name)) name = `${name} (column ${index + 1})`.trimStart();
    names.add(name);
  }
  return { names: [...names], fields: fields.length };
}
