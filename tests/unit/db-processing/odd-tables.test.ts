// Tables as spreadsheets, data frames and databases write them.
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createReviewParser } from '../../../functions/db-processing/parse-review.ts';
import { readRecordFormats } from '../../../functions/shared/read-record-formats.ts';
import { readTableFile } from '../../support/read-table-file.ts';

const header = 'reviewerID,asin,reviewText,overall';
const blockSizes = [65_536, 997, 7, 1];
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const big = 'x'.repeat(1024 * 1024);

/** The reviewer, product, text and rating of each review. */
async function reviewsIn(content: Buffer | string, blockBytes: number) {
  const { reviews, ...counts } = await readTableFile(content, blockBytes);
  const rows = reviews.map((row) => [row.reviewer_id, row.asin, row.review_text, row.overall_rating]);
  return { rows, ...counts };
}

const good = (number: number, text: string | null = 'ok') => [`A${number}`, `B${number}`, text, 5];

type Rows = (string | number | null)[][];
const kept: [string, string | Buffer, Rows][] = [
  [
    'a byte order mark before a quoted header',
    `\ufeff"reviewerID","asin","reviewText","overall"\nA1,B1,ok,5\n`,
    [good(1)],
  ],
  ['blank lines before the header', `\n\r\n  \n${header}\nA1,B1,ok,5\n`, [good(1)]],
  ['a byte order mark and blank lines before the header', `\ufeff\n\n${header}\nA1,B1,ok,5\n`, [good(1)]],
  ["Excel's line sep=;", `sep=;\r\nreviewerID;asin;reviewText;overall\r\nA1;B1;a, b;5\r\n`, [good(1, 'a, b')]],
  [
    'a byte order mark before sep=,',
    `\ufeffsep=,\r\n"reviewerID","asin",reviewText,overall\r\nA1,B1,ok,5\r\n`,
    [good(1)],
  ],
  [
    "PowerShell's line #TYPE",
    '#TYPE System.Management.Automation.PSCustomObject\r\n"reviewerID","asin","reviewText","overall"\r\n"A1","B1","ok","5"\r\n',
    [good(1)],
  ],
  [
    "Excel's Unicode text",
    utf16(`reviewerID\tasin\treviewText\toverall\r\nA1\tB1\t"said ""no"""\t5\r\n`),
    [good(1, 'said "no"')],
  ],
  ['UTF-16 with a quoted header', utf16(`"reviewerID";"asin";"reviewText";"overall"\r\nA1;B1;ok;5\r\n`), [good(1)]],
  ['CR line ends', `${header}\rA1,B1,ok,5\rA2,B2,"two\rlines",5\r`, [good(1), good(2, 'two\rlines')]],
  [
    'CRLF in a quoted field',
    `${header}\r\nA1,B1,"two\r\nlines",5\r\nA2,B2,ok,5\r\n`,
    [good(1, 'two\r\nlines'), good(2)],
  ],
  ['LF and CRLF mixed', `${header}\r\nA1,B1,ok,5\nA2,B2,"q",5\r\nA3,B3,ok,5`, [good(1), good(2, 'q'), good(3)]],
  ['no line end after the last row', `${header}\nA1,B1,ok,5\nA2,B2,ok,"5"`, [good(1), good(2)]],
  [
    'a quote in the middle of a field',
    `${header}\nA1,B1,5" disk,5\nA2,B2,12",5\n`,
    [good(1, '5" disk'), good(2, '12"')],
  ],
  [
    'quotes that nobody escaped',
    `${header}\nA1,B1,"He said "hi, you" twice",5\nA2,B2,ok,5\n`,
    [good(1, 'He said "hi, you" twice'), good(2)],
  ],
  ['blanks after a closing quote', `${header}\nA1,B1,"a, b" ,5\nA2,B2,"ok"\t,"5" \n`, [good(1, 'a, b'), good(2)]],
  ['the end mark of DOS', `${header}\r\nA1,B1,ok,5\r\n\x1a`, [good(1)]],
  ['every field quoted', `"reviewerID","asin","reviewText","overall"\n"A1","B1","","5.0"\n`, [good(1, '')]],
  ['rows of delimiters alone', `${header}\nA1,B1,ok,5\n,,,\n , ,,\n"","",,\n`, [good(1)]],
  ['a delimiter at the end of each line', `${header},\nA1,B1,ok,5,\nA2,B2,ok,5,,,\n`, [good(1), good(2)]],
  [
    'a delimiter at the end of the header only',
    `${header},\nA1,B1,"a ""b"", c",5\nA2,B2,ok,5`,
    [good(1, 'a "b", c'), good(2)],
  ],
  ['a delimiter at the end of rows only', `${header}\nA1,B1,ok,5,\nA2,B2,"ok",5,\n`, [good(1), good(2)]],
  ['missing fields at the end', `reviewerID,asin,overall,reviewText\nA1,B1,5\nA2,B2,5,ok\n`, [good(1, null), good(2)]],
  ["pandas' index", `,reviewerID,asin,reviewText,overall\n0,A1,B1,ok,5.0\n1,A2,B2,ok,5.0\n`, [good(1), good(2)]],
  ["pandas' index in a TSV", `\treviewerID\tasin\treviewText\toverall\n0\tA1\tB1\tok\t5.0\n`, [good(1)]],
  ['names with blanks and other case', ` Reviewer ID , ASIN,Review Text ,OVERALL\nA1,B1,ok,5\n`, [good(1)]],
  [
    'tabs and literal quotes',
    `reviewerID\tasin\treviewText\toverall\nA1\tB1\t"Great" book\t5\nA2\tB2\t"Never closed\t5\nA3\tB3\tok\t5\n`,
    [good(1, '"Great" book'), good(2, '"Never closed'), good(3)],
  ],
  ['\\N of MySQL', `${header}\nA1,B1,\\N,5\n`, [good(1, null)]],
  [
    'backslashes before quotes, as MySQL writes',
    `${header}\nA1,B1,"\\"hi\\", she said",5\nA2,B2,"C:\\\\",5\nA3,B3,"one\\\ntwo",5\n`,
    [good(1, '"hi", she said'), good(2, 'C:\\'), good(3, 'one\ntwo')],
  ],
  [
    'a first backslash at the end of a field',
    `${header}\nA1,B1,"19\\"",5\nA2,B2,"a \\"b\\", c",5\n`,
    [good(1, '19"'), good(2, 'a "b", c')],
  ],
  [
    'a first backslash before a comma',
    `${header}\nA1,B1,"19\\", black",5\nA2,B2,"ok",5\n`,
    [good(1, '19", black'), good(2)],
  ],
  [
    'a backslash that is no escape',
    `${header}\nA1,B1,"say ""C:\\""",5\nA2,B2,"C:\\",5\n`,
    [good(1, 'say "C:\\"'), good(2, 'C:\\')],
  ],
  ['a backslash at the end of a quoted field', `${header}\nA1,B1,"C:\\",5\nA2,B2,"ok",5\n`, [good(1, 'C:\\'), good(2)]],
  ['values in zstd', zstdCompressSync(`${header}\nA1,B1,"a\nb",5\n`), [good(1, 'a\nb')]],
];

