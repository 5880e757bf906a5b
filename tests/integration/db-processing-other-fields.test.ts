import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { noSameness, openSources } from '../../functions/db-processing/ledger.ts';
import { parseReview } from '../../functions/db-processing/parse-review.ts';
import { createBatchBuilder } from '../../functions/db-processing/review-batch.ts';
import { openForReviews } from '../../functions/db-processing/review-store.ts';
import type { Session } from '../../functions/shared/mysql.ts';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { type MysqlServer, startMysql } from '../../local/database/single-server.ts';
import { makeSource } from '../support/sources.ts';

const sourceId = '00'.repeat(16);

let mysql: MysqlServer;
let session: Session;
beforeAll(async () => {
  mysql = await startMysql();
  await migrate(mysql.openSession);
  session = await openForReviews(mysql.openSession);
  const opening = { source: makeSource({ sourceId }), sameness: noSameness };
  await openSources(session, [opening], { region: 'us-east-1', maxRejectedPercent: 50, startedAt: undefined }, 30_000);
});
afterAll(async () => {
  await session?.close();
  await mysql?.stop();
});

/** Inserts the lines and returns what MySQL has of each in other_fields, as text. */
async function othersInMysql(lines: string[]): Promise<(string | null)[]> {
  await session.run('DELETE FROM book_reviews', 30_000);
  const batches = createBatchBuilder(sourceId, 'us-east-1', 10_000);
  for (const [offset, line] of lines.entries()) {
    const review = parseReview(Buffer.from(line));
    if (typeof review === 'string') throw new Error(`${review}: ${line}`);
    const full = batches.add(offset, review, line.length);
    if (full) await session.run(full.insert, 30_000);
  }
  for (const last of batches.takeRest()) await session.run(last.insert, 30_000);
  const rows = await mysql.query<{ others: string | null }>(
    'SELECT CAST(other_fields AS CHAR) AS others FROM book_reviews ORDER BY source_offset',
  );
  return rows.map(({ others }) => others);
}

const lineOf = (raw: string, name = 'other') => `{"reviewerID":"A1","asin":"B1",${JSON.stringify(name)}:${raw}}`;

describe('other_fields', () => {
  it('gives a number back digit by digit, or as text', async () => {
    const digits = fc.stringMatching(/^[1-9]\d{0,24}$/);
    const numbers = fc.sample(
      fc.oneof(
        digits,
        digits.map((number) => `-${number}`),
        fc.tuple(digits, digits).map(([whole, fraction]) => `${whole}.${fraction}`),
        fc.tuple(digits, fc.integer({ min: -400, max: 400 })).map(([number, power]) => `${number}e${power}`),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
        fc.constantFrom('18446744073709551615', '18446744073709551616', '-9223372036854775808', '-9223372036854775809'),
        fc.constantFrom(
          '1e999',
          '-1e999',
          'NaN',
          'Infinity',
          '0.1',
          '0.30000000000000004',
          '5.0',
          '4.999999999999999999',
        ),
      ),
      { numRuns: 1_500, seed: 11 },
    );
    // JavaScript writes 1e+21, which JSON allows.
    const found = await othersInMysql(numbers.map((number) => lineOf(number)));
    expect(found).toHaveLength(numbers.length);
    for (const [index, number] of numbers.entries()) {
      const [, kept = ''] = /^\{"other": (.*)\}$/.exec(found[index] ?? '') ?? [];
      if (kept.startsWith('"')) expect(kept).toBe(`"${number}"`);
      else if (/^-?\d+$/.test(number) && /^-?\d+$/.test(kept)) expect(kept).toBe(number);
      else expect([Number(kept), withoutZeros(kept)]).toEqual([Number(number), withoutZeros(number)]);
    }
  });

  it('takes every value that JSON can say', async () => {
    const name = fc.string({ unit: 'binary', maxLength: 6 }).filter((one) => one !== 'reviewerID' && one !== 'asin');
    const values = fc.sample(fc.tuple(name, fc.jsonValue({ noUnicodeString: false, depthSize: 'medium' })), {
      numRuns: 800,
      seed: 12,
    });
    const lines = values.map(([one, value]) => lineOf(JSON.stringify(value), one));
    const found = await othersInMysql(lines);
    expect(found).toHaveLength(lines.length);
    // -0 has no place in MySQL's JSON.
    const comparable = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll('-0', '0'));
    for (const [index, [one, value]] of values.entries()) {
      const others = JSON.parse(found[index] ?? 'null');
      const raw = JSON.stringify(value);
      if (one.isWellFormed()) expect([comparable({ [one]: value }), { [one]: raw }]).toContainEqual(comparable(others));
      else expect(others).toEqual({ '': `${JSON.stringify(one)}:${raw}` });
    }
  });

  it.each([
    '{"a":"\\ud800","a":1}',
    `{"${'x'.repeat(65_536)}":1}`,
    '['.repeat(101) + ']'.repeat(101),
    '['.repeat(99) + ']'.repeat(99),
    '"\\u0000\\u001f\\/"',
    '{"":{"":[]}}',
  ])('takes %.30s', async (raw) => {
    const [others] = await othersInMysql([lineOf(raw)]);
    const value = JSON.parse(others ?? '').other;
    expect([raw, JSON.stringify(JSON.parse(raw))]).toContain(
      typeof value === 'string' && value === raw ? raw : JSON.stringify(value),
    );
  });
});

/** The digits of a number without zeros around them and without its exponent. */
const withoutZeros = (number: string) =>
  number
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
