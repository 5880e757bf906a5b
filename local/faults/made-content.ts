// Files for the campaign in each record format and container. Each is made together with its truth: what it must become. The truth
// comes from the making, so no parser is part of it.
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type ExpectedRow, expectedRow, idFieldsOf } from '../reviews/expected-row.ts';
import { pick } from '../reviews/made-text.ts';
import { type MadeRecord, makeRecord } from '../reviews/make-record.ts';
import { inShape, type Shape } from '../reviews/record-shapes.ts';

/** Stands in every review and in every malformed line: no log line may hold it. */
export const plantedText = 'planted-review-text-7c1f';

export interface Counts {
  lines: number;
  blank: number;
  rejected: number;
}

/** What a file holds, and how it must end. */
export type Truth =
  | ({ ends: 'completed'; rows: ExpectedRow[] } & Counts)
  /** `reason`: how the report's reason begins. */
  | { ends: 'failed'; reason: string };

export interface Content {
  body: Buffer;
  truth: Truth;
}

type Random = () => number;
/** Writes so many records, the first of which has this number. */
export type Maker = (first: number, records: number, random: Random) => Content;

/** Records of one format, dirt included. */
export function* madeRecords(first: number, records: number, random: Random, shape: Shape): Generator<MadeRecord> {
  let previous: MadeRecord | undefined;
  for (let number = first; number < first + records; number += 1) {
    previous = { ...makeRecord(number, random, previous) };
    previous.reviewText = `${plantedText} ${previous.reviewText ?? ''}`;
    previous.summary = `${previous.summary ?? ''} ${plantedText}`;
    yield inShape(previous, shape, number);
  }
}

/** A tally of what is written: `offset` is the place of the record. */
export function createTally() {
  const rows: ExpectedRow[] = [];
  const counts: Counts = { lines: 0, blank: 0, rejected: 0 };
  const count = (kind: 'blank' | 'rejected') => {
    counts.lines += 1;
    counts[kind] += 1;
  };
  return {
    blank: () => count('blank'),
    rejected: () => count('rejected'),
    record(offset: number, record: MadeRecord) {
      const [reviewer, product] = idFieldsOf(record);
      // One data set has reviews without a reviewer.
      const isReview = record[product] && (record[reviewer] || reviewer === 'User_id');
      if (!isReview) return count('rejected');
      counts.lines += 1;
      rows.push(expectedRow(offset, record));
    },
    truth: (): Truth => ({ ends: 'completed', ...counts, rows }),
  };
}

const anyShape = (random: Random) => pick(random, ['public', 'public', 'amazon-2023', 'goodreads'] as const);

/** One record per line, with blank lines, lines that were cut off, and lines that hold no record. */
export const inLines: Maker = (first, records, random) => {
  const tally = createTally();
  const oneShape = anyShape(random);
  const isMixed = random() < 0.2;
  let text = '';
  let offset = 0;
  const write = (line: string) => {
    text += line;
    offset += Buffer.byteLength(line);
  };
  for (const [index, made] of [...madeRecords(first, records, random, 'public')].entries()) {
    const record = inShape(made, isMixed ? anyShape(random) : oneShape, first + index);
    const line = JSON.stringify(record);
    if (random() < 0.02) {
      tally.blank();
      write(pick(random, ['\n', ' \t\r\n']));
    }
    // Not before the first record: it shows how the file is to be read.
    if (text.includes('{') && random() < 0.03) {
      tally.rejected();
      write(`${line.slice(0, Math.floor(line.length / 2)).trimEnd()}\n`);
    }
    if (text.includes('{') && random() < 0.01) {
      tally.rejected();
      write(`["${plantedText}"]\n`);
    }
    tally.record(offset, record);
    write(`${line}${random() < 0.1 ? '\r\n' : '\n'}`);
  }
  return { body: Buffer.from(random() < 0.3 ? text.trimEnd() : text), truth: tally.truth() };
};

/** Behind a byte order mark, which belongs to the first line. */
export const inMarkedLines: Maker = (first, records, random) => {
  const { body, truth } = inLines(first, records, random);
  const mark = Buffer.from('\ufeff');
  if (truth.ends === 'completed')
    for (const row of truth.rows) if (row.source_offset > 0) row.source_offset += mark.length;
  return { body: Buffer.concat([mark, body]), truth };
};

/** Offsets count in the stream that comes out. */
export const inGzip: Maker = (first, records, random) => {
  const { body, truth } = inLines(first, records, random);
  const cut = Math.floor(random() * body.length);
  const members = random() < 0.3 ? [body.subarray(0, cut), body.subarray(cut)] : [body];
  const padding = Buffer.alloc(random() < 0.2 ? 512 : 0);
  return { body: Buffer.concat([...members.map((member) => gzipSync(member)), padding]), truth };
};

export const inZstd: Maker = (first, records, random) => {
  const { body, truth } = inLines(first, records, random);
  return { body: zstdCompressSync(body), truth };
};

/** With a byte order mark. Offsets count in UTF-8, behind the mark. */
export const inUtf16: Maker = (first, records, random) => {
  const { body, truth } = inLines(first, records, random);
  const bytes = Buffer.from(`\ufeff${body.toString('utf8')}`, 'utf16le');
  return { body: random() < 0.5 ? bytes : bytes.swap16(), truth };
};

/** The place of an element is its ordinal. */
export const inArray: Maker = (first, records, random) => {
  const tally = createTally();
  const elements = [...madeRecords(first, records, random, anyShape(random))];
  for (const [ordinal, record] of elements.entries()) tally.record(ordinal, record);
  const text = elements.map((one) => JSON.stringify(one)).join(',\n');
  const [open, close] = pick(random, [
    ['[', ']'],
    ['[', ',\n]\n'],
    [' \n\n[\n', '\n]'],
  ] as const);
  // Nothing stands behind the last comma: a blank.
  if (close.startsWith(',')) tally.blank();
  return { body: Buffer.from(open + text + close), truth: tally.truth() };
};

/** [before, after] each value. */
const arrangements: [before: string, after: string][] = [
  ['', ''],
  ['', ', '],
  ['', ',\n'],
  ['\u001e', '\n'],
];

/** Values that follow each other. A value's place is its first byte; that of the first one in a line is the line's. */
export const inValues: Maker = (first, records, random) => {
  const tally = createTally();
  const isPretty = random() < 0.4;
  const [before, after] = isPretty ? ['', '\n'] : pick(random, arrangements);
  let text = '';
  let offset = 0;
  for (const record of madeRecords(first, records, random, anyShape(random))) {
    const value = JSON.stringify(record, null, isPretty ? 2 : 0);
    tally.record(offset, record);
    text += before + value + after;
    offset += Buffer.byteLength(before + value + after);
  }
  return { body: Buffer.from(text), truth: tally.truth() };
};
