import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseReview, type Review } from '../../../functions/db-processing/parse-review.ts';
import { plainFieldsOf, plainFormatsAmong } from '../../../functions/db-processing/plain-rows/plain-formats.ts';
import {
  openPlainLines,
  type PlainRowsRoom,
  plainFormats,
} from '../../../functions/db-processing/plain-rows/write-plain-rows.ts';
import {
  allColumns,
  filledColumns,
  literalsOf,
  rowPrefix,
  rowText,
} from '../../../functions/db-processing/review-store.ts';
import {
  type Column,
  columnNames,
  recordFormats,
  columns as tableColumns,
} from '../../../functions/shared/record-formats.ts';
import { readRow, type Utf8 } from '../../support/sql-row.ts';

const prefix = rowPrefix('0123456789abcdef0123456789abcdef', 'us-east-1');
const key = { beforeOffset: Buffer.from(prefix.sourceId), afterOffset: Buffer.from(prefix.region) };

const room: PlainRowsRoom = { format: 0, columns: allColumns, rows: 1000, batchBytes: 2 ** 20, isFirst: true };
const written = (bytes: Buffer, offset = 7, asked: Partial<PlainRowsRoom> = {}) =>
  openPlainLines(bytes, 0, bytes.length, offset, key).write(0, { ...room, ...asked });

/** What may lie behind a line: the next line, or what an earlier one left in the memory, which could be taken for ends that it lacks. */
const neighbours = ['', '\n', '\n}', '\n"}', '\n,"summary":"of the next"}', '\n0}', '\n : 1}', '\n\u0000'];

/** The row as SQL, with all columns if not others, or null if the line is not plain. The bytes around it do not matter. */
function plainRow(line: Buffer | string, offset = 7, columns = allColumns, format = 0): string | null {
  const rows = new Set(neighbours.map((after) => rowAmong(Buffer.from(line), after, offset, columns, format)));
  expect(rows.size).toBe(1);
  return [...rows][0] ?? null;
}

function rowAmong(line: Buffer, after: string, offset: number, columns: number, format: number): string | null {
  // A line before it that is as long and ends as nothing should.
  written(Buffer.concat([line, Buffer.from(`"}}]:"${after}`)]), offset, { format });
  const before = Buffer.from('{"reviewerID":"of the last",\n');
  const buffer = Buffer.concat([before, line, Buffer.from(after)]);
  const lines = openPlainLines(
    buffer,
    before.length,
    before.length + line.length + Math.min(1, after.length),
    offset,
    key,
  );
  const { rows, sql, to } = lines.write(before.length, { ...room, format, columns, rows: 1 });
  if (rows === 0) return null;
  expect(to).toBe(before.length + line.length + Math.min(1, after.length));
  return sql.toString('utf8');
}

/** What the row's values are to MySQL, with those of JSON columns as values. */
const valuesOf = (row: string) =>
  readRow(row).map((value) =>
    value !== null && typeof value === 'object' ? JSON.parse((value as Utf8).utf8mb4) : value,
  );

/** In each format, a line is not plain, or its row says what a parsed one does. Returns in how many it is. */
function expectSame(line: Buffer | string, offset = 7): number {
  let plain = 0;
  for (const format of plainFormats.keys()) {
    const row = plainRow(line, offset, allColumns, format);
    if (row === null) continue;
    plain += 1;
    const review = parseReview(Buffer.from(line)) as Review;
    const { filled, unknownFields } = written(Buffer.from(line), offset, { format });
    expect({ ...review, columns: {}, unknownFields }).toEqual({
      columns: {},
      format: plainFormats[format],
      unknownFields: review.unknownFields,
      misfits: [],
    });
    const literals = literalsOf(review);
    expect(filled).toBe(filledColumns(literals));
    for (const columns of [allColumns, filled]) {
      expect(valuesOf(plainRow(line, offset, columns, format) as string)).toEqual(
        valuesOf(rowText(prefix, offset, literals, columns)),
      );
    }
  }
  return plain;
}

const required = '"reviewerID":"A1","asin":"B1"';
const withField = (json: string) => `{${required},${json}}`;

