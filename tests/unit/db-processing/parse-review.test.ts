import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRecord, parseReview, type Review } from '../../../functions/db-processing/parse-review.ts';
import type { Column } from '../../../functions/shared/record-formats.ts';

const parse = (record: unknown) =>
  parseReview(Buffer.from(typeof record === 'string' ? record : JSON.stringify(record)));
const parsed = (record: unknown) => {
  const review = parse(record);
  if (typeof review === 'string') throw new Error(review);
  return review;
};
const least = { reviewerID: 'A1', asin: 'B1' };
const withField = (json: string) => `{"reviewerID":"A1","asin":"B1",${json}}`;
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
/** Of the columns that are not NULL. */
const filled = ({ columns }: Review) =>
  Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== null));
const othersOf = (record: unknown) => parsed(record).columns.other_fields;

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
      format: 'public',
      unknownFields: 0,
      misfits: [],
      columns: {
        reviewer_id: 'ALJ66O1Y6SLHA',
        asin: 'B000K2PJ4K',
        reviewer_name: 'Tonya B.',
        vote: 1234,
        vote_total: null,
        review_text: 'It\u2028is "good" 😀',
        summary: 'Five Stars',
        overall_rating: 4.5,
        unix_review_time: 1441324800,
        review_time: '09 4, 2015',
        verified: true,
        style: '{"Size:":" Big Boys"}',
        image: '["https://example.com/1.jpg"]',
        other_fields: null,
      },
    });
  });

  it('needs a reviewer and a product only, and takes null for missing', () => {
    const names = ['reviewText', 'summary', 'overall', 'style', 'image', 'vote', 'helpful', 'verified', 'reviewTime'];
    const nulls = Object.fromEntries(names.map((name) => [name, null]));
    const expected = { reviewer_id: 'A1', asin: 'B1' };
    expect(filled(parsed(least))).toEqual(expected);
    expect(filled(parsed({ ...least, ...nulls }))).toEqual(expected);
  });

  it('keeps an empty text apart from a missing one, and takes it for missing elsewhere', () => {
    const empty = { reviewText: '', overall: '', vote: ' ', unixReviewTime: '', verified: '', style: '', image: '' };
    expect(parsed({ ...least, ...empty })).toMatchObject({ misfits: [], unknownFields: 0 });
    expect(filled(parsed({ ...least, ...empty }))).toEqual({ reviewer_id: 'A1', asin: 'B1', review_text: '' });
  });

  it('takes its votes from vote or else from helpful, and the total from helpful', () => {
    expect(filled(parsed({ ...least, helpful: [2, 3] }))).toMatchObject({ vote: 2, vote_total: 3 });
    expect(filled(parsed({ ...least, vote: '12' }))).toMatchObject({ vote: 12 });
    const both = parsed({ ...least, helpful: [2, 3], vote: 7 });
    expect(both.columns).toMatchObject({ vote: 7, vote_total: 3, other_fields: '{"helpful":[2,3]}' });
  });

  it('takes the last of fields of the same name, as JSON parsers do', () => {
    expect(parsed(withField('"summary":"a","summary":"b"')).columns.summary).toBe('b');
    expect(othersOf(withField('"price":"\\ud800","price":2'))).toBe('{"price":2}');
  });

  it('may have every character that UTF-8 has, the whole length of a column, and the deepest JSON that MySQL takes', () => {
    expect(parsed({ ...least, summary: '\0\u{10ffff}\u2028' }).columns.summary).toBe('\0\u{10ffff}\u2028');
    expect(parsed({ ...least, reviewerID: '😀'.repeat(64) }).columns.reviewer_id).toHaveLength(128);
    expect(parsed({ ...least, summary: 'é'.repeat(32_767) }).columns.summary).toHaveLength(32_767);
    expect(parsed(withField(`"image":${nested(100)}`)).columns.image).toBe(nested(100));
    expect(parsed(withField('"style":{"__proto__":"x"}')).columns.style).toBe('{"__proto__":"x"}');
  });
});

