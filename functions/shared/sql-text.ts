// Literals for SQL, in UTF-8. The sessions have backslash escapes on (functions/shared/mysql.ts).

export const nullLiteral = 'NULL';

/** A text literal, or NULL. Inside single quotes, only these three characters mean anything to the server. */
export function textLiteral(text: string | null): string {
  if (text === null) return nullLiteral;
  let escaped = text;
  if (escaped.includes('\\')) escaped = escaped.replaceAll('\\', '\\\\');
  if (escaped.includes("'")) escaped = escaped.replaceAll("'", "\\'");
  if (escaped.includes('\0')) escaped = escaped.replaceAll('\0', '\\0');
  return `'${escaped}'`;
}

/** Goes before the literal of a JSON column, which takes no bytes of an unknown character set. */
export const jsonIntroducer = '_utf8mb4';

/** A literal for a JSON column, or NULL. */
export const jsonLiteral = (text: string | null): string =>
  text === null ? nullLiteral : `${jsonIntroducer}${textLiteral(text)}`;

/** An integer that the server reads exactly. */
export const integerLiteral = (value: number | null): string => (value === null ? nullLiteral : String(value));

/** A double. It has an exponent, so that the server does not read it as an exact decimal first. */
export function doubleLiteral(value: number | null): string {
  if (value === null) return nullLiteral;
  const text = String(value);
  return text.includes('e') ? text : `${text}e0`;
}

export const booleanLiteral = (value: boolean | null): string => (value === null ? nullLiteral : value ? '1' : '0');
