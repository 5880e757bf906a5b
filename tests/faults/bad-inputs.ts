// Bad inputs, and what must become of each. A bad line stands between two good ones; a file is given whole.
import { gzipSync } from 'node:zlib';

export interface BadLine {
  what: string;
  line: string | Buffer;
  reason: string;
}

const record = (fields: string) => `{"reviewerID":"A1","asin":"B1",${fields}}`;
const withText = (text: string) => record(`"reviewText":"${text}"`);
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const long = (characters: number) => 'x'.repeat(characters);

/** Each a rejected record with this reason, at its offset; the lines around it are rows. */
export const badLines: BadLine[] = [
  { what: 'text that is no JSON', line: 'five stars', reason: 'malformed-json' },
  {
    what: 'JSON that is cut off',
    line: '{"reviewerID":"A1","asin":"B1","reviewText":"It was',
    reason: 'malformed-json',
  },
  { what: 'single quotes', line: "{'reviewerID':'A1','asin':'B1'}", reason: 'malformed-json' },
  { what: 'an array', line: '["A1","B1"]', reason: 'not-an-object' },
  { what: 'a number', line: '42', reason: 'not-an-object' },
  { what: 'a text', line: '"A1"', reason: 'not-an-object' },
  { what: 'null', line: 'null', reason: 'not-an-object' },
  { what: 'true', line: 'true', reason: 'not-an-object' },
  { what: 'an empty object', line: '{}', reason: 'missing:reviewer_id' },
  { what: 'no reviewer', line: '{"asin":"B1"}', reason: 'missing:reviewer_id' },
  { what: 'an empty reviewer', line: '{"reviewerID":"","asin":"B1"}', reason: 'missing:reviewer_id' },
  { what: 'no product', line: '{"reviewerID":"A1"}', reason: 'missing:asin' },
  {
    what: 'a reviewer in __proto__',
    line: '{"__proto__":{"reviewerID":"A1"},"asin":"B1"}',
    reason: 'missing:reviewer_id',
  },
  { what: 'an object as the reviewer', line: '{"reviewerID":{"a":1},"asin":"B1"}', reason: 'wrong-type:reviewer_id' },
  {
    what: '2^53+1 as the product',
    line: '{"reviewerID":"A1","asin":9007199254740993}',
    reason: 'unsafe-number:asin',
  },
  {
    what: 'a reviewer longer than the column',
    line: `{"reviewerID":"${long(65)}","asin":"B1"}`,
    reason: 'too-long:reviewer_id',
  },
  {
    what: 'a product longer than the column',
    line: `{"reviewerID":"A1","asin":"${long(33)}"}`,
    reason: 'too-long:asin',
  },
  { what: 'half of a surrogate pair', line: withText('\\ud83d'), reason: 'lone-surrogate:review_text' },
  {
    what: 'invalid UTF-8',
    line: Buffer.concat([Buffer.from(withText('a')), Buffer.from([0xc3, 0x28])]),
    reason: 'invalid-utf8',
  },
  { what: 'a line in Latin-1', line: Buffer.from(withText('Zoë'), 'latin1'), reason: 'invalid-utf8' },
  { what: 'a line in UTF-16', line: Buffer.from(withText('a'), 'utf16le'), reason: 'malformed-json' },
  { what: 'a NUL byte in a text', line: withText('a\0b'), reason: 'malformed-json' },
  { what: 'a line over 1 MiB', line: withText(long(1_100_000)), reason: 'line-too-long' },
  { what: 'a line over max_allowed_packet', line: withText(long(4_500_000)), reason: 'line-too-long' },
];

export interface GoodLine {
  what: string;
  line: string;
  /** Columns of the row. */
  row: Record<string, unknown>;
}

/** A value that does not fit: the column stays NULL, and other_fields has it. */
const misfit = (what: string, field: string, value: unknown, column: string): GoodLine => ({
  what,
  line: record(`${JSON.stringify(field)}:${JSON.stringify(value)}`),
  row: { [column]: null, other_fields: { [field]: value } },
});