describe('the names of fields', () => {
  it.each(['reviewerid', 'reviewer_id', 'ReviewerID', 'reviewer-id', 'Reviewer ID', 'REVIEWER_ID:', ' reviewerID '])(
    'may be changed by tools, as in %j',
    (name) => {
      expect(parsed({ [name]: 'A1', ASIN: 'B1', 'Review Text': 'T', REVIEW_TIME: 'R' })).toMatchObject({
        columns: { reviewer_id: 'A1', asin: 'B1', review_text: 'T', review_time: 'R', other_fields: null },
        unknownFields: 0,
      });
    },
  );

  it('fill their common column in order, and the unused ones are kept', () => {
    expect(parsed('{"reviewerID":"A1","reviewer_id":"A2","asin":"B1"}')).toMatchObject({
      columns: { reviewer_id: 'A1', other_fields: '{"reviewer_id":"A2"}' },
      unknownFields: 1,
    });
    expect(parsed('{"reviewerID":null,"reviewer_id":"A2","asin":"B1"}').columns.reviewer_id).toBe('A2');
  });

  it('are judged for each set of fields, also where sets look alike', () => {
    for (const name of ['x', 'x+1y', '1x', '']) {
      expect(othersOf({ ...least, [name]: 1 })).toBe(JSON.stringify({ [name]: 1 }));
      expect(othersOf({ ...least, [name]: null })).toBe(JSON.stringify({ [name]: null }));
    }
  });

  it('may be more sets than are remembered', () => {
    for (let index = 0; index < 1000; index += 1) {
      expect(othersOf({ ...least, [`field${index}`]: index })).toBe(`{"field${index}":${index}}`);
    }
  });
});

describe('other_fields', () => {
  it('keeps every field that has no column, under its own name, as it is written', () => {
    const kept =
      '"__proto__":{"asin":"x"},"constructor":1,"Price ":12.50,"n":123456789012345678,"e":null,"l":[ 1 , {} ]';
    expect(parsed(withField(kept))).toMatchObject({ columns: { asin: 'B1' }, unknownFields: 6 });
    expect(othersOf(withField(kept))).toBe(
      '{"__proto__":{"asin":"x"},"constructor":1,"Price ":12.50,"n":123456789012345678,"e":null,"l":[ 1 , {} ]}',
    );
    expect(othersOf(least)).toBeNull();
  });

  it.each([
    '"\\ud800"',
    '1e999',
    '18446744073709551616',
    '-9223372036854775809',
    '0.1234567890123456789',
    '{"a":[1,1e999]}',
    '{"a":"\\ud800","a":1}',
    '{"\\ude00":1}',
    'NaN',
    '[1,-Infinity]',
    nested(101),
    nested(200_000),
    `{"${'x'.repeat(65_536)}":1}`,
  ])('keeps what MySQL would refuse or change as the text %.40s', (raw) => {
    const others = JSON.parse(othersOf(withField(`"other":${raw}`)) as string);
    expect(others).toEqual({ other: raw });
  });

  it.each([
    '18446744073709551615',
    '-9223372036854775808',
    '5.0',
    '3.3333333333333335',
    '1e2',
    '0.00',
    '-0',
    nested(99),
  ])('keeps %.40s as it is', (raw) => {
    expect(othersOf(withField(`"other":${raw}`))).toBe(`{"other":${raw}}`);
  });

  it('keeps a field under a name that MySQL refuses in a text', () => {
    const others = JSON.parse(othersOf(withField('"\\ud800":1,"a":2')) as string);
    expect(others).toEqual({ a: 2, '': '"\\ud800":1' });
  });

  it('is as it was where a row of the own table comes back', () => {
    const row = { source_id: '0a', source_offset: 7, reviewer_id: 'A1', asin: 'B1', verified: 1, ingested_at: 'x' };
    const line = `${JSON.stringify(row).slice(0, -1)},"other_fields":{"n":123456789012345678}}`;
    expect(parsed(line)).toMatchObject({ format: 'own-table', columns: { verified: true } });
    const others = '{"n":123456789012345678,"source_id":"0a","source_offset":7,"ingested_at":"x"}';
    expect(othersOf(line)).toBe(others);
    expect(othersOf({ ...row, other_fields: '{"n":1}' })).toContain('{"n":1,"source_id"');
    expect(othersOf({ ...row, other_fields: 'no JSON' })).toContain('"other_fields":"no JSON"');
  });
});

