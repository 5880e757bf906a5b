// What one round of the campaign uploads in one Region: small review files with dirt in them, some uploaded again, some
// overwritten. The same for the same seed.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pick } from '../reviews/made-text.ts';
import { type MadeRecord, makeRecord } from '../reviews/make-record.ts';

/** Stands in every review and in every malformed line: no log line may hold it. */
export const plantedText = 'planted-review-text-7c1f';

export interface Upload {
  /** Milliseconds after the round's beginning. */
  atMs: number;
  key: string;
  /** What is put there; null: the object is deleted. */
  body: Buffer | null;
}

/** Content under a key: what is one source, however often it is uploaded. */
export interface Version {
  key: string;
  body: Buffer;
  /** As S3 gives it for an object put in one request. */
  etag: string;
  /** Whether all of it must be in the database in the end: not where it is overwritten or deleted meanwhile. */
  mustComplete: boolean;
}

export interface Workload {
  uploads: Upload[];
  versions: Version[];
  /** Other content for an object that a fault may overwrite at the worst moment. */
  overwrite: { key: string; body: Buffer };
}

export const etagOf = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`;

/** `folder`: of this round and Region, under the pending prefix. About `reviews` records in all. */
export function makeWorkload(folder: string, reviews: number, random: () => number): Workload {
  const uploads: Upload[] = [];
  const versions: Version[] = [];
  let number = Math.floor(random() * 5_000);
  const content = (records: number): Buffer => {
    const first = number;
    number += records;
    return pick(random, [lines, lines, lines, zipped, array])(first, records, random);
  };
  const soon = () => Math.floor(random() * 700);
  const put = (key: string, body: Buffer, atMs: number) => {
    uploads.push({ key, body, atMs });
    if (!versions.some((version) => version.key === key && version.body.equals(body))) {
      versions.push({ key, body, etag: etagOf(body), mustComplete: true });
    }
  };
  const replaced = (key: string, body: Buffer) => {
    const version = versions.find((one) => one.key === key && one.body.equals(body));
    if (version) version.mustComplete = false;
  };

  const files = 3 + Math.floor(random() * 3);
  const names = ['a.json', 'b b+b.json', '2018/ç.json', 'd.json', 'e%20.json'];
  for (let index = 0; index < files; index += 1) {
    const body = content(Math.ceil(reviews / (files + 2)));
    const [key, atMs] = [`${folder}${names[index]}`, soon()];
    put(key, body, atMs);
    // The same file once more, under its own key or another.
    if (random() < 0.4) put(random() < 0.5 ? key : `${folder}copy of ${names[index]}`, body, atMs + soon());
  }
  const overwritten = `${folder}overwritten.json`;
  const [before, after] = [content(Math.ceil(reviews / (files + 2))), content(Math.ceil(reviews / (files + 2)))];
  const atMs = soon();
  put(overwritten, before, atMs);
  replaced(overwritten, before);
  put(overwritten, after, atMs + 150 + soon());
  if (random() < 0.2) {
    const deleted = `${folder}deleted.json`;
    const body = content(20);
    put(deleted, body, soon());
    replaced(deleted, body);
    uploads.push({ key: deleted, body: null, atMs: 700 + soon() });
  }
  const touched = `${folder}touched.json`;
  const [first, second] = [content(30), content(30)];
  put(touched, first, soon());
  return { uploads: uploads.sort((a, b) => a.atMs - b.atMs), versions, overwrite: { key: touched, body: second } };
}

function* texts(first: number, records: number, random: () => number): Generator<string> {
  let previous: MadeRecord | undefined;
  for (let number = first; number < first + records; number += 1) {
    previous = { ...makeRecord(number, random, previous) };
    previous.reviewText = `${plantedText} ${previous.reviewText ?? ''}`;
    previous.summary = `${previous.summary ?? ''} ${plantedText}`;
    yield JSON.stringify(previous);
  }
}

function lines(first: number, records: number, random: () => number): Buffer {
  let text = '';
  for (const record of texts(first, records, random)) {
    if (random() < 0.02) text += pick(random, ['\n', ' \t\r\n']);
    if (random() < 0.03) text += `${record.slice(0, Math.floor(record.length / 2)).trimEnd()}\n`;
    // Not before the first record, where it would make the whole file an array.
    if (text.includes('{') && random() < 0.01) text += `["${plantedText}"]\n`;
    text += `${record}${random() < 0.1 ? '\r\n' : '\n'}`;
  }
  return Buffer.from(random() < 0.3 ? text.trimEnd() : text);
}

const zipped = (first: number, records: number, random: () => number) => gzipSync(lines(first, records, random));
const array = (first: number, records: number, random: () => number) =>
  Buffer.from(`[${[...texts(first, records, random)].join(',\n')}]`);