const sql = `'; DROP TABLE book_reviews; -- \\" /* */ \\u0000`;
/** Looks bad and is good: a row with these values. */
export const oddLines: GoodLine[] = [
  { what: 'U+2028 and U+2029 in a text', line: withText('a\u2028b\u2029c'), row: { review_text: 'a\u2028b\u2029c' } },
  { what: 'an escaped NUL', line: withText('a\\u0000b'), row: { review_text: 'a\0b' } },
  { what: 'an emoji of several characters', line: withText('👩‍👩‍👧'), row: { review_text: '👩‍👩‍👧' } },
  { what: 'an emoji as escapes', line: withText('\\ud83d\\ude00'), row: { review_text: '😀' } },
  { what: 'the same field twice', line: record('"summary":"a","summary":"b"'), row: { summary: 'b' } },
  {
    what: '__proto__ as a field',
    line: record('"__proto__":{"overall":1}'),
    row: { overall_rating: null },
  },
  { what: 'fields 10,000 deep that no column is for', line: record(`"other":${nested(10_000)}`), row: { style: null } },
  { what: 'a minimal record', line: '{"asin":"B1","reviewerID":"A1"}', row: { review_text: null, summary: null } },
  { what: 'a carriage return at the end', line: `${withText('a')}\r`, row: { review_text: 'a' } },
  { what: 'votes with a comma', line: record('"vote":"1,234"'), row: { vote: 1234 } },
  misfit('an object as the text', 'reviewText', { a: 1 }, 'review_text'),
  misfit('a text as the style', 'style', 'Hardcover', 'style'),
  misfit('a number as the images', 'image', 7, 'image'),
  misfit('a word as verified', 'verified', 'perhaps', 'verified'),
  misfit('a word as the rating', 'overall', 'excellent', 'overall_rating'),
  misfit('a rating of 7', 'overall', 7, 'overall_rating'),
  misfit('a rating of -1', 'overall', -1, 'overall_rating'),
  misfit('more votes than the column holds', 'vote', 4_294_967_296, 'vote'),
  misfit('a name longer than the column', 'reviewerName', long(513), 'reviewer_name'),
  misfit('a summary longer than the column in bytes', 'summary', 'é'.repeat(33_000), 'summary'),
  misfit('a date longer than the column', 'reviewTime', long(65), 'review_time'),
  { what: 'a text as the rating', line: record('"overall":"5"'), row: { overall_rating: 5 } },
  { what: 'a text as verified', line: record('"verified":"true"'), row: { verified: 1 } },
  { what: 'NaN', line: record('"overall":NaN'), row: { overall_rating: null, other_fields: null } },
  {
    what: 'Infinity',
    line: record('"overall":Infinity'),
    row: { overall_rating: null, other_fields: { overall: 'Infinity' } },
  },
  { what: '1e999', line: record('"overall":1e999'), row: { overall_rating: null, other_fields: { overall: '1e999' } } },
  {
    what: '2^64 where no column is for it',
    line: record('"other":18446744073709551616'),
    row: { other_fields: { other: '18446744073709551616' } },
  },
  {
    what: '2^53+1 in the style',
    line: record('"style":{"a":9007199254740993}'),
    // The driver reads so large a number as a text.
    row: { style: null, other_fields: { style: { a: '9007199254740993' } } },
  },
  { what: 'a negative time', line: record('"unixReviewTime":-1'), row: { unix_review_time: -1 } },
  {
    what: 'a time in milliseconds',
    line: record('"unixReviewTime":1441324800000'),
    row: { unix_review_time: 1_441_324_800 },
  },
  {
    what: 'a style nested 10,000 deep',
    line: record(`"style":{"a":${nested(10_000)}}`),
    row: { style: null, other_fields: { style: `{"a":${nested(10_000)}}` } },
  },
  {
    what: 'half of a surrogate pair in no column',
    line: record('"x":"\\ud83d"'),
    row: { other_fields: { x: '"\\ud83d"' } },
  },
  {
    what: 'SQL in every field',
    line: JSON.stringify({
      reviewerID: sql.slice(0, 64),
      asin: sql.slice(0, 32),
      reviewerName: sql,
      reviewText: sql,
      summary: sql,
      reviewTime: sql.slice(0, 64),
      style: { [sql]: sql },
      image: [sql],
    }),
    row: {
      reviewer_id: sql.slice(0, 64),
      asin: sql.slice(0, 32),
      review_text: sql,
      style: { [sql]: sql },
      image: [sql],
    },
  },
];