describe('a value that does not fit its column', () => {
  const misfits: [string, string, Column][] = [
    ['a rating over 5', '"overall":7', 'overall_rating'],
    ['a rating a little over 5', '"overall":5.000000001', 'overall_rating'],
    ['a negative rating', '"overall":-1', 'overall_rating'],
    ['a word as a rating', '"overall":"excellent"', 'overall_rating'],
    ['true as a rating', '"overall":true', 'overall_rating'],
    ['a list as a rating', '"overall":[5]', 'overall_rating'],
    ['an infinite rating', '"overall":Infinity', 'overall_rating'],
    ['a number too large for a double', '"overall":1e999', 'overall_rating'],
    ['a list as the style', '"style":["red"]', 'style'],
    ['a text as the style', '"style":"red"', 'style'],
    ['JSON that is too deep', `"style":{"a":${nested(10_000)}}`, 'style'],
    ['an integer beyond 2^53 in the style', '"style":{"a":9007199254740993}', 'style'],
    ['a number as the images', '"image":1', 'image'],
    ['numbers that grow', `"image":[${Array(100_000).fill('9e15').join()}]`, 'image'],
    ['an object as the text', '"reviewText":{}', 'review_text'],
    ['a number as the date', '"reviewTime":20150904', 'review_time'],
    ['a long name', `"reviewerName":"${'x'.repeat(513)}"`, 'reviewer_name'],
    ['a long date', `"reviewTime":"${'x'.repeat(65)}"`, 'review_time'],
    ['a summary of too many bytes', `"summary":"${'é'.repeat(32_768)}"`, 'summary'],
    ['a broken second', '"unixReviewTime":1.5', 'unix_review_time'],
    ['a time beyond all units', '"unixReviewTime":123456789012345678', 'unix_review_time'],
    ['a day that no calendar has', '"unixReviewTime":"2013-02-30"', 'unix_review_time'],
    ['votes that are no number', '"vote":"many"', 'vote'],
    ['votes with commas elsewhere', '"vote":"12,34"', 'vote'],
    ['negative votes', '"vote":-1', 'vote'],
    ['a part of a vote', '"vote":1.5', 'vote'],
    ['more votes than the column holds', '"helpful":[1,4294967296]', 'vote_total'],
    ['helpful of a number and a word', '"helpful":[1,"x"]', 'vote_total'],
    ['a word for verified', '"verified":"perhaps"', 'verified'],
    ['two for verified', '"verified":2', 'verified'],
  ];
  it.each(misfits)('is kept as it is and counted, and the column stays NULL: %s', (_what, field, column) => {
    const review = parsed(withField(field));
    expect(review.misfits).toEqual([column]);
    expect(review.columns[column]).toBeNull();
    expect(review.unknownFields).toBe(0);
    const name = JSON.parse(`{${field.replace(/:.*/s, ':0')}}`);
    const raw = field.slice(field.indexOf(':') + 1);
    expect([`{${field}}`, JSON.stringify({ [Object.keys(name)[0] as string]: raw })]).toContain(
      review.columns.other_fields,
    );
  });

  it('may be helpful as a whole', () => {
    expect(parsed(withField('"helpful":[1]')).misfits).toEqual(['vote', 'vote_total']);
  });
});

