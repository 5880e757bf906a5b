// Makes review files that look as real ones do, dirt included, and are the same for the same seed, Region and number.
import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { randomBySeed } from './made-text.ts';
import { type MadeRecord, makeRecord } from './make-record.ts';
import { inShape, type Shape } from './record-shapes.ts';

export interface ReviewFile {
  /** What comes after the pending prefix in its key. May hold `/`. */
  name: string;
  path: string;
  sizeBytes: number;
}

/** Above so many records a gzip file or a JSON array would say nothing more, and would only be the last to finish: each is one chunk. */
const maxUnsplittableRecords = 5_000;
const bufferBytes = 1 << 20;

/** Names with what keys may hold: folders, a space, a plus sign, letters beyond ASCII. */
const plainNames = ['reviews-1.json', '2018/reviews-2.json', 'reviews 3+3.json', 'réviews-4.json'];
const plainName = (index: number) => plainNames[index] ?? `reviews-${index + 1}.json`;

/**
 * Writes `reviews` records of one Region into at most `files` files below `directory`: one gzip, one JSON array (where
 * there are files and records enough), the rest one record a line. Blank lines come on top of `reviews`.
 */
export async function makeReviewFiles(options: {
  region: string;
  reviews: number;
  directory: string;
  files?: number;
  seed?: string;
  /** The format of all records. */
  shape?: Shape;
}): Promise<ReviewFile[]> {
  const { region, reviews, directory, files = 8, seed = 'book-reviews', shape = 'public' } = options;
  const random = randomBySeed(`${seed}/${region}`);
  const unsplittable =
    files >= 3 && reviews >= files ? Math.min(maxUnsplittableRecords, Math.floor(reviews / files)) : 0;
  const plainFiles = Math.min(unsplittable > 0 ? files - 2 : files, reviews);
  const inPlain = reviews - 2 * unsplittable;
  const made: ReviewFile[] = [];
  let first = 0;
  for (let index = 0; index < plainFiles; index++) {
    const count = Math.floor((inPlain * (index + 1)) / plainFiles) - Math.floor((inPlain * index) / plainFiles);
    const name = plainName(index);
    const slice = { first, count, malformed: index === 0, newlineAtEnd: index !== 1, random, shape };
    made.push({ name, ...(await writePlain(join(directory, name), slice)) });
    first += count;
  }
  if (unsplittable > 0) {
    const zipped = gzipSync(
      joined(plainLines({ first, count: unsplittable, malformed: false, newlineAtEnd: true, random, shape })),
    );
    made.push(await writeWhole(directory, 'reviews.json.gz', zipped));
    first += unsplittable;
    made.push(await writeWhole(directory, 'reviews-array.json', arrayText(first, unsplittable, random, shape)));
  }
  return made;
}

interface Slice {
  /** Number of the first record, from the Region's first. */
  first: number;
  count: number;
  /** Whether one of the records is a line that is not JSON. */
  malformed: boolean;
  /** Whether the last line ends in a newline. */
  newlineAtEnd: boolean;
  random: () => number;
  shape: Shape;
}

/** The lines of one file, line ends included; the last may have none. */
function* plainLines({ first, count, malformed, newlineAtEnd, random, shape }: Slice): Generator<string> {
  let previous: MadeRecord | undefined;
  const malformedAt = malformed ? first + Math.floor(count / 2) : -1;
  for (let number = first; number < first + count; number++) {
    if (number % 307 === 22) yield number % 2 === 0 ? '\n' : ' \t\r\n';
    if (number === malformedAt) {
      yield '{"overall": 5.0, "verified": true, "summary": "A line that was cut", "reviewerID": "A2TRUNC\n';
      continue;
    }
    previous = makeRecord(number, random, previous);
    const lineEnd = !newlineAtEnd && number === first + count - 1 ? '' : number % 97 === 23 ? '\r\n' : '\n';
    yield recordText(inShape(previous, shape, number), number) + lineEnd;
  }
}

/** JSON as the public files have it: `5.0`, and now and then everything beyond ASCII escaped. */
function recordText(record: MadeRecord, number: number): string {
  const text = JSON.stringify(record).replace(/^\{"(overall|rating)":(\d),/, '{"$1": $2.0, ');
  if (number % 3 !== 0) return text;
  return text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function arrayText(first: number, count: number, random: () => number, shape: Shape): Buffer {
  const elements: string[] = [];
  let previous: MadeRecord | undefined;
  for (let number = first; number < first + count; number++) {
    previous = makeRecord(number, random, previous);
    elements.push(recordText(inShape(previous, shape, number), number));
  }
  return Buffer.from(`[\n${elements.join(',\n')}\n]\n`);
}

const joined = (lines: Iterable<string>) => Buffer.from([...lines].join(''));

async function writeWhole(directory: string, name: string, bytes: Buffer): Promise<ReviewFile> {
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  return { name, path, sizeBytes: bytes.length };
}

/** Written a buffer at a time, so that a file of any size takes little memory and the event loop continues. */
async function writePlain(path: string, slice: Slice): Promise<{ path: string; sizeBytes: number }> {
  await mkdir(dirname(path), { recursive: true });
  await using file = await open(path, 'w');
  let text = '';
  let sizeBytes = 0;
  const flush = async () => {
    const bytes = Buffer.from(text);
    text = '';
    sizeBytes += bytes.length;
    await file.writeFile(bytes);
  };
  for (const line of plainLines(slice)) {
    text += line;
    if (text.length >= bufferBytes) await flush();
  }
  await flush();
  return { path, sizeBytes };
}
