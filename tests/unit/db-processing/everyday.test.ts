import { describe, expect, it } from '@jest/globals';
import { readOwnedLines } from '../../../functions/db-processing/read-lines.ts';
import { sniffFormat } from '../../../functions/preprocess/sniff-format.ts';
import { everydayFiles, saysWhy } from '../../support/everyday.ts';

const limits = { maxLineBytes: 1024 * 1024, maxDecompressedBytes: 64 * 1024 * 1024 };

async function readAll(bytes: Buffer): Promise<void> {
  const source = {
    format: sniffFormat(bytes.subarray(0, 256)),
    sizeBytes: bytes.length,
    chunkBytes: bytes.length || 1,
  };
  const read = async function* (from: number, to: number) {
    yield bytes.subarray(from, to);
  };
  for await (const _ of readOwnedLines(source, 0, null, read, limits));
}

const refused = ['books_data1.zip', 'index.html', 'reviews.json.bz2', 'reviews.json.zlib', 'reviews.parquet'];
const wide = ['utf16-without-mark.json', 'utf32.json'];

describe('everyday files', () => {
  it('are all there', () => {
    expect(everydayFiles()).toHaveLength(92);
  });

  it.each(everydayFiles())('%s is refused where it is no container of reviews, and only there', async (name, file) => {
    const error = await readAll(file.bytes()).then(
      () => null,
      (reason: Error) => reason,
    );
    const isRefused = [...refused, ...wide].includes(name);
    expect(error?.name === 'UnsupportedFormatError').toBe(isRefused);
    if (isRefused) expect(saysWhy(file, error?.message ?? '')).toBe(true);
  });
});