const plain: [string, string][] = [
  [
    'the public format with its blanks',
    '{"overall": 5.0, "verified": true, "reviewTime": "09 4, 2015", "reviewerID": "ALJ66O1Y6SLHA", "asin": "B000K2PJ4K", "style": {"Size:": " Big Boys", "Color:": " Blue/Orange"}, "reviewerName": "Tonya B.", "reviewText": "Great product and price!", "summary": "Five Stars", "unixReviewTime": 1441324800}',
  ],
  [
    'the older public format',
    '{"reviewerID": "A2SUAM1J3GNN3B", "asin": "0000013714", "reviewerName": "J. McDonald", "helpful": [2, 3], "reviewText": "I bought this.", "overall": 5.0, "summary": "Heavenly", "unixReviewTime": 1252800000, "reviewTime": "09 13, 2009"}',
  ],
  ['a line that ends with a carriage return', `{${required}}\r`],
  ['apostrophes', withField(`"reviewText":"it's 'so'","summary":"'","style":{"a'":"'"},"image":["'"]`)],
  [
    'escapes that JSON and MySQL do not share',
    withField('"reviewText":"\\f\\u0041\\u00E9\\u66f8\\uD83D\\ude00","summary":"\\uffff"'),
  ],
  [
    'escapes of what means something to MySQL',
    withField(`"reviewText":"\\u0022\\u005c\\u0000\\u0027\\u001a\\u000a'\\"\\\\n"`),
  ],
  ['escapes that JSON and MySQL share', withField('"reviewText":"\\"\\\\\\/\\b\\n\\r\\t","summary":"\\\\\'\\\\"')],
  ['characters beyond ASCII', withField('"reviewText":"Zoë, 書評, 😀\u2028","style":{"ключ":"значение"}')],
  ['empty texts', withField('"reviewText":"","summary":"","reviewerName":"","style":{},"image":[ ]')],
  ['several images', withField('"image":["https://a/1.jpg", "https://a/2.jpg"]')],
  ['votes as text', withField('"vote":"12","verified":false')],
  ['votes as a number', withField('"vote":0')],
  ['nulls', withField('"reviewText":null,"style": null ,"helpful":null')],
  ['images as objects', withField('"image":[{"small":"https://a/1.jpg", "large":""}, "https://a/2.jpg", {}]')],
  ['a time in milliseconds', withField('"unixReviewTime":1441324800999')],
  ['a date with the time as a number', withField('"reviewTime":"2015-09-04","unixReviewTime":7')],
  ['what a placeholder or comment would be', withField('"reviewText":"? ; -- /* % _ ` #"')],
];

