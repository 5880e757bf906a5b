import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseReview, type Review } from '../../../functions/db-processing/parse-review.ts';

const parse = (record: unknown) =>
  parseReview(Buffer.from(typeof record === 'string' ? record : JSON.stringify(record)));
const parsed = (record: unknown) => parse(record) as Review;
const least = { reviewerID: 'A1', asin: 'B1' };
const withField = (json: string) => parse(`{"reviewerID":"A1","asin":"B1",${json}}`);
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('a review', () => {
  it('has every field of the public format', () => {
    const record = {
      overall: 4.5,
      vote: '1,234',
      verified: true,
      reviewTime: '09 4, 2015',
      reviewerID: 'ALJ66O1Y6SLHA',
      asin: 'B000K2PJ4K',
      style: { 'Size:': ' Big Boys' },
      reviewerName: 'Tonya B.',
      reviewText: 'It\u2028is "good" 😀',
      summary: 'Five Stars',
      unixReviewTime: 1441324800,
      image: ['https://example.com/1.jpg'],
    };
    expect(parse(record)).toEqual({
      reviewerId: 'ALJ66O1Y6SLHA',
      asin: 'B000K2PJ4K',
      reviewerName: 'Tonya B.',
      vote: 1234,
      voteTotal: null,
      reviewText: 'It\u2028is "good" 😀',
      summary: 'Five Stars',
      overallRating: 4.5,
      unixReviewTime: 1441324800,
      reviewTime: '09 4, 2015',
      verified: true,
      style: '{"Size:":" Big Boys"}',
      image: '["https://example.com/1.jpg"]',
      unknownFields: 0,
    });
  });

  it('may use the older column names', () => {
    const record = {
      reviewer_id: 'A1',
      asin: 'B1',
      reviewer_name: 'N',
      review_text: 'T',
      overall_rating: 3,
      unix_review_time: 7,
      review_time: 'R',
    };
    expect(parse(record)).toMatchObject({
      reviewerId: 'A1',
      reviewerName: 'N',
      reviewText: 'T',
      overallRating: 3,
      unixReviewTime: 7,
      reviewTime: 'R',
      unknownFields: 0,
    });
  });

  it('needs a reviewer and a product only, and takes null for missing', () => {
    const nulls = {
      reviewText: null,
      summary: null,
      overall: null,
      style: null,
      image: null,
      vote: null,
      helpful: null,
      verified: null,
    };
    const expected = {
      reviewerName: null,
      vote: null,
      voteTotal: null,
      reviewText: null,
      summary: null,
      overallRating: null,
    };
    expect(parse(least)).toMatchObject(expected);
    expect(parse({ ...least, ...nulls })).toMatchObject({ ...expected, style: null, image: null, verified: null });
  });

  it('keeps an empty text apart from a missing one', () => {
    expect(parsed({ ...least, summary: '' }).summary).toBe('');
  });

  it('takes its votes from vote or else from helpful, and the total from helpful', () => {
    expect(parse({ ...least, helpful: [2, 3] })).toMatchObject({ vote: 2, voteTotal: 3 });
    expect(parse({ ...least, helpful: [2, 3], vote: 7 })).toMatchObject({ vote: 7, voteTotal: 3 });
    expect(parse({ ...least, vote: '12' })).toMatchObject({ vote: 12, voteTotal: null });
    expect(parse({ ...least, vote: '4,294,967,295' })).toMatchObject({ vote: 4294967295 });
  });

  it('counts fields that the schema has no place for and ignores them', () => {
    const record = '{"reviewerID":"A1","asin":"B1","__proto__":{"asin":"x"},"constructor":1,"price":2,"price":3}';
    expect(parse(record)).toMatchObject({ asin: 'B1', unknownFields: 3 });
  });

  it('takes the last of fields of the same name, as JSON parsers do', () => {
    expect(withField('"summary":"a","summary":"b"')).toMatchObject({ summary: 'b' });
  });

  it('may have every character that UTF-8 has, the whole length of a column, and the deepest JSON that MySQL takes', () => {
    expect(parsed({ ...least, summary: '\0\u{10ffff}\u2028' }).summary).toBe('\0\u{10ffff}\u2028');
    expect(parsed({ ...least, reviewerID: '😀'.repeat(64) }).reviewerId).toHaveLength(128);
    expect(parsed({ ...least, summary: 'é'.repeat(32_767) }).summary).toHaveLength(32_767);
    expect(withField(`"image":${nested(100)}`)).toMatchObject({ image: nested(100) });
    expect(withField('"style":{"__proto__":"x"}')).toMatchObject({ style: '{"__proto__":"x"}' });
  });
});

