// Small files in the formats that people have, read as DB-processing reads them.
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createLineAccount } from '../../../functions/db-processing/account-lines.ts';
import { noProgress } from '../../../functions/db-processing/ingest-chunk.ts';
import { readOwnedLines } from '../../../functions/db-processing/read-lines.ts';
import { type Batch, createBatchBuilder } from '../../../functions/db-processing/review-batch.ts';
import { accountFor } from '../../../functions/postprocess/account.ts';
import type { ChunkProgress, SourceFormat } from '../../../functions/shared/contract.ts';
import { headroomBytes } from '../../../functions/shared/mysql-statement.ts';
import { sniffBytes, sniffFormat } from '../../../functions/shared/sniff-format.ts';
import { failureByCounts } from '../../../functions/shared/verdict.ts';
import { decodeInsert } from '../../fuzz/decode-insert.ts';
import { everydayFiles, saysWhy } from '../../support/everyday.ts';

const limits = { maxLineBytes: 1024 * 1024, maxDecompressedBytes: 64 * 1024 * 1024 };

interface End {
  progress: ChunkProgress;
  rows: number;
  /** Rows of a plan that was given up which the final plan does not have, by their offsets. */
  left?: number[];
  error: Error | null;
}

interface Manner {
  blockBytes: number;
  /** Of a file of lines; else it is one chunk. */
  chunkBytes?: number;
  /** Each invocation ends after a row, as soon as it may. */
  isShort?: boolean;
  /** Gets the offset of each row. */
  offsets?: Set<number>;
}

async function readChunk(bytes: Buffer, chunkIndex: number, format: SourceFormat, manner: Manner) {
  let progress = noProgress(chunkIndex);
  while (!progress.done) progress = await invoke(bytes, progress, format, manner);
  return progress;
}

async function invoke(bytes: Buffer, former: ChunkProgress, format: SourceFormat, manner: Manner) {
  const source = { format, sizeBytes: bytes.length, chunkBytes: manner.chunkBytes ?? (bytes.length || 1) };
  const read = async function* (from: number, to: number) {
    for (let at = from; at < to; at += manner.blockBytes) {
      yield bytes.subarray(at, Math.min(to, at + manner.blockBytes));
    }
  };
  const progress = structuredClone(former);
  const resumeAt = former.ownedFrom === null ? null : former.nextOffset;
  const ledger = { ...limits, onContainer: (container: string) => Object.assign(progress, { container }) };
  const batches = createBatchBuilder('0'.repeat(32), 'us-east-1', manner.isShort ? 1 : 500);
  const account = createLineAccount(progress, batches, { add: () => {} }, undefined, format !== 'whole');
  const insert = (batch: Batch | null) => {
    if (batch === null) return;
    progress.inserted += batch.rows;
    for (const { offset } of decodeInsert(batch.insert.subarray(headroomBytes))) manner.offsets?.add(offset);
  };
  try {
    for await (const lines of readOwnedLines(source, former.chunkIndex, resumeAt, read, ledger)) {
      for (const batch of account.fullBatches(lines)) {
        insert(batch);
        if (manner.isShort && account.isBetweenLines()) return progress;
      }
    }
  } finally {
    for (const batch of batches.takeRest()) insert(batch);
  }
  return { ...progress, done: true };
}

async function readAll(bytes: Buffer, format: SourceFormat, manner: Manner): Promise<End> {
  const chunkBytes = (format === 'lines' && manner.chunkBytes) || bytes.length || 1;
  const plan = { format, sizeBytes: bytes.length, chunkBytes, chunkCount: Math.ceil(bytes.length / chunkBytes) || 1 };
  const results: ChunkProgress[] = [];
  const errors: unknown[] = [];
  // Where one chunk fails, others may still be at work.
  for (let index = 0; index < plan.chunkCount; index += 1) {
    await readChunk(bytes, index, format, { ...manner, chunkBytes }).then(
      (result) => results.push(result),
      (error) => errors.push(error),
    );
  }
  try {
    if (errors.length > 0) throw errors[0];
    const account = accountFor(plan, results);
    if ('violations' in account) throw new Error(account.violations.join());
    const { totals } = account;
    return { progress: { ...noProgress(0), ...totals }, rows: totals.inserted, error: null };
  } catch (error) {
    return { progress: noProgress(0), rows: 0, error: error as Error };
  }
}

/** As the state machine does: what turns out to be no lines is read again as a whole. */
async function ingest(bytes: Buffer, manner: Manner): Promise<End> {
  const format = sniffFormat(bytes.subarray(0, sniffBytes), bytes.length <= sniffBytes);
  const before = new Set<number>();
  const end = await readAll(bytes, format, { ...manner, offsets: before });
  if (end.error?.name !== 'NotLinesError') return end;
  const offsets = new Set<number>();
  const again = await readAll(bytes, 'whole', { ...manner, offsets });
  return { ...again, left: [...before].filter((offset) => !offsets.has(offset)) };
}