const otherwise: [string, string][] = [
  ['the first half of a surrogate pair', withField('"reviewText":"\\ud83d"')],
  ['the second half of a surrogate pair', withField('"reviewText":"\\ude00"')],
  ['a surrogate pair of other halves', withField('"reviewText":"\\ud83d\\u0041"')],
  ['an escape of three digits', withField('"reviewText":"\\u00e"')],
  ['an escape of a letter too far', withField('"reviewText":"\\u00g0"')],
  ["an escape that is only JSON's in a JSON column", withField('"style":{"a":"\\u0041"}')],
  ['an escape that JSON does not have', withField('"reviewText":"\\x"')],
  ['a control character', withField('"reviewText":"\u0001"')],
  ['a text without an end', withField('"reviewText":"a').slice(0, -1)],
  ['a backslash at the end', withField('"reviewText":"a\\').slice(0, -1)],
  ['a backslash in a JSON column', withField('"style":{"a":"\\n"}')],
  ['an object within an object', withField('"style":{"a":{}}')],
  ['a number within an object', withField('"style":{"a":1}')],
  ['a comma too many', withField('"style":{"a":"b",}')],
  ['a comma too many after the last field', `{${required},}`],
  ['a comma too few', '{"reviewerID":"A1" "asin":"B1"}'],
  ['a text where an object belongs', withField('"style":"a"')],
  ['an unknown field', withField('"price":1')],
  ['a name with a NUL behind it', withField('"summary\u0000":"a"')],
  ['no name', withField('"":[1,2]')],
  ['an older name', '{"reviewer_id":"A1","asin":"B1"}'],
  ['a field twice', withField('"asin":"B2"')],
  ['both kinds of votes', withField('"vote":"1","helpful":[1,2]')],
  ['votes with commas', withField('"vote":"1,234"')],
  ['votes that may not fit', withField('"vote":"4294967296"')],
  ['a null where a review needs a value', '{"reviewerID":null,"asin":"B1"}'],
  ['a null that goes on', withField('"reviewText":nullx')],
  ['a reviewer of blanks', '{"reviewerID":"  ","asin":"B1"}'],
  ['a product that begins with a blank beyond ASCII', '{"reviewerID":"A1","asin":"\u00a0"}'],
  ['a date without the time as a number', withField('"reviewTime":"2015-09-04"')],
  ['half a star', withField('"overall":4.5')],
  ['six stars', withField('"overall":6.0')],
  ['stars that go on', withField('"overall":5.01')],
  ['a negative time', withField('"unixReviewTime":-1')],
  ['a time with a fraction', withField('"unixReviewTime":1.5')],
  ['a time with an exponent', withField('"unixReviewTime":1e9')],
  ['a time in microseconds', withField('"unixReviewTime":1441324800000000')],
  ['a number that begins with zero', withField('"unixReviewTime":01')],
  ['a reviewer that may be too long', `{"reviewerID":"${'é'.repeat(33)}","asin":"B1"}`],
  ['no reviewer', '{"asin":"B1"}'],
  ['no product', '{"reviewerID":"A1"}'],
  ['an empty product', '{"reviewerID":"A1","asin":""}'],
  ['an array', `[${required}]`],
  ['nothing', '{}'],
  ['two objects', `{${required}}{${required}}`],
  ['the beginning of an object', `{${required}`],
  ['a line that is longer than a TEXT column', withField(`"reviewText":"${'a'.repeat(65_536)}"`)],
];

/** A line of each format, as its files have it. */
const samples: Record<string, string> = {
  public:
    '{"overall": 5.0, "vote": "2", "verified": true, "reviewTime": "09 4, 2015", "reviewerID": "A1", "asin": "B1", "unixReviewTime": 1441324800}',
  'amazon-2023': `{"rating": 5.0, "title": "A day's read", "text": "First.<br />Second.", "images": [{"small_image_url": "https://a/1.jpg", "attachment_type": "IMAGE"}], "asin": "0009000037", "parent_asin": "0009000038", "user_id": "AETEST", "timestamp": 1588687728923, "helpful_vote": 12, "verified_purchase": false}`,
  goodreads: `{"user_id": "026c", "book_id": "1000271", "review_id": "79d3", "rating": 0, "review_text": "It's\\n \u00e9", "date_added": "Fri Feb 15 07:01:10 -0800 2013", "date_updated": "it's", "read_at": "", "started_at": null, "n_votes": 1, "n_comments": -3}`,
};