describe('a rejection says what is wrong', () => {
  const rejections: [string, unknown, string][] = [
    ['a line cut off', '{"reviewerID":"A1","as', 'malformed-json'],
    ['no JSON at all', 'hello', 'malformed-json'],
    ['two records in a line', '{}{}', 'malformed-json'],
    ['NaN, which is no JSON', '{"overall":NaN}', 'malformed-json'],
    ['an array', [least], 'not-an-object'],
    ['a number', '1', 'not-an-object'],
    ['a text', '"x"', 'not-an-object'],
    ['null', 'null', 'not-an-object'],
    ['no reviewer', { asin: 'B1' }, 'missing:reviewer_id'],
    ['an empty reviewer', { ...least, reviewerID: '' }, 'missing:reviewer_id'],
    ['a reviewer in the prototype only', '{"__proto__":{"reviewerID":"A1"},"asin":"B1"}', 'missing:reviewer_id'],
    ['no product', { reviewerID: 'A1' }, 'missing:asin'],
    ['an empty product', { ...least, asin: '' }, 'missing:asin'],
    ['a number for the product', { ...least, asin: 1 }, 'wrong-type:asin'],
    ['an object for the text', { ...least, reviewText: {} }, 'wrong-type:review_text'],
    ['a text for the style', { ...least, style: 'red' }, 'wrong-type:style'],
    ['an array for the style', { ...least, style: [] }, 'wrong-type:style'],
    ['an object for the images', { ...least, image: {} }, 'wrong-type:image'],
    ['a text for the rating', { ...least, overall: '5' }, 'wrong-type:overall_rating'],
    ['a number for verified', { ...least, verified: 1 }, 'wrong-type:verified'],
    ['a text for the time', { ...least, unixReviewTime: '7' }, 'wrong-type:unix_review_time'],
    ['a broken second', { ...least, unixReviewTime: 1.5 }, 'wrong-type:unix_review_time'],
    ['a vote that is no number', { ...least, vote: 'many' }, 'wrong-type:vote'],
    ['a vote with commas elsewhere', { ...least, vote: '12,34' }, 'wrong-type:vote'],
    ['helpful of one number', { ...least, helpful: [1] }, 'wrong-type:vote'],
    ['helpful of texts', { ...least, helpful: [1, 'x'] }, 'wrong-type:vote_total'],
    ['a long reviewer', { ...least, reviewerID: 'x'.repeat(65) }, 'too-long:reviewer_id'],
    ['a long product', { ...least, asin: 'x'.repeat(33) }, 'too-long:asin'],
    ['a long name', { ...least, reviewerName: 'x'.repeat(513) }, 'too-long:reviewer_name'],
    ['a long time', { ...least, reviewTime: 'x'.repeat(65) }, 'too-long:review_time'],
    ['a summary of too many bytes', { ...least, summary: 'é'.repeat(32_768) }, 'too-long:summary'],
    ['half of a surrogate pair', '{"reviewerID":"A1","asin":"B1","summary":"\\ud83d"}', 'lone-surrogate:summary'],
    [
      'half of a pair in the style',
      '{"reviewerID":"A1","asin":"B1","style":{"a":["\\ude00"]}}',
      'lone-surrogate:style',
    ],
    ['half of a pair in a key', '{"reviewerID":"A1","asin":"B1","style":{"\\ude00":1}}', 'lone-surrogate:style'],
    ['a rating over 5', { ...least, overall: 7 }, 'out-of-range:overall_rating'],
    ['a negative rating', { ...least, overall: -1 }, 'out-of-range:overall_rating'],
    ['an infinite rating', '{"reviewerID":"A1","asin":"B1","overall":1e999}', 'out-of-range:overall_rating'],
    ['a negative time', { ...least, unixReviewTime: -1 }, 'out-of-range:unix_review_time'],
    ['a time in milliseconds', { ...least, unixReviewTime: 1441324800000 }, 'in-milliseconds:unix_review_time'],
    [
      'a time beyond 2^53',
      '{"reviewerID":"A1","asin":"B1","unixReviewTime":9007199254740993}',
      'unsafe-number:unix_review_time',
    ],
    ['an infinite time', '{"reviewerID":"A1","asin":"B1","unixReviewTime":1e999}', 'wrong-type:unix_review_time'],
    ['a negative vote', { ...least, vote: -1 }, 'out-of-range:vote'],
    ['more votes than the column holds', { ...least, helpful: [1, 4294967296] }, 'out-of-range:vote_total'],
    [
      'an integer beyond 2^53 in the style',
      '{"reviewerID":"A1","asin":"B1","style":{"a":9007199254740993}}',
      'unsafe-number:style',
    ],
    ['an infinite number in the images', '{"reviewerID":"A1","asin":"B1","image":[1e999]}', 'unsafe-number:image'],
    ['JSON that is too deep', `{"reviewerID":"A1","asin":"B1","image":${nested(101)}}`, 'too-deep:image'],
    ['10,000 levels', `{"reviewerID":"A1","asin":"B1","style":{"a":${nested(10_000)}}}`, 'too-deep:style'],
    ['a long key in the style', { ...least, style: { ['x'.repeat(65_536)]: 1 } }, 'too-long:style'],
    [
      'numbers that grow',
      `{"reviewerID":"A1","asin":"B1","image":[${Array(100_000).fill('9e15').join()}]}`,
      'too-long:image',
    ],
  ];
  it.each(rejections)('of %s', (_what, record, reason) => {
    expect(parse(record)).toBe(reason);
  });

  it('of bytes that are no UTF-8, as UTF-16 is', () => {
    expect(parseReview(Buffer.from([0x7b, 0xff, 0x7d]))).toBe('invalid-utf8');
    expect(parseReview(Buffer.from('\ufeff{}', 'utf16le'))).toBe('invalid-utf8');
    expect(parseReview(Buffer.from('{}', 'utf16le'))).toBe('malformed-json');
  });
});

describe('parsing', () => {
  it('survives nesting as deep as a line can hold, also where it ignores the field', () => {
    expect(withField(`"other":${nested(500_000)}`)).toMatchObject({ unknownFields: 1 });
    expect(parse('['.repeat(1_000_000))).toBe('malformed-json');
  });

  it('never throws, whatever the bytes and the values', () => {
    const field = fc.constantFrom(
      'reviewerID',
      'asin',
      'reviewerName',
      'helpful',
      'vote',
      'reviewText',
      'summary',
      'overall',
      'unixReviewTime',
      'reviewTime',
      'verified',
      'style',
      'image',
      '__proto__',
    );
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue()), fc.uint8Array(), (record, bytes) => {
        parseReview(Buffer.from(JSON.stringify({ ...least, ...record })));
        parseReview(Buffer.from(bytes));
      }),
      { numRuns: 1000 },
    );
  });
});
