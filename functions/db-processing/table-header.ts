// The names in a table's header.

/** Excel writes or reads this before the header. */
export const separatorLine = /^sep=.$/i;

/**
 * Names as they are written. A name that is there already gets its column's number, so that no value is lost: `title`, `title (column 3)`.
 * pandas writes its index under an empty name.
 */
export function namesOfHeader(fields: readonly string[]): string[] {
  const names = new Set<string>();
  for (const [index, field] of fields.entries()) {
    let name = field;
    while (names.has(name)) name = `${name} (column ${index + 1})`.trimStart();
    names.add(name);
  }
  return [...names];
}