export interface WholeFile {
  what: string;
  body: string | Buffer;
  /** Below the file's folder; by default the sentence. */
  name?: string;
  totals: { lines: number; inserted: number; blank: number; rejectedByReason: Record<string, number> };
}

const good = (number: number) => `{"reviewerID":"A${number}","asin":"B1","reviewText":"text ${number} 😀"}`;
const goods = (count: number) => Array.from({ length: count }, (_, number) => good(number));
const totals = (lines: number, inserted = lines, blank = 0, rejectedByReason: Record<string, number> = {}) => ({
  lines,
  inserted,
  blank,
  rejectedByReason,
});
/** For the Region's MaxDecompressedMiB: only the bomb among the files is more when decompressed. */
export const maxDecompressedMib = 1;
/** A review, and blank lines up to this size. */
function manyBytes(mib: number): Buffer {
  const bytes = Buffer.alloc(mib * 1024 ** 2, `${' '.repeat(1023)}\n`);
  bytes.write(`${good(1)}\n`);
  return bytes;
}
/** A line of so many bytes with its newline, filled up with ASCII behind the text. */
const lineOf = (lineBytes: number, text = '') => {
  const filled = (filling: number) => `${record(`"reviewText":"${text}${long(filling)}"`)}\n`;
  return filled(lineBytes - Buffer.byteLength(filled(0)));
};

const filesWithOddKeys: WholeFile[] = [
  {
    what: 'a key with spaces, percent, plus and equals',
    body: good(1),
    name: 'a b%20c+d=e&f.json',
    totals: totals(1),
  },
  { what: 'a key beyond ASCII', body: good(1), name: 'rezensionen/ü ñ 本 😀.json', totals: totals(1) },
  { what: 'a key with dots and empty folders', body: good(1), name: 'a..//b.//c.json', totals: totals(1) },
];

