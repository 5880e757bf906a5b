import { describe, expect, it } from '@jest/globals';
import { createReviewParser } from '../../../functions/db-processing/parse-review.ts';
import { createBatchBuilder } from '../../../functions/db-processing/review-batch.ts';
import { examineRecordFormats } from '../../../functions/doctor/examine-record-formats.ts';
import { dbProcessingEnv, doctorEnv } from '../../../functions/shared/env.ts';
import { ConfigurationError } from '../../../functions/shared/errors.ts';
import { readRecordFormats } from '../../../functions/shared/read-record-formats.ts';

const shop = { reviewer_id: ['buyer', 'Buyer No'], asin: ['sku'], overall_rating: ['stars'], review_text: ['words'] };
const parserOf = (formats: unknown) => createReviewParser(readRecordFormats(JSON.stringify(formats)));
const parse = (formats: unknown, record: unknown) => parserOf(formats).parseReview(Buffer.from(JSON.stringify(record)));

describe('a record format that the stack adds', () => {
  it('fills columns by its fields, under names as tools change them, and keeps the others', () => {
    expect(parse({ 'my-shop': shop }, { BUYER_NO: 7, Sku: 'S1', stars: '4', words: 'W', till: 3 })).toMatchObject({
      format: 'my-shop',
      columns: { reviewer_id: '7', asin: 'S1', overall_rating: 4, review_text: 'W', other_fields: '{"till":3}' },
    });
  });

  it('comes before the others where its fields are there, and leaves the rest to them', () => {
    const formats = {
      stars: { reviewer_id: ['user_id'], asin: ['asin'], overall_rating: ['stars'], identified_by: ['stars'] },
    };
    expect(parse(formats, { user_id: 'U', asin: 'B', stars: 3 })).toMatchObject({ format: 'stars' });
    expect(parse(formats, { user_id: 'U', asin: 'B', rating: 3 })).toMatchObject({ format: 'amazon-2023' });
    expect(parserOf(formats).plainFormats).toContain('amazon-2023');
  });

  it('takes the lines of another format from the module for plain lines, where both have the same fields', () => {
    const formats = { mine: { reviewer_id: ['reviewerID'], asin: ['asin'], summary: ['reviewText'] } };
    const { plainFormats } = parserOf(formats);
    expect([...plainFormats].sort()).toEqual(['amazon-2023', 'goodreads']);
    const line = Buffer.from('{"reviewerID":"A1","asin":"B1","reviewText":"x"}\n');
    const run = { buffer: line, from: 0, to: line.length, offset: 0 };
    const added = (names: readonly string[]) =>
      createBatchBuilder('00'.repeat(16), 'us-east-1', 9, names).plainLines(run).add(0).lines;
    expect([added(plainFormats), added([]), added(['public'])]).toEqual([0, 0, 1]);
  });

  it('may be none', () => {
    expect(readRecordFormats('')).toEqual([]);
    expect(readRecordFormats(' {} ')).toEqual([]);
    for (const env of [dbProcessingEnv, doctorEnv]) expect(env.shape.RECORD_FORMATS.parse(undefined)).toBe('');
  });

  it.each([
    ['no JSON', '{', /it is not JSON/],
    ['a list', '[]', /\(the whole\)/],
    ['a name with blanks', JSON.stringify({ 'My shop': shop }), /My shop/],
    ['a column that there is not', JSON.stringify({ shop: { ...shop, price: ['p'] } }), /shop/],
    ['no product', JSON.stringify({ shop: { reviewer_id: ['a'] } }), /shop\.asin/],
    ['a field instead of a list', JSON.stringify({ shop: { ...shop, summary: 's' } }), /shop\.summary/],
    ['an empty list', JSON.stringify({ shop: { ...shop, summary: [] } }), /shop\.summary/],
    ['one field for two columns', JSON.stringify({ shop: { ...shop, summary: ['WORDS'] } }), /"words"/],
    ['a field without letters', JSON.stringify({ shop: { ...shop, summary: ['_'] } }), /""/],
    ['the name of another format', JSON.stringify({ goodreads: shop }), /goodreads: there is/],
  ])('is refused with %s, and the doctor says so', (_what, json, message) => {
    expect(() => readRecordFormats(json)).toThrow(ConfigurationError);
    expect(() => readRecordFormats(json)).toThrow(message);
    expect(examineRecordFormats(json)).toMatchObject([{ ok: false, seen: expect.stringMatching(message) }]);
  });

  it('is named by the doctor', () => {
    expect(examineRecordFormats(JSON.stringify({ shop }))).toMatchObject([{ ok: true, seen: 'added: shop' }]);
    expect(examineRecordFormats('')).toMatchObject([{ ok: true, seen: 'none added' }]);
  });
});