describe('everyday files', () => {
  it('are all there', () => {
    expect(everydayFiles()).toHaveLength(92);
  });

  it.each(everydayFiles())('%s ends as its owner expects, however it arrives', async (_, file) => {
    for (const blockBytes of [65_536, 997, 1]) {
      const { progress, rows, error } = await ingest(file.bytes(), { blockBytes });
      const failure = error?.message ?? failureByCounts({ ...progress, rows }, 50);
      const reasons = Object.keys(progress.rejectedByReason).join(' ');
      expect([failure === null ? 'completed' : 'failed', failure === null ? rows : 0]).toEqual([
        file.outcome,
        file.rows,
      ]);
      if (file.outcome === 'completed') expect(progress.rejected).toBe(file.rejected);
      if (file.outcome === 'failed') expect(saysWhy(file, `${failure} ${reasons}`)).toBe(true);
    }
  });

  const text = (number: number) => `{"reviewerID":"A${number}","asin":"B1"}`;
  const line = (number: number) => `${text(number)}\n`;
  const twoLines = (number: number) => `{"reviewerID":"A${number}",\n"asin":"B1"}\n`;
  const pretty = (number: number) => `{\n  "reviewerID": "A${number}",\n  "asin": "B1"\n}\n`;
  const many = (count: number, make: (number: number) => string) =>
    Array.from({ length: count }, (_, n) => make(n)).join('');
  const good = many(40, line);
  const large = many(28_000, (number) => `${text(number)},`).slice(0, -1);

  it.each<[string, string, number, number]>([
    ['values over several lines behind good lines', `${good}${pretty(41)}${good}`, 81, 0],
    ['values that begin in a line and end in the next one', `${good}${many(30, twoLines)}${good}`, 110, 0],
    ['a value over two lines, alone among good lines', `${good}${twoLines(41)}${good}`, 81, 0],
    ['values of which each line has blanks before it', `${good}{\n"reviewerID":\n"A",\n"asin":"B"\n}\n${good}`, 81, 0],
    ['a lone brace between good lines', `${good}{\n${good}`, 80, 1],
    ['a value that is cut off behind a member', `${good}{\n  "reviewerID": "A9",\n${good}`, 80, 1],
    ['a line that is cut off behind a comma', `${good}{"reviewerID":"A9",\n${good}`, 80, 1],
    ['a line that is cut off behind a colon', `${good}{"reviewerID":\n${good}`, 80, 1],
    [
      'a line that is cut off behind a colon, before values with blanks',
      `${good}{"a":\n${good.replaceAll('{', '{ ')}`,
      80,
      1,
    ],
    ['a line that is cut off in a list', `${good}{"reviewerID":"A9","helpful":[1,\n${good}`, 80, 1],
    ['a line that is cut off in a text', `${good}{"reviewerID":"A9","asin":"B\n${good}`, 80, 1],
    ['a line that is cut off at the end', `${good}{"reviewerID":"A9",\n`, 40, 1],
    ['a line that is an array', `${good}[${text(1)},${text(2)}]\n${good}`, 82, 0],
    ['an array that holds other things too', `${good}[${text(1)},7,[${text(2)}]]\n${good}`, 81, 2],
    ['a line that is an array without records', `${good}[1,2]\n${good}`, 80, 1],
    ['an array over several lines', `${good}[\n${text(1)},\n${text(2)}\n]\n${good}`, 82, 0],
    ['an array over the bound for lines', `${good}[${large}]\n${good}`, 28_080, 0],
    ['a line over the bound of many values', `${good}${large}\n${good}`, 28_080, 0],
    ['a line over the bound of one value', `${good}{"a":"${'x'.repeat(2 ** 20)}"}\n${good}`, 80, 1],
    ['carriage returns behind good lines', `${good}${many(3, (number) => `${text(number)}\r`)}`, 43, 0],
    ['record separators behind good lines', `${good}${many(3, (number) => `\u001e${line(number)}`)}`, 43, 0],
    [
      'a value over two lines, behind lines with blanks',
      `${good.replaceAll('{', ' \t{')}${twoLines(41)}${good}`,
      81,
      0,
    ],
    [
      'a value over two lines, behind lines with marks',
      `${good.replaceAll('{', '\ufeff{')}${twoLines(41)}${good}`,
      81,
      0,
    ],
    [
      'a line that is cut off, before lines with marks',
      `${good}${twoLines(1)}{"a":1,\n${good.replaceAll('{', '\ufeff{')}`,
      81,
      1,
    ],
    [
      'a line that is cut off, before lines with blanks',
      `${good}${twoLines(1)}{"a":1,\n${good.replaceAll('{', '  {')}`,
      81,
      1,
    ],
    [
      'a record that is cut off before a separator',
      `${good}${twoLines(1)}\u001e{"a":1,\n${many(9, (number) => `\u001e${line(number)}`)}`,
      50,
      1,
    ],
    [
      'an array over lines with two records each',
      `${good}[\n${text(1)},${text(2)},\n ${text(3)}, ${text(4)}\n]\n${good}`,
      84,
      0,
    ],
    ['lines of other blanks', `${good}\u00a0\n\u3000 \n\ufeff\n${good}\u00a0 \r\n`, 80, 0],
    ['semicolons at the ends of lines', many(5, (number) => `${text(number)};\n`), 5, 0],
    ['a byte order mark behind good lines', `${good}\ufeff${good}`, 80, 0],
    ['a comment before values over several lines', `// a comment\n${pretty(1)}${pretty(2)}`, 2, 1],
    ['an array with lines behind it', `[${text(1)},${text(2)}]\n${good}`, 42, 0],
    ['several arrays, and values over several lines', `[${text(1)}]\n[${text(2)}],[]\n${pretty(3)}${pretty(4)}`, 4, 0],
    ['values over several lines, and an array', `${pretty(1)}${pretty(2)}[${text(3)},\n${text(4)}]\n`, 4, 0],
    ['an array without commas', `[${text(1)}\n${text(2)} ${text(3)}]`, 3, 0],
    ['an array in which a text is cut off', `[${text(1)},\n{"reviewerID":"A\n,${text(2)},\n${text(3)}]`, 3, 1],
    ['an array with comments', `[\n// one, two ] three\n${text(1)}, // [four\n${text(2)}\n]\n`, 2, 2],
    ['an array behind many blanks', `${' \n'.repeat(50_000)}[${text(1)},${text(2)}]`, 2, 0],
    ['lines behind many blanks', `${' \n'.repeat(50_000)}${good}`, 40, 0],
    ['zero bytes at the end', `${good}${'\0'.repeat(300)}`, 40, 0],
    ['the end mark of DOS', `${good}\u001a`, 40, 0],
    ['zero bytes between values', many(5, (number) => `${text(number)}\0`), 5, 0],
  ])('%s cost no record, in one piece or many, compressed or not', async (_what, text, rows, rejected) => {
    const ended = async (bytes: Buffer, manner: Manner) => {
      const { rows, progress, error, left = [] } = await ingest(bytes, manner);
      return [rows, progress.rejected, error?.message ?? null, ...left];
    };
    const files = [Buffer.from(text), Buffer.from(`\ufeff${text}`, 'utf16le')];
    for (const bytes of [
      ...files,
      ...files.map((file) => gzipSync(file)),
      ...files.map((file) => zstdCompressSync(file)),
    ])
      expect(await ended(bytes, { blockBytes: 65_536 })).toEqual([rows, rejected, null]);
    if (text.length < 10_000) {
      for (const bytes of [Buffer.from(text), gzipSync(text)])
        expect(await ended(bytes, { blockBytes: 97, chunkBytes: 1_000, isShort: true })).toEqual([
          rows,
          rejected,
          null,
        ]);
    }
    const small = text.length < 10_000 ? [1, 7, 997] : [65_537];
    for (const blockBytes of small) {
      for (const chunkBytes of [text.length, 4_000, 501].filter((size) => text.length / size < 100)) {
        expect(await ended(Buffer.from(text), { blockBytes, chunkBytes })).toEqual([rows, rejected, null]);
      }
    }
  });

  it('does not read a file again for a last line that is cut off', async () => {
    const { rows, progress, left } = await ingest(Buffer.from(`${good}{"a":1,\n`), { blockBytes: 65_536 });
    expect([rows, progress.rejected, left]).toEqual([40, 1, undefined]);
  });

  it('does not read a file again for a line that is cut off before one that is no JSON', async () => {
    const bytes = Buffer.from(`${good}{"reviewerID":\n{x\n${'y'.repeat(5_000)}\n${good}`);
    const { rows, progress, left } = await ingest(bytes, { blockBytes: 65_536 });
    expect([rows, progress.rejected, left]).toEqual([80, 3, undefined]);
  });

  it('counts blank lines in UTF-16 as in UTF-8', async () => {
    const text = `${line(1)} \t\r\n${line(2)}`;
    for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`, 'utf16le')]) {
      const { progress, rows } = await ingest(bytes, { blockBytes: 65_536 });
      expect([rows, progress.lines, progress.blank]).toEqual([2, 3, 1]);
    }
  });
});
