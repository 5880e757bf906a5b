// The rows of an INSERT, read as the manual of MySQL says that a server reads literals with backslash escapes on and ANSI_QUOTES off.
import { isUtf8 } from 'node:buffer';
import type { Row, Value } from './expected-row.ts';
import { readJson } from './read-json.ts';

export interface DecodedRow {
  /** In hexadecimal. */
  sourceId: string;
  offset: number;
  region: string;
  row: Row;
}

const before = 'INSERT INTO book_reviews (source_id, source_offset, region_indicator, ';
const after = ' ON DUPLICATE KEY UPDATE source_id = source_id';
const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  0: '\0',
  Z: '\x1a',
  _: '\\_',
  '%': '\\%',
};
const number = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;

/** Reads the tokens of a statement, one after the other. */
function tokensOf(statement: Buffer) {
  // A character for each byte.
  const sql = statement.toString('latin1');
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(`${what} at ${at} of a statement: ${JSON.stringify(sql.slice(Math.max(0, at - 80), at + 80))}`);
  };
  const take = (token: string): boolean => {
    if (!sql.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };
  const want = (token: string) => {
    if (!take(token)) fail(`no ${token}`);
  };
  const readBytes = (): string => {
    const quote = sql[at] === "'" || sql[at] === '"' ? sql[at] : fail('no text');
    let value = '';
    for (at += 1; ; at += 1) {
      const byte = sql[at] ?? fail('a text without an end');
      if (byte === '\\') {
        at += 1;
        const escaped = sql[at] ?? fail('a text without an end');
        value += escapes[escaped] ?? escaped;
      } else if (byte !== quote) value += byte;
      else if (sql[at + 1] === quote) {
        value += quote;
        at += 1;
      } else break;
    }
    at += 1;
    return value;
  };
  const readText = (): string => {
    const bytes = Buffer.from(readBytes(), 'latin1');
    return isUtf8(bytes) ? bytes.toString('utf8') : fail('a text that is not UTF-8 before this');
  };
  const readHex = (): string => {
    want('x');
    return readBytes();
  };
  const readNumber = (): number => {
    number.lastIndex = at;
    const [digits] = number.exec(sql) ?? fail('no literal');
    at += digits.length;
    return Number(digits) + 0;
  };
  const readValue = (): Value => {
    if (take('NULL')) return null;
    if (take('_utf8mb4')) return { json: readJson(readText()) };
    return sql[at] === "'" || sql[at] === '"' ? readText() : readNumber();
  };
  /** The names up to the closing bracket, which stays. */
  const readNames = (): string[] => {
    const end = sql.indexOf(')', at);
    const names = sql.slice(at, end).split(', ');
    at = end;
    return names;
  };
  const expectEnd = () => {
    if (at !== sql.length) fail('more text');
  };
  return { take, want, readText, readHex, readNumber, readValue, readNames, expectEnd };
}

/** @throws {Error} if the statement is not an INSERT of literals in UTF-8 */
export function decodeInsert(statement: Buffer): DecodedRow[] {
  const { take, want, readText, readHex, readNumber, readValue, readNames, expectEnd } = tokensOf(statement);
  /** The first row has its Region only while the source is open. */
  const readFence = (sourceId: string): string => {
    want('(SELECT ');
    const region = readText();
    want(` FROM sources WHERE source_id=x'${sourceId}' AND closed_at IS NULL)`);
    return region;
  };

  want(before);
  const columns = readNames();
  want(') VALUES ');
  const rows: DecodedRow[] = [];
  do {
    want('(');
    const sourceId = readHex();
    want(',');
    const offset = readNumber();
    want(',');
    const region = rows.length === 0 ? readFence(sourceId) : readText();
    const row: Row = {};
    for (const column of columns) {
      want(',');
      row[column] = readValue();
    }
    want(')');
    rows.push({ sourceId, offset, region, row });
  } while (take(','));
  want(after);
  expectEnd();
  return rows;
}