describe('a value as tools write it', () => {
  const readings: [string, string, Column, unknown][] = [
    ['a rating as text', '"overall":"5.0"', 'overall_rating', 5],
    ['a rating as text with an exponent', '"overall":"0.5E1"', 'overall_rating', 5],
    ['minus zero', '"overall":-0', 'overall_rating', -0],
    ['votes with a comma', '"vote":"1,204"', 'vote', 1204],
    ['votes of a pandas frame', '"vote":"3.0"', 'vote', 3],
    ['the most votes', '"vote":"4,294,967,295"', 'vote', 4294967295],
    ['minus no votes', '"vote":-0', 'vote', 0],
    ['votes as texts in a pair', '"helpful":["1","2"]', 'vote_total', 2],
    ['votes of all in a text', '"helpful":"1/2"', 'vote_total', 2],
    ['votes of all as JSON in a text', '"helpful":"[1, 2]"', 'vote', 1],
    ['a NaN', '"overall":NaN', 'overall_rating', null],
    ['a NaN as text', '"overall":"nan"', 'overall_rating', null],
    ['a NaN after a text that has one', '"summary":"a \\"NaN","reviewText":NaN', 'summary', 'a "NaN'],
    ['seconds', '"unixReviewTime":1441324800', 'unix_review_time', 1441324800],
    ['seconds as text', '"unixReviewTime":"1441324800"', 'unix_review_time', 1441324800],
    ['milliseconds', '"unixReviewTime":1441324800999', 'unix_review_time', 1441324800],
    ['microseconds', '"unixReviewTime":1441324800999999', 'unix_review_time', 1441324800],
    ['seconds before 1970', '"unixReviewTime":-1', 'unix_review_time', -1],
    ['milliseconds before 1970', '"unixReviewTime":-62135596799995', 'unix_review_time', -62135596800],
    ['the last second that is one', '"unixReviewTime":99999999999', 'unix_review_time', 99999999999],
    ['the first millisecond that is one', '"unixReviewTime":100000000000', 'unix_review_time', 100000000],
    ['a day', '"unixReviewTime":"2015-09-04"', 'unix_review_time', 1441324800],
    ['a time with a zone', '"unixReviewTime":"2015-09-04T02:00:00.5+02:00"', 'unix_review_time', 1441324800],
    ['a time of DuckDB', '"unixReviewTime":"2015-09-04 00:00:00+00"', 'unix_review_time', 1441324800],
    ['a time of BigQuery', '"unixReviewTime":"2015-09-04 00:00:00 UTC"', 'unix_review_time', 1441324800],
    ['a Goodreads time', '"reviewTime":"Sun Jul 30 07:44:10 -0700 2017"', 'unix_review_time', 1501425850],
    ['the text of a time', '"unixReviewTime":"2015-09-04"', 'review_time', '2015-09-04'],
    ['a text next to a time', '"unixReviewTime":"2015-09-04","reviewTime":"09 4, 2015"', 'review_time', '09 4, 2015'],
    ['a date in words', '"reviewTime":"4 Sep 2015"', 'unix_review_time', null],
    ['true as text', '"verified":"True"', 'verified', true],
    ['Y', '"verified":"Y"', 'verified', true],
    ['n', '"verified":"n"', 'verified', false],
    ['1', '"verified":1', 'verified', true],
    ['0 as text', '"verified":"0"', 'verified', false],
    ['an empty text for a boolean', '"verified":""', 'verified', null],
    ['a single image', '"image":"https://a/1.jpg"', 'image', '["https://a/1.jpg"]'],
    ['a single image as an object', '"image":{"url":"x"}', 'image', '[{"url":"x"}]'],
    ['images as JSON in a text', '"image":"[\\"x\\"]"', 'image', '["x"]'],
    ['a style as JSON in a text', '"style":"{\\"a\\": 1}"', 'style', '{"a":1}'],
    ['a typed number of MongoDB', '"overall":{"$numberDouble":"5.0"}', 'overall_rating', 5],
    ['a typed time of MongoDB', '"unixReviewTime":{"$numberLong":"1441324800"}', 'unix_review_time', 1441324800],
    ['a date of MongoDB', '"unixReviewTime":{"$date":"2015-09-04T00:00:00Z"}', 'unix_review_time', 1441324800],
    [
      'a date in milliseconds of MongoDB',
      '"unixReviewTime":{"$date":{"$numberLong":"1441324800000"}}',
      'unix_review_time',
      1441324800,
    ],
    ['typed numbers in an object', '"style":{"a":{"$numberInt":"1"}}', 'style', '{"a":1}'],
  ];
  it.each(readings)('is read: %s', (_what, field, column, expected) => {
    const review = parsed(withField(field));
    expect(review.misfits).toEqual([]);
    expect(review.columns[column]).toBe(expected);
  });

  it('may be an integer for an id, up to 2^53', () => {
    expect(parsed({ reviewerID: 9007199254740991, asin: 13714 }).columns).toMatchObject({
      reviewer_id: '9007199254740991',
      asin: '13714',
    });
    expect(parsed({ reviewerID: { $oid: '65a' }, asin: { $numberLong: '9007199254740993' } }).columns).toMatchObject({
      reviewer_id: '65a',
      asin: '9007199254740993',
    });
  });

  it('keeps the seconds that a number says where a date says others', () => {
    expect(parsed(withField('"unixReviewTime":7,"reviewTime":"2015-09-04"')).columns).toMatchObject({
      unix_review_time: 7,
      review_time: '2015-09-04',
    });
  });
});

