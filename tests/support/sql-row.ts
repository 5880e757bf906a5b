// The values of a row of SQL, `(…,…)`, read as MySQL's manual says that literals are: an independent check of how they are written.

/** Of a text that is said to be UTF-8, as a JSON column needs it. */
export interface Utf8 {
  utf8mb4: string;
}
type Value = string | number | null | Utf8;

const introducer = '_utf8mb4';

/** Texts, numbers, null; a hexadecimal literal as its digits. @throws {Error} if it is no row of literals */
export function readRow(sql: string): Value[] {
  const values: Value[] = [];
  let at = 1;
  if (sql[0] !== '(') throw new Error('no row');
  for (;;) {
    const hex = /^x'([0-9a-f]*)'/.exec(sql.slice(at, at + 40));
    const quote = sql.startsWith(introducer, at) ? at + introducer.length : at;
    const bare = /^(NULL|\d+(\.\d+)?(e[+-]?\d+)?)/.exec(sql.slice(at, at + 40));
    if (hex) {
      values.push(`${hex[1]}`);
      at += hex[0].length;
    } else if (sql[quote] === "'" || sql[quote] === '"') {
      const text = readText(sql, quote);
      values.push(quote === at ? text.value : { utf8mb4: text.value });
      at = text.end;
    } else if (bare) {
      values.push(bare[0] === 'NULL' ? null : Number(bare[0]));
      at += bare[0].length;
    } else throw new Error(`no literal at ${at}`);
    if (sql[at] === ')' && at === sql.length - 1) return values;
    if (sql[at] !== ',') throw new Error(`no comma at ${at}`);
    at += 1;
  }
}

const escaped: Record<string, string> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
  '%': '\\%',
  _: '\\_',
};

function readText(sql: string, begin: number): { value: string; end: number } {
  const quote = sql[begin];
  let value = '';
  for (let at = begin + 1; at < sql.length; at += 1) {
    const character = sql[at] as string;
    if (character === '\\') {
      at += 1;
      const next = sql[at] ?? '';
      value += escaped[next] ?? next;
    } else if (character === quote) {
      if (sql[at + 1] !== quote) return { value, end: at + 1 };
      value += quote;
      at += 1;
    } else value += character;
  }
  throw new Error('a text without an end');
}
