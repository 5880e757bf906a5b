import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBatchBuilder } from '../../functions/db-processing/review-batch.ts';
import { openForReviews } from '../../functions/db-processing/review-store.ts';
import type { Session } from '../../functions/shared/mysql.ts';
import { headroomBytes } from '../../functions/shared/mysql-statement.ts';
import { doubleLiteral, integerLiteral, jsonLiteral, textLiteral } from '../../functions/shared/sql-text.ts';
import { type MysqlServer, startMysql } from '../../local/database/single-server.ts';

let mysql: MysqlServer;
let session: Session;
beforeAll(async () => {
  mysql = await startMysql();
  session = await openForReviews(mysql.openSession);
});
afterAll(async () => {
  await session?.close();
  await mysql?.stop();
});

const readBack = async (literals: string[], expression: (literal: string) => string) => {
  const [row] = await session.run<Record<string, string>[]>(
    `SELECT ${literals.map((literal, index) => `${expression(literal)} AS \`${index}\``).join()}`,
    30_000,
  );
  // Bytes, as everything is that the session makes of literals.
  return Object.values(row ?? {}).map(String);
};
const hexOf = (text: string) => Buffer.from(text).toString('hex').toUpperCase();

describe('a text literal', () => {
  it('is read by the server as the same text, for every character that there is', async () => {
    const texts: string[] = [];
    for (let start = 0; start <= 0x10ffff; start += 0x1000) {
      const codes = Array.from({ length: 0x1000 }, (_, index) => start + index);
      texts.push(String.fromCodePoint(...codes.filter((code) => code < 0xd800 || code > 0xdfff)));
    }
    const hex = await readBack(texts.map(textLiteral), (literal) => `HEX(${literal})`);
    expect(hex.join('')).toBe(texts.map(hexOf).join(''));
  });

  it('is read as the same text where quotes, escapes and NULs stand in any order', async () => {
    const nasty = fc.string({
      unit: fc.constantFrom("'", '"', '\\', '\0', '%', '_', 'n', '\n', '\r', '\x1a', '`', '?', ';', '--', 'é', '😀'),
      maxLength: 12,
    });
    const texts = fc.sample(nasty, { numRuns: 2_000, seed: 3 });
    for (let start = 0; start < texts.length; start += 500) {
      const some = texts.slice(start, start + 500);
      expect(await readBack(some.map(textLiteral), (literal) => `HEX(${literal})`)).toEqual(some.map(hexOf));
    }
  });
});

describe('the text literal of a plain line', () => {
  /** `json`: what stands for each text in its line. Each is read by the server as the text. */
  const expectRead = async (texts: string[], json: (text: string) => string) => {
    const lines = texts.map((text) => `{"reviewerID":"A1","asin":"B1","reviewText":${json(text)}}\n`).join('');
    const batches = createBatchBuilder('00'.repeat(16), 'us-east-1', texts.length);
    const buffer = Buffer.from(lines);
    const { lines: taken, full } = batches.plainLines({ buffer, from: 0, to: buffer.length, offset: 0 }).add(0);
    expect(taken).toBe(texts.length);
    const insert = full?.insert.toString('utf8', headroomBytes) ?? '';
    const literals = [...insert.matchAll(/,"B1",NULL,NULL,NULL,("(?:[^"\\]|\\.)*"),/gs)].map(
      ([, literal]) => literal as string,
    );
    expect(await readBack(literals, (literal) => `HEX(${literal})`)).toEqual(texts.map(hexOf));
  };
  const inAscii = (text: string) =>
    `"${Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;

  it('is read by the server as the same text, for every character that there is, as it is and as an escape', async () => {
    const texts: string[] = [];
    for (let start = 0; start <= 0x10ffff; start += 0x800) {
      const codes = Array.from({ length: 0x800 }, (_, index) => start + index);
      const text = String.fromCodePoint(...codes.filter((code) => code < 0xd800 || code > 0xdfff));
      if (text !== '') texts.push(text);
    }
    const some = 8;
    for (let start = 0; start < texts.length; start += some) {
      // JSON.stringify escapes what it must.
      await expectRead(texts.slice(start, start + some), JSON.stringify);
      await expectRead(texts.slice(start, start + some), inAscii);
    }
  });

  it('is read as the same text where quotes, escapes and NULs stand in any order', async () => {
    const unit = fc.constantFrom(
      "'",
      '"',
      '\\',
      '\0',
      '%',
      '_',
      'n',
      '\n',
      '\r',
      '\f',
      '\x1a',
      '`',
      '?',
      ';',
      '--',
      'é',
      '😀',
    );
    const texts = fc.sample(fc.string({ unit, maxLength: 12 }), { numRuns: 2_000, seed: 4 });
    for (let start = 0; start < texts.length; start += 500) {
      await expectRead(texts.slice(start, start + 500), JSON.stringify);
      await expectRead(texts.slice(start, start + 500), inAscii);
    }
  });
});

describe('a literal in a column', () => {
  const store = (literals: string) =>
    session.run(`INSERT INTO texts (\`varchar\`, \`text\`, \`json\`) VALUES (${literals})`, 10_000);
  beforeAll(() =>
    session.run(
      'CREATE TABLE texts (`varchar` VARCHAR(3) NULL, `text` TEXT NULL, `json` JSON NULL) DEFAULT CHARACTER SET utf8mb4',
      10_000,
    ),
  );

  it('is the text in characters, though the session sends bytes', async () => {
    await store(`${textLiteral('書評😀')},${textLiteral("it's 😀")},${jsonLiteral('{"ключ":"it\'s 😀"}')}`);
    const [row] = await mysql.query<Record<string, string | number>>(
      'SELECT *, CHAR_LENGTH(`varchar`) AS characters, JSON_UNQUOTE(`json`->\'$."ключ"\') AS inside FROM texts',
    );
    expect(row).toMatchObject({ varchar: '書評😀', text: "it's 😀", characters: 3, inside: "it's 😀" });
  });

  it('is refused where its bytes are no UTF-8, or its characters too many', async () => {
    const bytes = Buffer.from(`      ${' '.repeat(10)}INSERT INTO texts (\`text\`) VALUES ('?')`);
    bytes[bytes.indexOf('?')] = 0xff;
    await expect(session.run(bytes, 10_000)).rejects.toMatchObject({ cause: { errno: 1366 } });
    await expect(store(`${textLiteral('書評😀!')},NULL,NULL`)).rejects.toMatchObject({ cause: { errno: 1406 } });
    expect(await mysql.query('SELECT `varchar` FROM texts')).toHaveLength(1);
  });
});

describe('a number literal', () => {
  it('is read as the same number', async () => {
    const doubles = fc.sample(fc.double({ min: 0, max: 5, noNaN: true }), { numRuns: 1_000, seed: 5 });
    await session.run('CREATE TABLE numbers (position INT AUTO_INCREMENT PRIMARY KEY, d DOUBLE, i BIGINT)', 10_000);
    const rows = doubles.map(
      (double, index) => `(${doubleLiteral(double)}, ${integerLiteral(Number.MAX_SAFE_INTEGER - index)})`,
    );
    await session.run(`INSERT INTO numbers (d, i) VALUES ${rows.join()}`, 10_000);
    const read = await session.run<{ d: number; i: number }[]>('SELECT d, i FROM numbers ORDER BY position', 10_000);
    expect(read.map(({ d }) => d + 0)).toEqual(doubles.map((double) => double + 0));
    expect(read.map(({ i }) => Number(i))).toEqual(doubles.map((_, index) => Number.MAX_SAFE_INTEGER - index));
  });
});