describe('a table', () => {
  it.each(kept)('keeps each row: %s', async (_, content, rows) => {
    for (const blockBytes of blockSizes) {
      const read = await reviewsIn(content, blockBytes);
      expect([read.rejectedByReason, read.rows]).toEqual([{}, rows]);
      expect(read.lines).toBe(rows.length + read.blank);
    }
  });

  it.each([
    [
      'more fields than the header',
      `${header}\nA1,B1,Good, really,5\nA2,B2,ok,5\n`,
      'malformed-row',
      'A1,B1,Good, really,5',
      [good(2)],
    ],
    [
      'more fields than names in the header',
      `${header},\nA1,B1,Good, really,5\nA2,B2,ok,5,\n`,
      'malformed-row',
      'A1,B1,Good, really,5',
      [good(2)],
    ],
    [
      'more fields, some quoted',
      `${header}\nA1,B1,"a",b,5\nA2,B2,"ok",5\n`,
      'malformed-row',
      'A1,B1,"a",b,5',
      [good(2)],
    ],
    ['a last row that is cut off', `${header}\nA1,B1,ok,5\nA2,B2,o`, 'malformed-row', 'A2,B2,o', [good(1)]],
    [
      'a quote that is never closed',
      `${header}\nA1,B1,ok,5\nA2,B2,"never,5\nA3,B3,ok,5\nA4,B4,ok,5\n`,
      'unclosed-quote',
      'A2,B2,"never,5',
      [good(1), good(3), good(4)],
    ],
    [
      'a quote that is not closed before other quotes',
      `${header}\nA1,B1,"never,5\nA2,B2,"a ""b""",5\nA3,B3,"ok",5\n`,
      'unclosed-quote',
      'A1,B1,"never,5',
      [good(2, 'a "b"'), good(3)],
    ],
    [
      'a file that ends in a quoted field',
      `${header}\nA1,B1,"ok",5\nA2,B2,"cut o`,
      'unclosed-quote',
      'A2,B2,"cut o',
      [good(1)],
    ],
    [
      'bytes that are no UTF-8',
      Buffer.from(`${header}\nA1,B1,caf\u00e9,5\nA2,B2,ok,5\n`, 'latin1'),
      'invalid-utf8',
      'A1,B1,caf\ufffd,5',
      [good(2)],
    ],
    [
      'a row over 1 MiB',
      `${header}\nA1,B1,ok,5\nA2,B2,${big},5\nA3,B3,ok,5\n`,
      'line-too-long',
      `A2,B2,${'x'.repeat(54)}`,
      [good(1), good(3)],
    ],
    [
      'a quoted row over 1 MiB',
      `${header}\nA1,B1,"ok",5\nA2,B2,"a ""b"",\n${big}\n${big}",5\nA3,B3,"ok",5\n`,
      'line-too-long',
      `A2,B2,"a ""b"",\n${'x'.repeat(44)}`,
      [good(1), good(3)],
    ],
  ] as [string, string | Buffer, string, string, Rows][])(
    'rejects one record and keeps the others: %s',
    async (_, content, reason, rejected, rows) => {
      for (const blockBytes of content.length > 1e6 ? [65_536, 9973] : blockSizes) {
        const read = await reviewsIn(content, blockBytes);
        expect([read.rejectedByReason, read.rows]).toEqual([{ [reason]: 1 }, rows]);
        expect(read.rejected).toEqual([rejected]);
      }
    },
  );

  it('takes no piece of a damaged field for a row', async () => {
    const content = `${header}\nA1,B1,"she said "yes"\nand no, not,5\nA2,B2,ok,5\n`;
    const { rows, rejectedByReason } = await reviewsIn(content, 7);
    expect([rows, rejectedByReason]).toEqual([[good(2)], { 'malformed-row': 2 }]);
  });

  it('fails with the line of a quote that is not closed within 1 MiB', async () => {
    const rows = Array.from({ length: 200_000 }, (_, row) => `A${row},B${row},ok,5\n`).join('');
    const content = `${header}\nA1,B1,"two\nlines",5\nA2,B2,"never,5\n${rows}`;
    await expect(reviewsIn(content, 65_536)).rejects.toThrow(/^table: the quote that opens in line 4 is not closed/);
  });

  it("keeps every value of fields that share a name, and those of pandas' index", async () => {
    const content = ',reviewerID,asin,title,title,,\n0,A1,B1,one,two,\n,A2,B2,one,two,,\n';
    const { reviews } = await readTableFile(content, 9);
    expect(reviews.map((row) => row.other_fields)).toEqual([
      '{"":"0","title":"one","title (column 5)":"two"}',
      '{"title":"one","title (column 5)":"two"}',
    ]);
  });

  it.each([
    ['a header alone', `${header}\n`],
    ['a header without a line end', header],
    ['a quoted header alone', '\ufeff"reviewerID","asin"'],
  ])('has no row: %s', async (_, content) => {
    for (const blockBytes of blockSizes) {
      expect(await readTableFile(content, blockBytes)).toMatchObject({ lines: 0, container: 'csv' });
    }
  });

  it('fails if the header is damaged', async () => {
    await expect(reviewsIn('reviewerID,asin,"overall\nA1,B1,5\n', 5)).rejects.toThrow(/^table: the header is damaged/);
  });

  it('reads numbers as spreadsheets write them, without a guess at decimal commas', async () => {
    const content = 'reviewerID;asin;vote;overall\nA1;B1;"1,204";4,5\nA2;B2;"3";"4.5"\n';
    const { reviews } = await readTableFile(content, 5);
    expect(reviews.map((row) => [row.vote, row.overall_rating, row.other_fields])).toEqual([
      [1204, null, '{"overall":"4,5"}'],
      [3, 4.5, null],
    ]);
  });

  it("reads the escapes of mysql --batch in this service's own table, and in no other", async () => {
    const names = ['source_id', 'source_offset', 'reviewer_id', 'asin', 'review_text', 'summary', 'other_fields'];
    const values = ['01', '5', 'A1', 'B1', 'one\\ntwo \\\\n\\t', 'C:\\dir', '{"a":"x\\\\ny"}'];
    const { reviews } = await readTableFile(`${names.join('\t')}\n${values.join('\t')}\n`, 7);
    expect(reviews).toMatchObject([{ review_text: 'one\ntwo \\n\t', summary: 'C:\\dir' }]);
    expect(JSON.parse(String(reviews[0]?.other_fields))).toMatchObject({ a: 'x\ny' });
    const other = await readTableFile('reviewerID\tasin\treviewText\nA1\tB1\tC:\\new\n', 7);
    expect(other.reviews).toMatchObject([{ review_text: 'C:\\new' }]);
  });

  it.each([
    ['around a text', '"Great"', 'one\\ntwo'],
    ['that open and close in two fields', '"Great', 'book"'],
    ['that open in one row and close in the next', '"Great', 'book'],
  ])('keeps the quotes that mysql --batch writes %s', async (_, summary, text) => {
    const names = ['source_id', 'source_offset', 'reviewer_id', 'asin', 'summary', 'review_text', 'reviewer_name'];
    const rows = [
      ['01', '5', 'A1', 'B1', summary, text, 'N'],
      ['01', '6', 'A2', 'B2', 'So it was', 'A screen of 7"', 'N'],
    ];
    const content = [names, ...rows].map((row) => row.join('\t')).join('\n');
    const { reviews } = await readTableFile(content, 7);
    expect(reviews).toMatchObject([
      { summary, review_text: text.replaceAll('\\n', '\n'), reviewer_name: 'N' },
      { summary: 'So it was', review_text: 'A screen of 7"', reviewer_name: 'N' },
    ]);
  });

  it("reads the quotes of other programs in this service's own table with tabs", async () => {
    const names = ['source_id', 'source_offset', 'reviewer_id', 'asin', 'summary', 'review_text'];
    const row = ['01', '5', 'A1', 'B1', '"a\tb"', '"He said ""yes"".\nThen he left."'].join('\t');
    const plain = await readTableFile(`${names.join('\t')}\n${row}\n`, 7);
    expect(plain.reviews).toMatchObject([{ summary: 'a\tb', review_text: 'He said "yes".\nThen he left.' }]);
    const quoted = [names, ['01', '5', 'A1', 'B1', 'ok', 'NULL']].map((fields) => `"${fields.join('"\t"')}"`);
    const all = await readTableFile(`${quoted.join('\n')}\n`, 7);
    expect(all.reviews).toMatchObject([{ summary: 'ok', review_text: null }]);
  });

  it("keeps Python's lists and objects, which pandas writes, as they are", async () => {
    const content = `reviewerID,asin,image,style\nA1,B1,"['a.jpg', 'b.jpg']",{'Format:': ' Kindle'}\nA2,B2,a.jpg,\n`;
    const { reviews } = await readTableFile(content, 7);
    expect(reviews).toMatchObject([
      { image: null, style: null, other_fields: expect.stringContaining("['a.jpg', 'b.jpg']") },
      { image: '["a.jpg"]', style: null, other_fields: null },
    ]);
  });

  it('is recognized by the names of an added format', async () => {
    const text = JSON.stringify({ shop: { reviewer_id: ['buyer'], asin: ['sku'], review_text: ['words'] } });
    const parser = createReviewParser(readRecordFormats(text));
    const { reviews } = await readTableFile('buyer,sku,words\nA1,B1,ok\n', 5, parser);
    expect(reviews).toMatchObject([{ reviewer_id: 'A1', asin: 'B1', review_text: 'ok' }]);
  });
});