describe('DynamoDB JSON', () => {
  const item =
    '{"asin":{"S":"B1"},"reviewerID":{"N":"12345678901234567890"},"overall":{"N":"5"},"verified":{"BOOL":false},"vote":{"NULL":true},"style":{"M":{"a":{"L":[{"N":"1"},{"S":"x"}]}}},"image":{"SS":["y"]},"price":{"N":"123456789012345678901"}}';
  const expected = {
    asin: 'B1',
    reviewer_id: '12345678901234567890',
    overall_rating: 5,
    verified: false,
    style: '{"a":[1,"x"]}',
    image: '["y"]',
    other_fields: '{"price":{"N":"123456789012345678901"}}',
  };

  it('is unwrapped, with Item around it and without, in upper and in lower case', () => {
    const lower = item
      .replace(/"(S|N|M|L|SS|BOOL)":/g, (letters) => letters.toLowerCase())
      .replace('"NULL"', '"nULLValue"');
    for (const line of [`{"Item":${item}}`, item, lower, `{"item":${lower}}`]) {
      const { columns } = parsed(line);
      const others = columns.other_fields?.toString().replace('"n"', '"N"') ?? null;
      expect(filled({ ...parsed(line), columns: { ...columns, other_fields: others } })).toEqual(expected);
    }
  });

  it('is left alone where a member has no type', () => {
    expect(parse('{"reviewerID":{"S":"A1"},"asin":"B1"}')).toBe('wrong-type:reviewer_id');
    expect(parse('{"Item":{"reviewerID":"A1","asin":"B1"}}')).toBe('missing:reviewer_id');
  });

  it('may be nested as deep as a line can hold', () => {
    const deep = `${'{"L":['.repeat(10_000)}{"S":"x"}${']}'.repeat(10_000)}`;
    expect(parsed(`{"asin":{"S":"B1"},"reviewerID":{"S":"A1"},"style":${deep},"image":${deep}}`)).toMatchObject({
      misfits: ['style', 'image'],
    });
  });
});

