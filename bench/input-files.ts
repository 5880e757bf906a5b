// The rows that every scenario brings in: as review files, and as the text that LOAD DATA reads.
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { parseReview, type Review } from '../functions/db-processing/parse-review.ts';
import { plainFieldsOf } from '../functions/db-processing/plain-rows/plain-formats.ts';
import { bytesOf, createLineSplitter, type Line } from '../functions/db-processing/split-lines.ts';
import { columnNames, recordFormats } from '../functions/shared/record-formats.ts';
import { linesOf } from '../local/reviews/lines-of.ts';
import { makeReviewFiles } from '../local/reviews/make-reviews.ts';
import type { Shape } from '../local/reviews/record-shapes.ts';

/** A part of a file that ends with a line. */
export interface Part {
  path: string;
  start: number;
  /** Exclusive. */
  end: number;
}

export interface InputFile {
  path: string;
  sizeBytes: number;
  lines: number;
  /** Reviews among the lines. */
  rows: number;
  /** Tab-separated, in the order of `loadedColumns`. */
  loadable: { path: string; sizeBytes: number };
}

/** A file that is read as a whole, by one invocation after the other. */
export interface WholeFile {
  path: string;
  /** As it is stored. */
  sizeBytes: number;
  /** Of the text in it. */
  textBytes: number;
  /** Reviews in it. */
  rows: number;
}

export const loadedColumns = ['source_offset', ...columnNames].join(', ');

/** One file of JSON lines, and the rows in it for LOAD DATA. Takes about a second for 50,000 rows. */
export async function makeInput(
  region: string,
  rows: number,
  directory: string,
  shape: Shape = 'public',
): Promise<InputFile> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const [made] = await makeReviewFiles({ region, reviews: rows, directory, files: 1, shape });
  if (made === undefined) throw new Error('no review file was made');
  const loadable = join(directory, 'rows.tsv');
  const out = createWriteStream(loadable);
  const splitter = createLineSplitter(0);
  let lines = 0;
  let reviews = 0;
  const write = async (found: Line[]) => {
    let text = '';
    for (const line of found) {
      lines += 1;
      const review = parseReview(bytesOf(line));
      if (typeof review === 'string') continue;
      reviews += 1;
      text += loadableLine(line.offset, review);
    }
    if (!out.write(text)) await once(out, 'drain');
  };
  for await (const block of createReadStream(made.path, { highWaterMark: 1 << 20 }))
    await write(linesOf(splitter.push(block)));
  await write(splitter.end());
  out.end();
  await finished(out);
  const { sizeBytes, path } = made;
  return {
    path,
    sizeBytes,
    lines,
    rows: reviews,
    loadable: { path: loadable, sizeBytes: (await stat(loadable)).size },
  };
}

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\0': '\\0' };
const field = (value: string | number | boolean | null): string => {
  if (value === null) return '\\N';
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value).replace(/[\\\t\n\0]/g, (found) => escapes[found] as string);
};

const loadableLine = (offset: number, review: Review): string =>
  `${[offset, ...columnNames.map((column) => review.columns[column])].map(field).join('\t')}\n`;

/** The fields of the public data. */
const namesInCsv = recordFormats
  .filter(({ name }) => name === 'public')
  .flatMap((format) => plainFieldsOf(format).map(({ name }) => name));
const needsQuotes = /[",\r\n]/;

/** As pandas quotes them. Lists and objects are JSON in a text. */
function fieldOfCsv(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rowOfCsv(bytes: Buffer): string {
  if (typeof parseReview(bytes) === 'string') return '';
  const record = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  return `${namesInCsv.map((name) => fieldOfCsv(record[name])).join(',')}\n`;
}

/** The reviews of a file of lines as CSV. */
export async function inCsv({ path, rows }: InputFile): Promise<WholeFile> {
  const csvPath = `${path}.csv`;
  const splitter = createLineSplitter(0);
  await pipeline(async function* () {
    yield `${namesInCsv.join(',')}\n`;
    for await (const block of createReadStream(path, { highWaterMark: 1 << 20 })) {
      for (const line of linesOf(splitter.push(block))) yield rowOfCsv(bytesOf(line));
    }
    for (const line of splitter.end()) yield rowOfCsv(bytesOf(line));
  }, createWriteStream(csvPath));
  const { size } = await stat(csvPath);
  return { path: csvPath, sizeBytes: size, textBytes: size, rows };
}

/** The same file, compressed. */
export async function inZstd({ path, sizeBytes, rows }: InputFile): Promise<WholeFile> {
  const zstdPath = `${path}.zst`;
  await pipeline(createReadStream(path), createZstdCompress(), createWriteStream(zstdPath));
  return { path: zstdPath, sizeBytes: (await stat(zstdPath)).size, textBytes: sizeBytes, rows };
}

/** Cuts a file of lines into `count` parts of about the same size. */
export async function partsOf(path: string, sizeBytes: number, count: number): Promise<Part[]> {
  await using file = await open(path);
  const cuts = [0];
  for (let index = 1; index < count; index += 1) {
    let at = Math.floor((sizeBytes * index) / count);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(64 * 1024), position: at });
    at += buffer.subarray(0, bytesRead).indexOf(0x0a) + 1;
    cuts.push(at);
  }
  cuts.push(sizeBytes);
  return cuts.slice(0, -1).map((start, index) => ({ path, start, end: cuts[index + 1] as number }));
}
