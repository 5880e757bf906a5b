// Small files in the formats that people have, read as DB-processing reads them.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createLineAccount } from '../../../functions/db-processing/account-lines.ts';
import { noProgress } from '../../../functions/db-processing/ingest-chunk.ts';
import { readOwnedLines } from '../../../functions/db-processing/read-lines.ts';
import { createBatchBuilder } from '../../../functions/db-processing/review-batch.ts';
import { sniffBytes, sniffFormat } from '../../../functions/preprocess/sniff-format.ts';
import type { ChunkProgress, SourceFormat } from '../../../functions/shared/contract.ts';
import { failureByCounts } from '../../../functions/shared/verdict.ts';
import { everydayFiles, saysWhy } from '../../support/everyday.ts';

const limits = { maxLineBytes: 1024 * 1024, maxDecompressedBytes: 64 * 1024 * 1024 };

interface End {
  progress: ChunkProgress;
  rows: number;
  error: Error | null;
}

async function readAll(bytes: Buffer, blockBytes: number, format: SourceFormat): Promise<End> {
  const source = { format, sizeBytes: bytes.length, chunkBytes: bytes.length || 1 };
  const read = async function* (from: number, to: number) {
    for (let at = from; at < to; at += blockBytes) yield bytes.subarray(at, Math.min(to, at + blockBytes));
  };
  const progress = noProgress(0);
  const batches = createBatchBuilder('0'.repeat(32), 'us-east-1', 500);
  const account = createLineAccount(progress, batches, { add: () => {} }, undefined, format !== 'whole');
  let rows = 0;
  try {
    for await (const lines of readOwnedLines(source, 0, null, read, limits)) {
      for (const batch of account.fullBatches(lines)) rows += batch.rows;
    }
    rows += batches.take()?.rows ?? 0;
    return { progress, rows, error: null };
  } catch (error) {
    return { progress, rows: 0, error: error as Error };
  }
}

/** As the state machine does: what turns out to be no lines is read again as a whole. */
async function ingest(bytes: Buffer, blockBytes: number): Promise<End> {
  const format = sniffFormat(bytes.subarray(0, sniffBytes), bytes.length <= sniffBytes);
  const end = await readAll(bytes, blockBytes, format);
  return end.error?.name === 'NotLinesError' ? readAll(bytes, blockBytes, 'whole') : end;
}

describe('everyday files', () => {
  it('are all there', () => {
    expect(everydayFiles()).toHaveLength(92);
  });

  it.each(everydayFiles())('%s ends as its owner expects, however it arrives', async (_, file) => {
    for (const blockBytes of [65_536, 997, 1]) {
      const { progress, rows, error } = await ingest(file.bytes(), blockBytes);
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

  const line = (number: number) => `{"reviewerID":"A${number}","asin":"B1"}\n`;
  const pretty = (number: number) => `{\n  "reviewerID": "A${number}",\n  "asin": "B1"\n}\n`;
  it.each([
    ['values over several lines behind good lines', line(1) + line(2) + pretty(3) + line(4), 4, 0],
    ['a lone brace between good lines', `${line(1)}{\n${line(2)}${line(3)}`, 3, 1],
    ['a value that is cut off before good lines', `${line(1)}{\n  "reviewerID": "A9",\n${line(2)}${line(3)}`, 3, 1],
  ])('%s cost no record, compressed or not', async (_what, text, rows, rejected) => {
    for (const bytes of [Buffer.from(text), gzipSync(text)]) {
      const end = await ingest(bytes, 997);
      expect([end.rows, end.progress.rejected]).toEqual([rows, rejected]);
    }
  });

  it('counts blank lines in UTF-16 as in UTF-8', async () => {
    const text = `${line(1)} \t\r\n${line(2)}`;
    for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`, 'utf16le')]) {
      const { progress, rows } = await ingest(bytes, 65_536);
      expect([rows, progress.lines, progress.blank]).toEqual([2, 3, 1]);
    }
  });
});