describe('the record formats', () => {
  const images = [{ small_image_url: 'https://a/1.jpg', attachment_type: 'IMAGE' }];
  const records: [string, Record<string, unknown>, Partial<Record<Column, unknown>>][] = [
    [
      'amazon-2023',
      {
        rating: 5.0,
        title: 'T',
        text: 'X',
        images,
        asin: 'B1',
        parent_asin: 'B1',
        user_id: 'U1',
        timestamp: 1588687728923,
        helpful_vote: 3,
        verified_purchase: true,
      },
      {
        reviewer_id: 'U1',
        asin: 'B1',
        vote: 3,
        review_text: 'X',
        summary: 'T',
        overall_rating: 5,
        unix_review_time: 1588687728,
        verified: true,
        image: JSON.stringify(images),
        other_fields: '{"parent_asin":"B1"}',
      },
    ],
    [
      'amazon-2023',
      { user_id: 'U1', parent_asin: 'P1', rating: '5.0', timestamp: '1588687728923' },
      { reviewer_id: 'U1', asin: 'P1', overall_rating: 5, unix_review_time: 1588687728 },
    ],
    [
      'amazon-2023',
      { user_id: 'U1', isbn: '0155061224', rating: 4, title: 'T' },
      { reviewer_id: 'U1', asin: '0155061224', overall_rating: 4, summary: 'T' },
    ],
    [
      'goodreads',
      {
        user_id: 'U1',
        book_id: 18245960,
        review_id: 'R',
        rating: 0,
        review_text: 'X',
        date_added: 'Sun Jul 30 07:44:10 -0700 2017',
        read_at: '',
        n_votes: 28,
        n_comments: 1,
      },
      {
        reviewer_id: 'U1',
        asin: '18245960',
        vote: 28,
        review_text: 'X',
        overall_rating: 0,
        unix_review_time: 1501425850,
        review_time: 'Sun Jul 30 07:44:10 -0700 2017',
        other_fields: '{"review_id":"R","read_at":"","n_comments":1}',
      },
    ],
    [
      'goodreads-spoiler',
      {
        user_id: 'U1',
        timestamp: '2016-01-14',
        review_sentences: [[0, 'a']],
        rating: 4,
        has_spoiler: false,
        book_id: 'B1',
      },
      {
        reviewer_id: 'U1',
        asin: 'B1',
        overall_rating: 4,
        unix_review_time: 1452729600,
        review_time: '2016-01-14',
        other_fields: '{"review_sentences":[[0,"a"]],"has_spoiler":false}',
      },
    ],
    [
      'customer-reviews',
      {
        marketplace: 'US',
        customer_id: 12076615,
        product_id: '0843952016',
        star_rating: '5',
        helpful_votes: '0',
        total_votes: '1',
        vine: 'N',
        verified_purchase: 'Y',
        review_headline: 'H',
        review_body: 'X',
        review_date: '2012-05-03',
      },
      {
        reviewer_id: '12076615',
        asin: '0843952016',
        vote: 0,
        vote_total: 1,
        review_text: 'X',
        summary: 'H',
        overall_rating: 5,
        unix_review_time: 1336003200,
        review_time: '2012-05-03',
        verified: true,
        other_fields: '{"marketplace":"US","vine":"N"}',
      },
    ],
    [
      'kaggle',
      {
        Id: '1882931173',
        Title: 'B',
        Price: '',
        User_id: '',
        profileName: 'N',
        'review/helpfulness': '7/9',
        'review/score': '4.0',
        'review/time': '-1',
        'review/summary': 'S',
        'review/text': 'X',
      },
      {
        reviewer_id: '',
        asin: '1882931173',
        reviewer_name: 'N',
        vote: 7,
        vote_total: 9,
        review_text: 'X',
        summary: 'S',
        overall_rating: 4,
        unix_review_time: -1,
        other_fields: '{"Title":"B","Price":""}',
      },
    ],
    [
      'book-crossing',
      { 'User-ID': '276726', ISBN: '0155061224', 'Book-Rating': '5' },
      { reviewer_id: '276726', asin: '0155061224', other_fields: '{"Book-Rating":"5"}' },
    ],
    [
      'public',
      { reviewerID: 'A1', ISBN: '0155061224', overall_rating: 3, vote_total: 4 },
      { reviewer_id: 'A1', asin: '0155061224', overall_rating: 3, vote_total: 4 },
    ],
    [
      'public',
      // A frame that was joined of two data sets has the fields of both.
      { reviewerID: 'A1', asin: 'B1', user_id: null, rating: null },
      { reviewer_id: 'A1', asin: 'B1', other_fields: '{"user_id":null,"rating":null}' },
    ],
  ];
  it.each(records)('are told by their fields: %s', (format, record, columns) => {
    const review = parsed(record);
    expect({ format: review.format, misfits: review.misfits }).toEqual({ format, misfits: [] });
    expect(filled(review)).toEqual(columns);
  });

  it.each(records)('are told in a row of a table, too: %s', (format, record) => {
    const texts = Object.entries(record).map(([name, value]) => [
      name,
      typeof value === 'string' || value === null ? value : JSON.stringify(value),
    ]);
    const row = Object.fromEntries(texts);
    const review = parseRecord(row);
    const asLine = parse(row);
    expect(review).toEqual(asLine);
    if (typeof review !== 'string') expect(review.format).toBe(format);
  });

  it('do not take a record of a business for one of a book', () => {
    expect(parse({ review_id: 'r', user_id: 'u', business_id: 'b', stars: 4, text: 'X', date: '2016-03-09' })).toBe(
      'missing:asin',
    );
  });
});