/** Completed, with these totals. `chunkBytes`: of the Region. */
export function wholeFiles(chunkBytes: number): WholeFile[] {
  // A file of twice as much has two chunks, and this is the edge between them.
  const edge = (chunkBytes * 3) / 4;
  // One of eight times as much has eight, whose edges are one byte further on each time, in steps of four.
  const oddEdge = chunkBytes / 2 + 17;
  return [
    { what: 'an empty file', body: '', totals: totals(0) },
    { what: 'a file of blank lines', body: '\n\n \t\r\n', totals: totals(3, 0, 3) },
    { what: 'a lone newline', body: '\n', totals: totals(1, 0, 1) },
    { what: 'a file without a last newline', body: goods(3).join('\n'), totals: totals(3) },
    { what: 'a file with CRLF', body: `${goods(3).join('\r\n')}\r\n`, totals: totals(3) },
    { what: 'a file with a byte order mark', body: `\ufeff${goods(3).join('\n')}\n`, totals: totals(3) },
    { what: 'two records in one line', body: `${good(1)}\n${good(2)}${good(3)}\n${good(4)}\n`, totals: totals(4) },
    { what: 'a newline as the last byte of a chunk', body: lineOf(edge) + lineOf(edge), totals: totals(2) },
    { what: 'a newline as the first byte of a chunk', body: lineOf(edge + 1) + lineOf(edge - 1), totals: totals(2) },
    {
      what: 'a line over three chunks',
      body: `${good(1)}\n{"reviewerID":"A1","asin":"B1","reviewText":"${long(3 * chunkBytes)}"}\n${good(3)}\n`,
      totals: totals(3),
    },
    {
      what: 'emoji over every byte of a chunk edge',
      body: lineOf(8 * oddEdge, '😀'.repeat(2 * oddEdge - 20)),
      totals: totals(1),
    },
    {
      what: 'an over-long line over many chunks',
      body: `${good(1)}\n${long(1_200_000)}\n${good(3)}\n`,
      totals: totals(3, 2, 0, { 'line-too-long': 1 }),
    },
    {
      what: 'a file in UTF-16 with its mark',
      body: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${good(1)}\n${good(2)}`, 'utf16le')]),
      totals: totals(2),
    },
    {
      what: 'a compressed file of several members',
      body: Buffer.concat([gzipSync(`${good(1)}\n{"half`), gzipSync(`":1}\n${good(2)}\n`)]),
      totals: totals(3, 2, 0, { 'missing:reviewer_id': 1 }),
    },
    {
      what: 'a compressed file under a plain name',
      body: gzipSync(goods(3).join('\n')),
      name: 'plain.json',
      totals: totals(3),
    },
    {
      what: 'a plain file under a compressed name',
      body: goods(3).join('\n'),
      name: 'lines.json.gz',
      totals: totals(3),
    },
    { what: 'a compressed empty file', body: gzipSync(''), totals: totals(0) },
    {
      what: 'a compressed file of exactly as many bytes as one may be when decompressed',
      body: gzipSync(manyBytes(maxDecompressedMib)),
      totals: totals(1_025, 1, 1_024),
    },
    { what: 'one JSON array', body: `[${goods(3).join(',\n')}]`, totals: totals(3) },
    { what: 'an empty JSON array', body: '[]', totals: totals(0) },
    {
      what: 'a JSON array with other things in it',
      body: `[${good(1)}, 7, [1], null, {"asin":"B1"}, ${goods(3)}]`,
      totals: totals(8, 4, 0, { 'not-an-object': 3, 'missing:reviewer_id': 1 }),
    },
    { what: 'a compressed JSON array', body: gzipSync(`[${goods(3).join(',')}]`), totals: totals(3) },
    ...filesWithOddKeys,
  ];
}

export interface FailedFile {
  what: string;
  body: string | Buffer;
  reason: RegExp;
  /** Of a file that was read to its end. Null for the others. */
  totals?: Record<string, unknown>;
}

const zipped = gzipSync(
  goods(400)
    .map((line, number) => `${line}${number * 7919}`)
    .join('\n'),
);
const corrupt = Buffer.from(zipped);
corrupt.fill(0, Math.floor(zipped.length / 2), Math.floor(zipped.length / 2) + 8);

/** Filed under failed/ with this reason; nothing of it counts as completed. */
export const failedFiles: FailedFile[] = [
  {
    what: 'a file with nothing but bad lines',
    body: 'x\n'.repeat(100),
    reason: /not one of 100 records became a row/,
    totals: { lines: 100, inserted: 0, rejected: 100, rejectedByReason: { 'malformed-json': 100 } },
  },
  { what: 'a compressed file that is cut off', body: zipped.subarray(0, -200), reason: /^InvalidInputError: gzip: / },
  {
    what: 'a compressed file without its last byte',
    body: zipped.subarray(0, -1),
    reason: /^InvalidInputError: gzip: /,
  },
  { what: 'a compressed file with damage in it', body: corrupt, reason: /^InvalidInputError: gzip: / },
  {
    what: 'a compressed file with other bytes behind it',
    body: Buffer.concat([zipped, Buffer.from('more')]),
    reason: /^InvalidInputError: gzip: /,
  },
  {
    what: 'the magic of a compressed file and nothing else',
    body: Buffer.from([0x1f, 0x8b]),
    reason: /^InvalidInputError: gzip: /,
  },
  {
    what: 'a bomb, one byte over what a compressed file may be when decompressed',
    body: gzipSync(Buffer.concat([manyBytes(maxDecompressedMib), Buffer.from(' ')])),
    reason: /^InvalidInputError: gzip: more than 1048576 bytes when decompressed/,
  },
  {
    what: 'a JSON array that is cut off',
    body: `[${goods(3).join(',')}`,
    reason: /^InvalidInputError: the JSON array is not closed/,
  },
  {
    what: 'a JSON array that is cut off in a text',
    body: `[${good(1)},{"reviewerID":"A`,
    reason: /^InvalidInputError: the JSON array is not closed/,
  },
  {
    what: 'a JSON array with other bytes behind it',
    body: `[${good(1)}] x`,
    reason: /^InvalidInputError: bytes next to the JSON array/,
  },
];
