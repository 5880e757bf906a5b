// Files of JSON for the campaign, in each record format and arrangement. Each is made together with its truth: what it must become. The
// truth comes from the making, so no parser is part of it.
import type { ExpectedRow } from '../reviews/expected-row.ts';
import { pick } from '../reviews/made-text.ts';
import { type MadeRecord, makeRecord } from '../reviews/make-record.ts';
import { inShape } from '../reviews/record-shapes.ts';
import { styles, type Written, written } from '../reviews/ways-to-write.ts';

/** Stands in every review and in every malformed line: no log line may hold it. */
export const plantedText = 'planted-review-text-7c1f';

export interface Counts {
  lines: number;
  blank: number;
  rejected: number;
  /** How many values did not fit, by column. */
  misfits: Record<string, number>;
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

export type Random = () => number;
/** Writes so many records, the first of which has this number. */
export type Maker = (first: number, records: number, random: Random) => Content;

/** Records of the public data, dirt included. */
export function* madeRecords(first: number, records: number, random: Random): Generator<[MadeRecord, number: number]> {
  let previous: MadeRecord | undefined;
  for (let number = first; number < first + records; number += 1) {
    previous = { ...makeRecord(number, random, previous) };
    previous.reviewText = `${plantedText} ${previous.reviewText ?? ''}`;
    previous.summary = `${previous.summary ?? ''} ${plantedText}`;
    // Values that do not fit their column.
    if (number % 47 === 3) previous.overall = 7;
    if (number % 53 === 4) previous.reviewerName = 'Zoë '.repeat(150);
    yield [previous, number];
  }
}

const plainly = { shape: 'public', way: 'as made' } as const;
/** Most files that people have are in one of the public formats, as it is. */
const anyStyle = (random: Random) => (random() < 0.25 ? plainly : pick(random, styles));

/** The records of one file, as a tool writes them. Some files mix formats. */
export function writtenRecords(first: number, records: number, random: Random): Written[] {
  const oneStyle = anyStyle(random);
  const isMixed = random() < 0.15;
  return [...madeRecords(first, records, random)].map(([made, number]) => {
    const { shape, way } = isMixed ? anyStyle(random) : oneStyle;
    return written(inShape(made, shape, number), way, number);
  });
}

/** A tally of what is written: `offset` is the place of the record. */
export function createTally() {
  const rows: ExpectedRow[] = [];
  const counts: Counts = { lines: 0, blank: 0, rejected: 0, misfits: {} };
  const count = (kind: 'blank' | 'rejected') => {
    counts.lines += 1;
    counts[kind] += 1;
  };
  return {
    blank: () => count('blank'),
    rejected: () => count('rejected'),
    record(offset: number, { rowAt, misfits }: Written) {
      const row = rowAt(offset);
      if (row === null) return count('rejected');
      counts.lines += 1;
      rows.push(row);
      for (const column of misfits) counts.misfits[column] = (counts.misfits[column] ?? 0) + 1;
    },
    truth: (): Truth => ({ ends: 'completed', ...counts, rows }),
  };
}

const json = ({ record }: Written) => JSON.stringify(record);

/** One record per line, with blank lines, lines that were cut off, lines that hold no record, and some that hold several. */
export const inLines: Maker = (first, records, random) => {
  const tally = createTally();
  let text = '';
  let offset = 0;
  const write = (line: string) => {
    text += line;
    offset += Buffer.byteLength(line);
  };
  const made = writtenRecords(first, records, random);
  for (const [index, record] of made.entries()) {
    const line = json(record);
    if (random() < 0.02) {
      tally.blank();
      write(pick(random, ['\n', ' \t\r\n']));
    }
    // Not before the first record: it shows how the file is to be read.
    if (index > 0 && random() < 0.03) {
      tally.rejected();
      write(`${line.slice(0, Math.floor(line.length / 2)).trimEnd()}\n`);
      // An array right behind it may be its rest.
    } else if (index > 0 && random() < 0.01) {
      tally.rejected();
      write(`["${plantedText}"]\n`);
    }
    tally.record(offset, record);
    write(line);
    // Another one in the same line.
    if (index > 0 && random() < 0.01) {
      write(pick(random, ['', ', ']));
      tally.record(offset, record);
      write(line);
    }
    write(random() < 0.1 ? '\r\n' : '\n');
  }
  return { body: Buffer.from(random() < 0.3 ? text.trimEnd() : text), truth: tally.truth() };
};

/** The brackets, the blanks and what stands between elements. A comma before the last bracket leaves out an element: a blank. */
interface ArrayForm {
  open: string;
  between: string;
  close: string;
  leavesOut?: true;
}
const single: ArrayForm[] = [
  { open: '[', between: ',\n', close: ']' },
  { open: '[', between: ',\n', close: ',\n]\n', leavesOut: true },
  { open: ' \n\n[\n', between: ',\n', close: '\n]' },
  { open: '\ufeff[', between: ', ', close: ']\n' },
];
const valuesBehind: ArrayForm = { open: '[', between: ']\n', close: '' };
const several: ArrayForm[] = [
  { open: '[', between: ']\n[', close: ']\n' },
  { open: '[', between: '],[', close: ']' },
  valuesBehind,
];

/** The place of an element is its ordinal. */
const inForms =
  (forms: readonly ArrayForm[]): Maker =>
  (first, records, random) => {
    const tally = createTally();
    const elements = writtenRecords(first, records, random);
    for (const [ordinal, record] of elements.entries()) tally.record(ordinal, record);
    const form = pick(random, forms);
    const isPretty = random() < 0.2;
    const texts = elements.map(({ record }) => JSON.stringify(record, null, isPretty ? 4 : 0));
    if (form.leavesOut) tally.blank();
    return { body: Buffer.from(joined(texts, form)), truth: tally.truth() };
  };

function joined(texts: string[], form: ArrayForm): string {
  const { open, between, close } = form;
  if (form !== valuesBehind) return open + texts.join(between) + close;
  const [head, ...others] = texts;
  return `${open}${head}${between}${others.join('\n')}\n`;
}

export const inArray = inForms([...single, ...several]);
/** Without its end, this is no array. */
export const inOneArray = inForms(single);

/** [before, after] each value. */
const arrangements: [before: string, after: string][] = [
  ['', ''],
  ['', ', '],
  ['', ',\n'],
  ['', ';\n'],
  ['', '\r'],
  ['', '\0\0\n'],
  ['\u001e', '\n'],
  ['\u001e', ''],
];

/** Values that follow each other. A value's place is its first byte; that of the first one in a line is the line's. */
export const inValues: Maker = (first, records, random) => {
  const tally = createTally();
  const isPretty = random() < 0.4;
  const [before, after] = isPretty ? ['', '\n'] : pick(random, arrangements);
  let text = '';
  let offset = 0;
  for (const made of writtenRecords(first, records, random)) {
    const value = JSON.stringify(made.record, null, isPretty ? 2 : 0);
    // Without a line end, a record separator stands before the value's own place.
    const isFirst = text === '' || text.endsWith('\n');
    tally.record(isFirst ? offset : offset + Buffer.byteLength(before), made);
    text += before + value + after;
    offset += Buffer.byteLength(before + value + after);
  }
  return { body: Buffer.from(text), truth: tally.truth() };
};