describe('a record of no format', () => {
  it.each([
    ['anything with an id', { id: 5, name: 'n' }, 'missing:reviewer_id'],
    ['a document of MongoDB', { _id: { $oid: 'a'.repeat(24) }, user_id: 'u', text: 'X' }, 'missing:asin'],
    ['a user and an id', { Id: '1', User_id: 'u', profileName: 'n' }, 'missing:asin'],
  ])('is no review, even if it has a name that a format also has: %s', (_what, record, reason) => {
    expect(parse(record)).toBe(reason);
    expect(parseRecord(Object.fromEntries(Object.entries(record).map(([name, value]) => [name, String(value)])))).toBe(
      reason,
    );
  });

  it('has the format that its fields have, if those that identify it are null', () => {
    const kaggle = { Id: '1', User_id: 'u', 'review/score': null, 'review/text': null, 'review/summary': null };
    expect(parsed(kaggle).format).toBe('kaggle');
  });
});

describe('a row of a table', () => {
  it('has texts, of which \\N is NULL, and in a table of MySQL also NULL', () => {
    expect(parseRecord({ reviewerID: 'NULL', asin: 'B1', summary: '\\N' })).toMatchObject({
      columns: { reviewer_id: 'NULL', summary: null },
    });
    const own = { source_id: '0a', source_offset: '7', reviewer_id: 'A1', asin: 'B1', summary: 'NULL', vote: 'NULL' };
    expect(parseRecord(own)).toMatchObject({
      format: 'own-table',
      columns: { summary: null, vote: null },
      misfits: [],
    });
    expect(parseRecord({ ...own, asin: 'NULL' })).toBe('missing:asin');
  });

  it('keeps texts with any characters in other_fields', () => {
    const review = parseRecord({ ...least, note: 'a "b"\n\\', __proto__x: '1' }) as Review;
    expect(JSON.parse(review.columns.other_fields as string)).toEqual({ note: 'a "b"\n\\', __proto__x: '1' });
  });
});