describe('a plain line', () => {
  it.each(plain)('may have %s, and its row says what a parsed one does', (_, line) => {
    expect(plainRow(line)).not.toBeNull();
    expectSame(line);
  });

  it('becomes this row', () => {
    const values: Partial<Record<Column, string>> = {
      ...{
        reviewer_id: '"A1"',
        asin: '"B1"',
        vote: '3',
        review_text: '"it\'s\\n"',
        overall_rating: '5',
        verified: '1',
      },
    };
    expect(
      plainRow(withField(`"vote":"3","reviewText":"it's\\n","overall":5.0,"verified":true`), 1_234_567_890_123),
    ).toBe(
      `(x'0123456789abcdef0123456789abcdef',1234567890123,'us-east-1',${columnNames.map((name) => values[name] ?? 'NULL')})`,
    );
  });

  it('may begin at any offset', () => {
    for (const offset of [0, 9, 10, 99, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 10 ** 15, Number.MAX_SAFE_INTEGER]) {
      expectSame(`{${required}}`, offset);
      expect(plainRow(`{${required}}`, offset)).toContain(`',${offset},'`);
    }
  });

  it.each(otherwise)('is not plain with %s', (_, line) => {
    expect(plainRow(line)).toBeNull();
  });

  it('is not plain with bytes that are not UTF-8', () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
      const line = Buffer.concat([Buffer.from(`{${required},"reviewText":"`), Buffer.from(bytes), Buffer.from('"}')]);
      expect(plainRow(line)).toBeNull();
    }
  });

  it('has texts of as many bytes as their columns have characters, and no more', () => {
    const line = (texts: Record<string, string>) => JSON.stringify({ reviewerID: 'A1', asin: 'B1', ...texts });
    const bounds = { reviewerID: 64, asin: 32, reviewerName: 512, reviewTime: 64 };
    for (const [field, most] of Object.entries(bounds)) {
      const timed = (length: number) => `${line({ [field]: 'a'.repeat(length) }).slice(0, -1)},"unixReviewTime":1}`;
      expect(expectSame(timed(most))).toBe(1);
      expect(plainRow(timed(most + 1))).toBeNull();
    }
  });

  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom("'", '"', '\\', '\b', '\t', '\n', '\r', '\f', '\0', '/', '{', '}', ',', ':', '%', '_', 'n', 'u'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    maxLength: 12,
  });
  const value = fc.oneof(
    text,
    fc.constantFrom(0, 1, 5, 4.5, 6, -1, 1441324800, 1441324800000, 1e21, true, false, null, '12', '1,234', '007'),
    fc.array(fc.oneof(text, fc.integer({ min: -1, max: 5 })), { maxLength: 3 }),
    fc.dictionary(text, fc.oneof(text, fc.integer()), { maxKeys: 3 }),
  );
  const blank = fc.constantFrom('', '', ' ', '\t', '\r', ' \r');

  /** As Python's json writes it. */
  const inAscii = (json: string) =>
    json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

  /** Records of each format, with values that are right and wrong for its fields. */
  const ofFormat = (format: (typeof recordFormats)[number]) => {
    const fields = plainFieldsOf(format);
    const names = fields.map(({ name }) => name);
    const ids = fields.filter(({ column }) => column === 'reviewer_id' || column === 'asin').map(({ name }) => name);
    const date = fc.constantFrom(
      ...['Sun Jul 30 07:44:10 -0700 2017', 'Fri Feb 29 23:59:59 +0530 2008', 'Thu Feb 29 00:00:00 -0000 1900'],
      ...['Mon Feb 29 07:44:10 -0700 2017', 'Sun Jul 31 24:00:00 -0700 2017', 'Sun Jul 5 07:44:10 -0700 2017', ''],
      ...['Sun Jul 30 07:44:10 -0700 1960', 'sun Jul 30 07:44:10 -0700 2017', '2017-07-30', '2016-01-14T00:00:00Z'],
    );
    const field = fc.tuple(
      fc.constantFrom(...names, ...names, 'price', 'reviewer_name'),
      fc.oneof(value, value, date, fc.constantFrom([{ a: 'b' }], [{ a: 1 }], 10 ** 14, 10 ** 11, -5)),
    );
    return fc
      .tuple(fc.array(fc.tuple(field, blank, fc.boolean()), { maxLength: 6 }), fc.boolean())
      .map(([given, isFirst]) => {
        const written = given.map(([[one, of], space, ascii]) => {
          const json = JSON.stringify(of);
          return `${JSON.stringify(one)}${space}:${space}${ascii ? inAscii(json) : json}`;
        });
        const needed = ids.map((name) => `"${name}":"A1"`);
        return `{${(isFirst ? [...needed, ...written] : [...written, ...needed]).join(' ,')}}`;
      });
  };

  it.each(plainFormats)('equals the row of the parser, for any fields of the format %s', (name) => {
    let taken = 0;
    const format = recordFormats.find((one) => one.name === name);
    if (!format) throw new Error(name);
    fc.assert(
      fc.property(ofFormat(format), (line) => {
        taken += expectSame(line);
      }),
      { numRuns: 3_000 },
    );
    // Else nothing was compared.
    expect(taken).toBeGreaterThan(100);
  });

  it.each(Object.keys(samples))('says what a parsed one does for a sample of the format %s', (name) => {
    const line = samples[name] as string;
    expect(plainRow(line, 7, allColumns, plainFormats.indexOf(name))).not.toBeNull();
    expect(expectSame(line)).toBe(1);
  });

  it('says the second of each date that a calendar of 60 years has', () => {
    const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
    const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
    const two = (number: number) => String(number).padStart(2, '0');
    for (let seconds = 86_400 * 400; seconds < 86_400 * 365 * 60; seconds += 86_400 * 5 + 3_671) {
      const utc = new Date(seconds * 1000);
      const day = `${days[utc.getUTCDay()]} ${names[utc.getUTCMonth()]} ${two(utc.getUTCDate())}`;
      const time = `${two(utc.getUTCHours())}:${two(utc.getUTCMinutes())}:${two(utc.getUTCSeconds())}`;
      const line = `{"user_id":"A1","book_id":"1","date_added":"${day} ${time} -0730 ${utc.getUTCFullYear()}"}\n`;
      const { sql, rows } = written(Buffer.from(line), 7, { format: plainFormats.indexOf('goodreads') });
      expect(rows).toBe(1);
      expect(readRow(sql.toString())[11]).toBe(seconds + 7.5 * 3600);
    }
  });

  it.each([1970, 1971, 5000, 5001, 5137, 5138, 9013, 9999])(
    'says what a parsed one does for a date of the year %i',
    (year) => {
      const line = `{"user_id":"A1","book_id":"1","date_added":"Fri Feb 15 07:01:10 -0800 ${year}"}`;
      expect(expectSame(line)).toBe(year > 1970 && year <= 5000 ? 1 : 0);
    },
  );

  it('says what a parsed one does, whichever bytes of it are others', () => {
    let taken = 0;
    const lines = fc.constantFrom(
      ...[...plain.map(([, line]) => line), ...Object.values(samples)].map((line) => Buffer.from(line)),
    );
    const bytes = fc.oneof(
      fc.constantFrom(...Buffer.from('"\\\',:{}[]0159.-eEtf \r')),
      fc.integer({ min: 0, max: 255 }),
    );
    fc.assert(
      fc.property(
        lines,
        fc.array(fc.tuple(fc.nat(), bytes, fc.constantFrom(0, 1, 2)), { maxLength: 2 }),
        (line, edits) => {
          let edited = line;
          for (const [where, byte, removed] of edits) {
            const at = where % edited.length;
            const put = removed === 2 ? [] : [byte];
            edited = Buffer.concat([
              edited.subarray(0, at),
              Buffer.from(put),
              edited.subarray(at + Math.min(removed, 1)),
            ]);
          }
          fc.pre(!edited.includes(0x0a));
          taken += expectSame(edited);
        },
      ),
      { numRuns: 8_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });
});

