// A second reading of a review file, to hold the product's against: it shares no code with the product, goes line by line
// with nothing but JSON.parse, and knows only the documented rules.
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { idFieldsOf } from './expected-row.ts';

export type Reading =
  | { offset: number; kind: 'blank' }
  | { offset: number; kind: 'rejected'; reason: 'not-json' | 'not-an-object' | 'missing-reviewerID' | 'missing-asin' }
  | { offset: number; kind: 'review'; record: Record<string, unknown> };

export interface Counts {
  lines: number;
  blank: number;
  rejected: number;
  reviews: number;
}

/**
 * Every line of a file in order. `offset` is that of the line's first byte (of the decompressed stream for gzip), or the
 * ordinal of the element where the file is one JSON array. An array is read whole, so up to about 500 MB.
 * @throws where the file as a whole cannot be read: a truncated gzip, an unterminated array.
 */
export async function* readIndependently(path: string): AsyncGenerator<Reading> {
  const start = await firstBytes(path);
  if (start[0] === 0x5b) {
    const elements: unknown[] = JSON.parse(await readFile(path, 'utf8'));
    for (const [ordinal, element] of elements.entries()) yield readElement(ordinal, element);
    return;
  }
  const zipped = start[0] === 0x1f && start[1] === 0x8b;
  for await (const { offset, bytes } of splitAtNewlines(zipped ? unzipped(path) : createReadStream(path))) {
    yield readLine(offset, bytes.toString('utf8'));
  }
}

export async function countIndependently(path: string): Promise<Counts> {
  const counts: Counts = { lines: 0, blank: 0, rejected: 0, reviews: 0 };
  for await (const reading of readIndependently(path)) {
    counts.lines++;
    if (reading.kind === 'review') counts.reviews++;
    else counts[reading.kind]++;
  }
  return counts;
}

async function firstBytes(path: string): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return buffer.subarray(0, bytesRead);
}

async function* unzipped(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path);
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  yield* file.pipe(gunzip);
}

/** The pieces between 0x0A bytes; nothing after a last newline is not a line. */
async function* splitAtNewlines(stream: AsyncIterable<Buffer>): AsyncGenerator<{ offset: number; bytes: Buffer }> {
  let offset = 0;
  let begun: Buffer[] = [];
  for await (const piece of stream) {
    let from = 0;
    for (let newline = piece.indexOf(0x0a); newline !== -1; newline = piece.indexOf(0x0a, from)) {
      const bytes = Buffer.concat([...begun, piece.subarray(from, newline)]);
      yield { offset, bytes };
      offset += bytes.length + 1;
      begun = [];
      from = newline + 1;
    }
    if (from < piece.length) begun.push(piece.subarray(from));
  }
  if (begun.length > 0) yield { offset, bytes: Buffer.concat(begun) };
}

function readLine(offset: number, text: string): Reading {
  if (/^[ \t\r]*$/.test(text)) return { offset, kind: 'blank' };
  try {
    return readElement(offset, JSON.parse(text));
  } catch {
    return { offset, kind: 'rejected', reason: 'not-json' };
  }
}

function readElement(offset: number, value: unknown): Reading {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { offset, kind: 'rejected', reason: 'not-an-object' };
  }
  const record = value as Record<string, unknown>;
  const [reviewer, product] = idFieldsOf(record);
  // One data set has reviews without a reviewer.
  if (!record[reviewer] && reviewer !== 'User_id') return { offset, kind: 'rejected', reason: 'missing-reviewerID' };
  if (!record[product]) return { offset, kind: 'rejected', reason: 'missing-asin' };
  return { offset, kind: 'review', record };
}
