// What one round of the campaign uploads in one Region: small review files with dirt in them, some uploaded again, some
// overwritten, some damaged, some with bad intentions. The same for the same seed.
import { createHash } from 'node:crypto';
import { pendingPrefix } from '../../functions/shared/keys.ts';
import { pick } from '../reviews/made-text.ts';
import { forgeries } from './forgeries.ts';
import { compressed, inMarkedLines, inUtf16 } from './made-containers.ts';
import { type Content, inArray, inLines, inValues, type Maker, type Truth } from './made-content.ts';
import { inTable } from './made-tables.ts';
import { cutOff, hiddenNames, mostlyRejected, refused } from './made-trouble.ts';

/** How a client uploads: the checksum that it gives, or an upload in parts. */
export const clients = ['crc32', 'sha256', 'none', 'parts'] as const;
export type Client = (typeof clients)[number];

export interface UploadOptions {
  client?: Client;
  /** The object's metadata, which an uploader may write. */
  metadata?: Record<string, string>;
}

export interface Upload extends UploadOptions {
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
  /** Whether it must come to its end, as its truth says: not where it is overwritten or deleted meanwhile. */
  mustComplete: boolean;
  /** Where the maker of the file knows it. Without it the file is read by a second reader. */
  truth?: Truth;
}

export interface Workload {
  uploads: Upload[];
  versions: Version[];
  /** Keys of objects that are no sources. They stay where they are. */
  ignored?: string[];
  /** Other content for an object that a fault may overwrite at the worst moment. */
  overwrite: { key: string; body: Buffer; truth?: Truth };
}

/** What comes after the pending prefix. */
export const belowPending = (key: string) => key.slice(pendingPrefix.length);

const md5 = (body: Buffer) => createHash('md5').update(body).digest();
export const etagOf = (body: Buffer) => `"${md5(body).toString('hex')}"`;
/** The same bytes have another ETag when they come in parts: here in one part. */
export const etagsOf = (body: Buffer) => [etagOf(body), `"${md5(md5(body)).toString('hex')}-1"`];

const texts: Maker[] = [inLines, inArray, inValues, inTable, inTable];
const inWideText = inUtf16(texts);
/** Of content that must complete. */
export const makers: Maker[] = [
  inLines,
  inLines,
  inLines,
  inMarkedLines,
  ...texts,
  inTable,
  inWideText,
  ...compressed([...texts, inWideText]),
];
const names = ['a.json', 'b b+b.json', '2018/ç.json', 'd.json', 'e%20.json'];

/** By chance most of a few records are to be rejected. Then the file must fail. */
function judged({ body, truth }: Content): Content {
  if (truth.ends !== 'completed' || truth.rejected <= truth.rows.length) return { body, truth };
  return { body, truth: { ends: 'failed', reason: 'TooManyRejected' } };
}

/** `content` makes a file of new records. `take` sets aside numbers for records, and returns the first of them. */
function createContents(random: () => number) {
  let number = Math.floor(random() * 5_000);
  const take = (records: number): number => {
    number += records;
    return number - records;
  };
  const content: MakeContent = (records, maker = pick(random, makers)) => judged(maker(take(records), records, random));
  return { content, take };
}

type MakeContent = (records: number, maker?: (typeof makers)[number]) => Content;

/** Files that travel together. They come at one moment, as those of a bundle do. */
const smallFiles = (content: MakeContent, random: () => number): Content[] =>
  Array.from({ length: 15 + Math.floor(random() * 25) }, () => {
    const maker = random() < 0.1 ? mostlyRejected : pick(random, makers);
    return content(1 + Math.floor(random() * 4), maker);
  });

/** `folder`: of this round and Region, under the pending prefix. About `reviews` records in all. */
export function makeWorkload(
  folder: string,
  { bucket, reviews }: { bucket: string; reviews: number },
  random: () => number,
): Workload {
  const uploads: Upload[] = [];
  const versions: Version[] = [];
  const { content, take } = createContents(random);
  const soon = () => Math.floor(random() * 700);
  const versionOf = (key: string, body: Buffer) =>
    versions.find((version) => version.key === key && version.body.equals(body));
  const put = (key: string, { body, truth }: Content, atMs: number, options: UploadOptions = {}) => {
    uploads.push({ key, body, atMs, client: pick(random, clients), ...options });
    if (!versionOf(key, body)) versions.push({ key, body, etag: etagOf(body), mustComplete: true, truth });
  };
  const replaced = (key: string, { body }: Content) => {
    const version = versionOf(key, body);
    if (version) version.mustComplete = false;
  };

  const files = 3 + Math.floor(random() * 3);
  const share = Math.ceil(reviews / (files + 3));
  for (const name of names.slice(0, files)) {
    const made = content(share);
    const [key, atMs] = [`${folder}${name}`, soon()];
    put(key, made, atMs);
    // The same file once more, under its own key or another.
    if (random() < 0.4) put(random() < 0.5 ? key : `${folder}copy of ${name}`, made, atMs + soon());
  }
  const [overwritten, before, after, atMs] = [`${folder}overwritten.json`, content(share), content(share), soon()];
  put(overwritten, before, atMs);
  replaced(overwritten, before);
  put(overwritten, after, atMs + 150 + soon());
  if (random() < 0.2) {
    const deleted = `${folder}deleted.json`;
    const made = content(20);
    put(deleted, made, soon());
    replaced(deleted, made);
    uploads.push({ key: deleted, body: null, atMs: 700 + soon() });
  }
  if (random() < 0.5) {
    const key = `${folder}cut off.json`;
    const { damaged, whole } = cutOff(take(40), 40, random);
    put(key, damaged, soon());
    replaced(key, damaged);
    put(key, whole, 700 + soon());
  }
  if (random() < 0.3) put(`${folder}only cut off.json`, cutOff(take(40), 40, random).damaged, soon());
  if (random() < 0.35) put(`${folder}mostly rejected.json`, content(15, mostlyRejected), soon());
  if (random() < 0.35) put(`${folder}refused.json`, content(30, refused), soon());
  const ignored = random() < 0.4 ? [`${folder}${pick(random, hiddenNames)}`] : [];
  for (const key of ignored) uploads.push({ key, body: content(5).body, atMs: soon() });
  if (random() < 0.5) {
    const victims = versions.filter(({ truth }) => truth?.ends === 'completed');
    for (const { key, metadata } of forgeries(folder, { bucket, victims }, random)) {
      put(key, content(15), soon() + soon(), { metadata });
    }
  }
  const together = soon();
  smallFiles(content, random).forEach((made, index) => {
    put(`${folder}small/${index}.json`, made, together);
  });
  // Half of the time one of many.
  const touched = `${folder}small/touched.json`;
  const records = random() < 0.5 ? 5 : 30;
  const [first, second] = [content(records), content(records)];
  put(touched, first, together);
  uploads.sort((a, b) => a.atMs - b.atMs);
  return { uploads, versions, ignored, overwrite: { key: touched, ...second } };
}