describe('plain lines one after the other', () => {
  const line = (id: string, more = '') => `{"reviewerID":"${id}","asin":"B1"${more}}`;
  const run = (...lines: string[]) => Buffer.from(lines.map((text) => `${text}\n`).join(''));
  const idsIn = (sql: Buffer) =>
    [...sql.toString().matchAll(/,(\d+),'us-east-1',"(\w+)"/g)].map((found) => found.slice(1));

  it('become rows with commas between them, each at the offset of its line', () => {
    const { sql, rows, to, stop } = written(run(line('A1'), line('A22'), line('A3')), 1000);
    expect(idsIn(sql)).toEqual([
      ['1000', 'A1'],
      ['1032', 'A22'],
      ['1065', 'A3'],
    ]);
    expect(sql.toString()).toMatch(/^\([^)]*\),\([^)]*\),\([^)]*\)$/);
    expect({ rows, to, stop }).toEqual({ rows: 3, to: 97, stop: 'end' });
    expect(written(run(line('A1')), 7, { isFirst: false }).sql.toString()).toMatch(/^,\([^)]*\)$/);
  });

  it('end at one that is not plain', () => {
    expect(written(run(line('A1'), line('A2', ',"overall":4.5'), line('A3')))).toMatchObject({
      rows: 1,
      to: 32,
      stop: 'other-line',
    });
  });

  it('end at one that fills a column which the INSERT does not name', () => {
    const columns = filledColumns(literalsOf(parseReview(Buffer.from(line('A1'))) as Review));
    const found = written(run(line('A1'), line('A2', ',"vote":"1"'), line('A3')), 7, { columns });
    expect(found).toMatchObject({ rows: 1, to: 32, stop: 'other-column' });
    expect(found.filled).toBe(columns);
  });

  it('end where the batch has no room for one more', () => {
    const lines = run(line('A1'), line('A2'), line('A3'));
    expect(written(lines, 7, { rows: 2 })).toMatchObject({ rows: 2, to: 64, stop: 'full-batch' });
    expect(written(lines, 7, { rows: 0 })).toMatchObject({ rows: 0, to: 0, stop: 'full-batch' });
    const { batchBytes } = written(lines, 7, { rows: 2 });
    expect(written(lines, 7, { batchBytes })).toMatchObject({ rows: 2, batchBytes, stop: 'full-batch' });
    expect(written(lines, 7, { batchBytes: batchBytes - 1 })).toMatchObject({ rows: 1, stop: 'full-batch' });
  });

  it('are none beyond ASCII where one of them is not UTF-8, which may be any of those', () => {
    const bad = Buffer.concat([Buffer.from('{"reviewerID":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
    const lines = (...texts: string[]) => Buffer.concat([run(...texts), bad]);
    expect(written(lines(line('A1'), line('A2'))).rows).toBe(2);
    expect(written(lines(line('A1'), line('Zoë'))).rows).toBe(1);
  });

  it('may be more than the module has room for, and lie among longer ones', () => {
    const texts: string[] = [];
    for (let index = 0; index < 5_000; index += 1)
      texts.push(line(`A${index}`, `,"summary":"${'s'.repeat(index % 300)}"`));
    texts.splice(100, 0, line('long', `,"summary":"${'s'.repeat(300_000)}"`));
    texts.splice(3_000, 0, line('longer', `,"summary":"${'s'.repeat(900_000)}"`));
    const buffer = run(...texts);
    const lines = openPlainLines(buffer, 0, buffer.length, 0, key);
    const others: number[] = [];
    const ids: string[][] = [];
    for (let at = 0; at < buffer.length; ) {
      // Something else uses the module in between.
      written(run(line('other')));
      const { rows, sql, to, stop } = lines.write(at, room);
      ids.push(...idsIn(sql));
      at = to;
      if (stop === 'other-line') {
        others.push(at);
        at = buffer.indexOf(0x0a, at) + 1;
      } else expect(rows).toBeGreaterThan(0);
    }
    let offset = 0;
    const expected = texts.map((text) => {
      const found = [String(offset), JSON.parse(text).reviewerID as string];
      offset += text.length + 1;
      return found;
    });
    const isLong = ([, id]: string[]) => id === 'long' || id === 'longer';
    expect(ids).toEqual(expected.filter((found) => !isLong(found)));
    expect(others.map(String)).toEqual(expected.filter(isLong).map(([at]) => at));
  });
});

describe('the formats whose lines can be plain', () => {
  it('are not those whose fields another one is told by', () => {
    expect(plainFormatsAmong(recordFormats).map(({ name }) => name)).toEqual(plainFormats);
    const own = { ...recordFormats[0], name: 'own', identifiedBy: [['USER-ID'], ['title', 'x']] };
    const names = plainFormatsAmong([own as (typeof recordFormats)[number], ...recordFormats]).map(({ name }) => name);
    expect(names).toEqual(plainFormats.filter((name) => name !== 'amazon-2023'));
  });

  it('fill columns that the table has', () => {
    expect(allColumns).toBe(2 ** tableColumns.length - 1);
  });
});