describe('a rejection says what is wrong', () => {
  const rejections: [string, unknown, string][] = [
    ['a line cut off', '{"reviewerID":"A1","as', 'malformed-json'],
    ['no JSON at all', 'hello', 'malformed-json'],
    ['two records in a line', '{}{}', 'malformed-json'],
    ['what only begins as NaN does', '{"overall":NaNa}', 'malformed-json'],
    ['a Python dict', "{'asin': NaN}", 'malformed-json'],
    ['an array', [least], 'not-an-object'],
    ['a number', '1', 'not-an-object'],
    ['NaN', 'NaN', 'not-an-object'],
    ['null', 'null', 'not-an-object'],
    ['no field', {}, 'missing:reviewer_id'],
    ['no reviewer', { asin: 'B1' }, 'missing:reviewer_id'],
    ['an empty reviewer', { ...least, reviewerID: '' }, 'missing:reviewer_id'],
    ['a reviewer of blanks', { ...least, reviewerID: '  ' }, 'missing:reviewer_id'],
    ['a reviewer in the prototype only', '{"__proto__":{"reviewerID":"A1"},"asin":"B1"}', 'missing:reviewer_id'],
    ['no product', { reviewerID: 'A1' }, 'missing:asin'],
    ['a product of blanks', { ...least, asin: '\t' }, 'missing:asin'],
    ['a fraction for the product', { ...least, asin: 1.5 }, 'wrong-type:asin'],
    ['an object for the reviewer', { ...least, reviewerID: {} }, 'wrong-type:reviewer_id'],
    ['a product beyond 2^53', '{"reviewerID":"A1","asin":9007199254740993}', 'unsafe-number:asin'],
    ['a long reviewer', { ...least, reviewerID: '😀'.repeat(65) }, 'too-long:reviewer_id'],
    ['a long product', { ...least, asin: 'x'.repeat(33) }, 'too-long:asin'],
    ['half of a surrogate pair', withField('"summary":"\\ud83d"'), 'lone-surrogate:summary'],
    ['half of a pair in the reviewer', '{"reviewerID":"\\ud83d","asin":"B1"}', 'lone-surrogate:reviewer_id'],
    ['half of a pair in the style', withField('"style":{"a":["\\ude00"]}'), 'lone-surrogate:style'],
    ['half of a pair in a key', withField('"style":{"\\ude00":1}'), 'lone-surrogate:style'],
    ['escapes that grow', withField(`"a":"${'\\\\'.repeat(450_000)}\\ud800"`), 'too-long:other_fields'],
  ];
  it.each(rejections)('of %s', (_what, record, reason) => {
    expect(parse(record)).toBe(reason);
  });

  it('if the bytes are not UTF-8, such as UTF-16', () => {
    expect(parseReview(Buffer.from([0x7b, 0xff, 0x7d]))).toBe('invalid-utf8');
    expect(parseReview(Buffer.from('\ufeff{}', 'utf16le'))).toBe('invalid-utf8');
    expect(parseReview(Buffer.from('{}', 'utf16le'))).toBe('malformed-json');
  });
});

describe('parsing', () => {
  it('survives nesting as deep as a line can hold, also where it has no column for the field', () => {
    expect(parse(withField(`"other":${nested(500_000)}`))).toMatchObject({ unknownFields: 1 });
    expect(parse('['.repeat(1_000_000))).toBe('malformed-json');
    expect(parse(withField(`"n":NaN,"other":"${'\\"'.repeat(400_000)}"`))).toMatchObject({ unknownFields: 2 });
  });

  it('never throws, for any bytes and values', () => {
    const names = [
      ...['reviewerID', 'asin', 'reviewerName', 'helpful', 'vote', 'reviewText', 'summary', 'overall', '__proto__'],
      ...[
        'unixReviewTime',
        'reviewTime',
        'verified',
        'style',
        'image',
        'other_fields',
        'Item',
        'S',
        '$date',
        'user_id',
      ],
    ];
    const field = fc.constantFrom(...names);
    const value = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('S', 'N', 'M', '$date', '$numberLong'), fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.dictionary(field, value), fc.uint8Array(), (record, bytes) => {
        parseReview(Buffer.from(JSON.stringify({ ...least, ...record })));
        parseReview(Buffer.from(JSON.stringify(record)));
        parseRecord(record);
        parseReview(Buffer.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps each field that it is given, in a column or in other_fields', () => {
    const names = [
      'rating',
      'title',
      'vote',
      'overall',
      'style',
      'image',
      'verified',
      'reviewTime',
      'helpful',
      'x',
      'y',
    ];
    const value = fc.oneof(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom('5.0', 7, 'Y', [1, 2]));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (record) => {
        const { columns } = parsed({ ...least, ...record });
        const others = JSON.parse((columns.other_fields as string) ?? '{}');
        const columnOf: Record<string, Column> = { vote: 'vote', overall: 'overall_rating', reviewTime: 'review_time' };
        for (const [name, given] of Object.entries(record)) {
          const isEmpty = given === null || (typeof given === 'string' && /^\s*(nan)?$/i.test(given));
          const column = columnOf[name] ?? (name === 'helpful' ? 'vote_total' : (name as Column));
          if (Object.hasOwn(others, name) || (isEmpty && column in columns)) continue;
          expect(columns[column]).not.toBeNull();
        }
      }),
      { numRuns: 1000 },
    );
  });
});
