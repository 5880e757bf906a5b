// Bundles of small files against a real server: DB-processing, then Postprocess.
import { gzipSync } from 'node:zlib';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type BundleDependencies, ingestBundle } from '../../functions/db-processing/bundle/ingest-bundle.ts';
import { parseSmall } from '../../functions/db-processing/bundle/parse-small.ts';
import { readSmall } from '../../functions/db-processing/bundle/read-small.ts';
import { withdrawEach } from '../../functions/db-processing/bundle/withdraw-each.ts';
import { ingestChunk } from '../../functions/db-processing/ingest-chunk.ts';
import { reviewParser } from '../../functions/db-processing/parse-review.ts';
import { withdrawRows } from '../../functions/db-processing/withdraw-rows.ts';
import { defaultCopyLimits } from '../../functions/postprocess/copy-object.ts';
import { finishBundle } from '../../functions/postprocess/finish-bundle.ts';
import { inspectObject } from '../../functions/preprocess/inspect-object.ts';
import type {
  Bundle,
  BundleOutcome,
  BundleProgress,
  SmallObject,
  WithdrawEach,
} from '../../functions/shared/bundle-contract.ts';
import { bundleEnd, bundleProgress } from '../../functions/shared/bundle-contract.ts';
import { parsePayload, type Source } from '../../functions/shared/contract.ts';
import { sourceIdMetadata } from '../../functions/shared/keys.ts';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { type MysqlServer, startMysql } from '../../local/database/single-server.ts';
import { keepLog } from '../support/log.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';

let mysql: MysqlServer;
let s3: S3Server;

beforeAll(async () => {
  [mysql, s3] = await Promise.all([startMysql(), startS3Server()]);
  await migrate(mysql.openSession);
}, 120_000);
afterAll(async () => {
  await Promise.all([mysql.stop(), s3.stop()]);
});
beforeEach(async () => {
  for (const table of ['book_reviews', 'sources', 'source_chunks']) await mysql.query(`TRUNCATE TABLE ${table}`);
  for (const key of await s3.list('book-review/')) await s3.remove(key);
});

const startedAt = '2020-01-01T00:00:00.000Z';
const line = (reviewer: string) => `${JSON.stringify({ reviewerID: reviewer, asin: 'B1', overall: 4 })}\n`;
const keyOf = (name: string) => `book-review/reviews/us-east-1/${name}`;

async function upload(name: string, content: string | Uint8Array): Promise<SmallObject> {
  const { etag } = await s3.put(keyOf(name), content);
  return { key: keyOf(name), etag, sizeBytes: Buffer.byteLength(content) };
}

const bundleOf = (...objects: SmallObject[]): Bundle => ({ objects, chunkCount: 1 });

const dependencies = (overrides: Partial<BundleDependencies> = {}): BundleDependencies => ({
  s3: s3.client,
  bucket: s3.bucket,
  region: 'us-east-1',
  openSession: mysql.openSession,
  batchRows: 1000,
  maxRejectedPercent: 50,
  sameContent: 'add',
  remainingMs: () => 600_000,
  log: keepLog(),
  ...overrides,
});

/** What crosses the border of a function is JSON, and fits the contract. */
const crossed = <T>(value: T): T => JSON.parse(JSON.stringify(value));

async function ingest(source: Bundle, overrides: Partial<BundleDependencies> = {}): Promise<BundleProgress> {
  const progress = await ingestBundle({ source, progress: null, startedAt }, dependencies(overrides));
  return parsePayload(bundleProgress, crossed(progress));
}

const finish = (
  source: Bundle,
  progress: BundleProgress,
  rest: object = {},
  client = s3.client as Pick<typeof s3.client, 'send'>,
) =>
  finishBundle(parsePayload(bundleEnd, crossed({ source, chunkResults: [progress], startedAt, ...rest })), {
    s3: client,
    bucket: s3.bucket,
    limits: defaultCopyLimits,
    region: 'us-east-1',
    maxRejectedPercent: 50,
    sameName: 'add',
    now: () => new Date('2026-11-27T00:00:00.000Z'),
    log: keepLog(),
  });

/** A client that asks `before` about each command first. */
const sending = (before: (command: { constructor: { name: string } }) => Promise<void>) =>
  ({
    send: async (command: { constructor: { name: string } }, ...rest: unknown[]) => {
      await before(command);
      return (s3.client.send as (...all: unknown[]) => unknown)(command, ...rest);
    },
  }) as unknown as BundleDependencies['s3'];

const chunks = ({ results }: BundleProgress) => results.map((result) => ('chunk' in result ? result.chunk : result));
const rowsBySource = () =>
  mysql.query<{ reviewer_id: string }>('SELECT reviewer_id FROM book_reviews ORDER BY reviewer_id');
const reviewers = async () => (await rowsBySource()).map(({ reviewer_id }) => reviewer_id);
const history = () => mysql.query<Record<string, unknown>>('SELECT * FROM load_history ORDER BY object_key');

/** A client whose answers to GET say that S3 replicated these objects. */
const replicated = (...replicas: SmallObject[]) =>
  ({
    send: async (command: { input: { Key?: string } }, ...rest: unknown[]) => {
      const answer = await (s3.client.send as (...all: unknown[]) => Promise<object>)(command, ...rest);
      const isReplica = command instanceof GetObjectCommand && replicas.some(({ key }) => key === command.input.Key);
      return isReplica ? { ...answer, ReplicationStatus: 'REPLICA' } : answer;
    },
  }) as unknown as BundleDependencies['s3'];

describe('a bundle of small files', () => {
  it('takes what was uploaded here, and no replica', async () => {
    const [own, replica] = [await upload('own.json', line('A1')), await upload('replica.json', line('B1'))];
    const progress = await ingest(bundleOf(own, replica), { s3: replicated(replica) });
    expect(progress.results).toMatchObject([{ chunk: { inserted: 1 } }, { dropped: 'replica' }]);
    expect(await reviewers()).toEqual(['A1']);
  });

  it('takes replicas, and nothing that was uploaded here, in a takeover', async () => {
    const [own, replica] = [await upload('own.json', line('A1')), await upload('replica.json', line('B1'))];
    const bundle = { ...bundleOf(own, replica), takenFrom: 'bucket-of-the-peer' };
    const progress = await ingest(bundle, { s3: replicated(replica) });
    expect(progress.results).toMatchObject([
      { dropped: 'not-a-replica' },
      { originBucket: 'bucket-of-the-peer', chunk: { inserted: 1 } },
    ]);
    expect(await reviewers()).toEqual(['B1']);
  });

  it.each([
    ['plain', (content: string) => Buffer.from(content)],
    ['in gzip', (content: string) => gzipSync(content)],
  ])('has a file whose values go on behind their lines, %s', async (_how, stored) => {
    const value = JSON.stringify(JSON.parse(line('B1')), null, 2);
    const bundle = bundleOf(await upload('a.json', line('A1')), await upload('b.json', stored(line('B2') + value)));
    const progress = await ingest(bundle);
    expect(chunks(progress)).toMatchObject([{ inserted: 1 }, { inserted: 2, rejected: 0 }]);
    expect(await reviewers()).toEqual(['A1', 'B1', 'B2']);
  });

  it('has an object that fails as nobody expected: it goes alone, and the others are ingested', async () => {
    const bundle = bundleOf(await upload('a.json', line('A1')), await upload('b.json', line('B1')));
    const parser = {
      ...reviewParser,
      plainFormats: [],
      parseReview: (bytes: Buffer) => {
        if (bytes.includes('"B1","asin"')) throw new RangeError('out of range');
        return reviewParser.parseReview(bytes);
      },
    };
    const progress = await ingest(bundle, { parser });
    expect(progress.results).toMatchObject([{ chunk: { inserted: 1 } }, { alone: true }]);
    expect(await reviewers()).toEqual(['A1']);
  });

  it('becomes rows, completed files, reports and a history that agree, file by file', async () => {
    const one = await upload('one.json', line('A1'));
    const two = await upload('two.json', `${line('B1') + line('B2')}{"damaged\n`);
    const empty = await upload('empty.json', '');
    const zipped = await upload('zipped', gzipSync(line('C1')));
    const bundle = bundleOf(one, two, empty, zipped);

    const progress = await ingest(bundle);
    expect(progress.done).toBe(true);
    expect(chunks(progress)).toMatchObject([
      { lines: 1, inserted: 1, alreadyPresent: 0, rejected: 0, container: 'lines' },
      { lines: 3, inserted: 2, alreadyPresent: 0, rejected: 1 },
      { lines: 0, inserted: 0, rejected: 0 },
      { lines: 1, inserted: 1, container: 'gzip of lines' },
    ]);
    expect(await reviewers()).toEqual(['A1', 'B1', 'B2', 'C1']);
    expect(await s3.list('book-review/rejected/')).toHaveLength(1);

    const outcome = await finish(bundle, progress);
    expect(outcome).toEqual({ outcome: 'completed', completed: 4, exceptions: [], left: 'nothing', alone: [] });
    expect(await s3.list('book-review/reviews/')).toEqual([]);
    expect(await s3.list('book-review/completed/')).toHaveLength(4);
    const [report] = await s3.list('book-review/reports/us-east-1/two.json');
    expect(JSON.parse((await s3.read(report as string)) as string)).toMatchObject({
      outcome: 'completed',
      totals: { lines: 3, inserted: 2, rejected: 1 },
      source: { key: two.key, etag: two.etag, chunkCount: 1 },
    });
    expect(
      (await history()).map(({ object_key, line_count, rows_loaded }) => [
        object_key,
        Number(line_count),
        Number(rows_loaded),
      ]),
    ).toEqual([
      [empty.key, 0, 0],
      [one.key, 1, 1],
      [two.key, 3, 2],
      [zipped.key, 1, 1],
    ]);
  });

  it('asks S3 for three things per file, and four where a record was rejected, and once to delete them all', async () => {
    const objects: SmallObject[] = [];
    for (let number = 0; number < 20; number += 1) objects.push(await upload(`${number}.json`, line(`A${number}`)));
    const asked: string[] = [];
    const counting = sending(async ({ constructor: { name } }) => void asked.push(name));
    const bundle = bundleOf(...objects);
    const progress = await ingest(bundle, { s3: counting });
    expect(await finish(bundle, progress, {}, counting)).toMatchObject({ completed: 20 });
    expect(asked).toHaveLength(3 * 20 + 1);

    asked.length = 0;
    const damaged = bundleOf(await upload('damaged.json', `${line('B1')}{"damaged\n`));
    await finish(damaged, await ingest(damaged, { s3: counting }), {}, counting);
    expect(asked).toHaveLength(5);
  });

  it('is filed next to files of the same names, which stay', async () => {
    const first = bundleOf(await upload('one.json', line('A1')));
    await finish(first, await ingest(first));
    const second = bundleOf(await upload('one.json', line('A2')));
    expect(await finish(second, await ingest(second))).toMatchObject({ outcome: 'completed' });
    const completed = await s3.list('book-review/completed/');
    expect((await Promise.all(completed.map(s3.read))).sort()).toEqual([line('A1'), line('A2')]);
    expect(await s3.list('book-review/reviews/')).toEqual([]);
  });

  it('keeps what is uploaded under a name before the file is moved', async () => {
    const bundle = bundleOf(await upload('one.json', line('A1')));
    const progress = await ingest(bundle);
    await upload('one.json', line('A2'));
    await finish(bundle, progress);
    expect(await s3.read(keyOf('one.json'))).toBe(line('A2'));
    expect(await s3.list('book-review/completed/')).toEqual([]);
  });

  it('keeps what is uploaded under a name after the file was copied, and files the others', async () => {
    const [one, two] = [await upload('one.json', line('A1')), await upload('two.json', line('B1'))];
    const progress = await ingest(bundleOf(one, two));
    let uploads = 0;
    const late = sending(async ({ constructor: { name } }) => {
      if (name !== 'DeleteObjectsCommand') return;
      uploads += 1;
      await upload('one.json', line('A2'));
    });
    expect(await finish(bundleOf(one, two), progress, {}, late)).toMatchObject({ outcome: 'completed', completed: 2 });
    expect(uploads).toBe(1);
    expect(await s3.list('book-review/reviews/')).toEqual([one.key]);
    expect(await s3.read(one.key)).toBe(line('A2'));
    expect(await s3.list('book-review/completed/')).toHaveLength(2);
  });

  it('deletes one file after the other where S3 does not delete them together', async () => {
    const objects = [await upload('one.json', line('A1')), await upload('two\u0001.json', line('B1'))];
    const progress = await ingest(bundleOf(...objects));
    const asked: string[] = [];
    const refusing = sending(async ({ constructor: { name } }) => {
      asked.push(name);
      if (name === 'DeleteObjectsCommand') throw new Error('S3 is slow');
    });
    expect(await finish(bundleOf(...objects), progress, {}, refusing)).toMatchObject({ completed: 2 });
    expect(asked.filter((name) => name.startsWith('DeleteObject')).sort()).toEqual([
      'DeleteObjectCommand',
      'DeleteObjectCommand',
      'DeleteObjectsCommand',
    ]);
    expect(await s3.list('book-review/reviews/')).toEqual([]);
  });

  it('keeps the headers and the metadata of a file, also where they are long', async () => {
    const [short, long] = [
      { ContentType: 'application/json' },
      { ContentType: 'text/plain', CacheControl: 'x'.repeat(200) },
    ];
    const objects: SmallObject[] = [];
    for (const [index, headers] of [short, long].entries()) {
      const Key = keyOf(`${index}.json`);
      const Body = line(`A${index}`);
      const named = { Bucket: s3.bucket, Key, Body, Metadata: { of: 'Ann' } };
      const { ETag = '' } = await s3.client.send(new PutObjectCommand({ ...named, ...headers }));
      objects.push({ key: Key, etag: ETag, sizeBytes: Body.length });
    }
    await finish(bundleOf(...objects), await ingest(bundleOf(...objects)));
    const completed = await s3.list('book-review/completed/');
    const heads = await Promise.all(
      completed.map((Key) => s3.client.send(new HeadObjectCommand({ Bucket: s3.bucket, Key }))),
    );
    expect(heads).toMatchObject([
      { ...short, Metadata: { of: 'Ann', [sourceIdMetadata]: expect.any(String) } },
      { ...long, Metadata: { of: 'Ann', [sourceIdMetadata]: expect.any(String) } },
    ]);
  });

  it('makes the sources, rows and counts that the path of large files makes', async () => {
    const contents = {
      'a.json': line('A1') + line('A2'),
      'b.json': `[${line('B1').trim()},${line('B2').trim()}]`,
      'c.csv': 'reviewerID,asin,overall\nC1,B1,4\n',
      'd.json': '{\n "reviewerID": "D1",\n "asin": "B1",\n "overall": 4\n}\n',
    };
    const objects: SmallObject[] = [];
    for (const [name, content] of Object.entries(contents)) objects.push(await upload(name, content));
    const bundled = await ingest(bundleOf(...objects));
    const select = 'SELECT HEX(source_id) AS id, source_offset, reviewer_id FROM book_reviews ORDER BY 1, 2';
    const rows = await mysql.query(select);
    expect(rows).toHaveLength(6);

    for (const [place, { key }] of objects.entries()) {
      const place_ = { bucket: s3.bucket, key, chunks: { chunkBytes: 10_000, chunkConcurrency: 4 } };
      const planned = (await inspectObject(place_, { s3: s3.client })) as Source;
      const result = bundled.results[place];
      if (!result || !('chunk' in result)) throw new Error(`${key} has no chunk`);
      expect(result.sourceId).toBe(planned.sourceId);
      const source = { ...planned, format: result.format };
      const { sameness: _, ...chunk } = await ingestChunk(
        { source, chunkIndex: 0, progress: null, startedAt },
        { ...dependencies(), connections: 1, maxDecompressedBytes: 1024 ** 3 },
      );
      expect({ ...result.chunk, inserted: 0, sameness: undefined }).toEqual({
        ...chunk,
        inserted: 0,
        alreadyPresent: 0,
        sameness: undefined,
      });
      expect(chunk.alreadyPresent).toBe(result.chunk.inserted);
    }
    expect(await mysql.query(select)).toEqual(rows);
  });

  it('adds no row when it is repeated, and says whose rows were there', async () => {
    const [one, two] = [await upload('one.json', line('A1')), await upload('two.json', line('B1') + line('B2'))];
    await ingest(bundleOf(one));
    expect(chunks(await ingest(bundleOf(one, two)))).toMatchObject([
      { inserted: 0, alreadyPresent: 1 },
      { inserted: 2, alreadyPresent: 0 },
    ]);
    expect(chunks(await ingest(bundleOf(one, two)))).toMatchObject([
      { inserted: 0, alreadyPresent: 1 },
      { inserted: 0, alreadyPresent: 2 },
    ]);
    expect(await reviewers()).toEqual(['A1', 'B1', 'B2']);
  });

  it('goes on where it stopped near its deadline', async () => {
    const objects: SmallObject[] = [];
    for (let number = 0; number < 60; number += 1) objects.push(await upload(`${number}.json`, line(`A${number}`)));
    const source = bundleOf(...objects);
    let progress: BundleProgress | null = null;
    const counts: number[] = [];
    do {
      progress = await ingestBundle({ source, progress, startedAt }, dependencies({ remainingMs: () => 9_000 }));
      counts.push(progress.results.length);
    } while (!progress.done);
    expect(counts).toEqual([25, 50, 60]);
    expect(await reviewers()).toHaveLength(60);
    expect(await finish(source, progress)).toMatchObject({ outcome: 'completed', completed: 60 });
  });
});

describe('a problem with one file of a bundle', () => {
  /** The bundle of a good file, the one in question and another good one. */
  async function among(object: SmallObject, overrides: Partial<BundleDependencies> = {}) {
    const bundle = bundleOf(await upload('good-1.json', line('G1')), object, await upload('good-2.json', line('G2')));
    const progress = await ingest(bundle, overrides);
    const [before, result, after] = progress.results;
    expect([before, after]).toMatchObject([{ chunk: { inserted: 1 } }, { chunk: { inserted: 1 } }]);
    return { bundle, progress, result };
  }
  const goodAreCompleted = async () => {
    const completed = await s3.list('book-review/completed/');
    expect(completed.filter((key) => key.includes('good-'))).toHaveLength(2);
    expect((await reviewers()).filter((reviewer) => reviewer.startsWith('G'))).toHaveLength(2);
  };

  it('that is gone is its own: it is dropped', async () => {
    const object = await upload('x.json', line('X1'));
    await s3.remove(object.key);
    const { bundle, progress, result } = await among(object);
    expect(result).toEqual({ dropped: 'gone' });
    expect(await finish(bundle, progress)).toMatchObject({ outcome: 'completed', completed: 2 });
    await goodAreCompleted();
  });

  it('that was overwritten is its own: the new content is looked at alone', async () => {
    const object = await upload('x.json', line('X1'));
    await upload('x.json', line('X2'));
    const { bundle, progress, result } = await among(object);
    expect(result).toEqual({ alone: true });
    expect(await finish(bundle, progress)).toMatchObject({ left: 'alone', alone: [{ key: object.key }] });
    await goodAreCompleted();
  });

  it.each([
    ['has a cut gzip stream', gzipSync('x'.repeat(1000)).subarray(0, 20), { alone: true }],
    ['is a zip file', Buffer.from('504b0304140000000800', 'hex'), { error: { Error: 'UnsupportedFormatError' } }],
    ['is an array that does not end', '[{"reviewerID":"X"', { error: { Error: 'InvalidInputError' } }],
  ])('that %s is its own', async (_, content, expected) => {
    const { result } = await among(await upload('x', content));
    expect(result).toMatchObject(expected);
  });

  it('that is no review is its own: its rows are withdrawn before it fails', async () => {
    const object = await upload('x.json', `${line('X1')}{"no":\n{"no":\n{"no":\n`);
    const { bundle, progress } = await among(object);
    const first = (await finish(bundle, progress)) as WithdrawEach;
    expect(first).toMatchObject({ withdraw: { each: [{ state: 'failed' }] }, left: [1], completed: 2 });
    const { openSession } = mysql;
    const withdrawn = await withdrawEach(first, { openSession, remainingMs: () => 600_000, region: 'us-east-1' });
    expect(withdrawn).toEqual({ done: true, rows: 1, each: [{ rows: 1 }] });
    const last = (await finish(bundle, progress, {
      withdrawn: { result: withdrawn },
      postprocess: { outcome: first },
    })) as BundleOutcome;
    expect(last).toMatchObject({
      outcome: 'failed',
      completed: 2,
      exceptions: [{ place: 1, outcome: 'failed', reason: 'TooManyRejected' }],
    });
    expect(await s3.list('book-review/failed/')).toHaveLength(1);
    expect(await reviewers()).toEqual(['G1', 'G2']);
    await goodAreCompleted();
  });

  it('that was withdrawn after the execution began is its own: its rows do not come back', async () => {
    const object = await upload('x.json', line('X1'));
    const [known] = (await ingest(bundleOf(object))).results;
    if (!known || !('sourceId' in known)) throw new Error('no source');
    const { sourceId } = known;
    const withdraw = { sourceId, state: 'withdrawn' as const, reason: 'a test', startedAt: '2035-01-01T00:00:00.000Z' };
    await withdrawRows({ withdraw }, { openSession: mysql.openSession, remainingMs: () => 60_000 });
    const { bundle, progress, result } = await among(object);
    expect(result).toMatchObject({ error: { Error: 'SourceWithdrawnError' } });
    expect(await reviewers()).toEqual(['G1', 'G2']);
    expect(await finish(bundle, progress)).toMatchObject({ outcome: 'pending', completed: 2 });
    await goodAreCompleted();
  });

  it('that has more rows than its lines make is its own', async () => {
    const object = await upload('x.json', line('X1'));
    const [known] = (await ingest(bundleOf(object))).results;
    if (!known || !('sourceId' in known)) throw new Error('no source');
    await mysql.query(
      `INSERT INTO book_reviews (source_id, source_offset, region_indicator, reviewer_id, asin)
      SELECT source_id, 7, region_indicator, reviewer_id, asin FROM book_reviews WHERE source_id = x'${known.sourceId}'`,
    );
    const { result } = await among(object);
    expect(result).toMatchObject({ error: { Error: 'SurplusRowsError' } });
  });

  it('whose content another one of the bundle has is its own, where such files are skipped', async () => {
    const object = await upload('x.json', line('G1'));
    const { result } = await among(object, { sameContent: 'skip' });
    expect(result).toMatchObject({ error: { Error: 'SameContentError' } });
  });
});

describe('a file of more rows than a statement takes', () => {
  const many = Array.from({ length: 50 }, (_, number) => line(`X${String(number).padStart(2, '0')}`)).join('');

  it('is ingested with the others, and adds no row when it is repeated', async () => {
    const bundle = bundleOf(
      await upload('g1.json', line('G1')),
      await upload('x.json', many),
      await upload('g2.json', line('G2')),
    );
    const first = await ingest(bundle, { batchRows: 20 });
    expect(chunks(first)).toMatchObject([
      { inserted: 1 },
      { lines: 50, inserted: 50, alreadyPresent: 0 },
      { inserted: 1 },
    ]);
    expect(await reviewers()).toHaveLength(52);
    const again = await ingest(bundle, { batchRows: 20 });
    expect(chunks(again)).toMatchObject([{ inserted: 0 }, { inserted: 0, alreadyPresent: 50 }, { inserted: 0 }]);
    expect(await reviewers()).toHaveLength(52);
    expect(await finish(bundle, again)).toMatchObject({ outcome: 'completed', completed: 3 });
  });

  it('gets no row back where it was withdrawn after the execution began, and the others are ingested', async () => {
    const bundle = bundleOf(await upload('x.json', many), await upload('g.json', line('G1')));
    const [known] = (await ingest(bundle, { batchRows: 20 })).results;
    if (!known || !('sourceId' in known)) throw new Error('no source');
    const { sourceId } = known;
    const withdraw = { sourceId, state: 'withdrawn' as const, reason: 'a test', startedAt: '2035-01-01T00:00:00.000Z' };
    await withdrawRows({ withdraw }, { openSession: mysql.openSession, remainingMs: () => 60_000 });
    expect((await ingest(bundle, { batchRows: 20 })).results).toMatchObject([
      { error: { Error: 'SourceWithdrawnError' } },
      { chunk: { alreadyPresent: 1 } },
    ]);
    expect(await reviewers()).toEqual(['G1']);
  });

  it('goes alone where there is no room for its statements', async () => {
    const read = await readSmall(await upload('x.json', many), { bucket: s3.bucket }, { s3: s3.client });
    if (!('source' in read)) throw new Error('no source');
    const settings = { region: 'us-east-1', batchRows: 20, parser: reviewParser, rejectedRecords: () => null as never };
    const rowsIn = async (bytes: number) => parseSmall(read, { ...settings, room: { bytes } });
    expect(await rowsIn(100)).toEqual({ alone: true });
    expect(await rowsIn(100_000)).toMatchObject({ rows: 50, statements: [{ rows: 20 }, { rows: 20 }, { rows: 10 }] });
  });
});

describe('files that go alone', () => {
  it('are named as far as their keys fit into the state, and the others stay pending', async () => {
    const objects = [await upload('one.json', line('A1')), await upload('two.json', line('B1'))];
    const progress: BundleProgress = { done: true, results: objects.map(() => ({ alone: true })) };
    const [{ key }] = objects as [SmallObject];
    const limited = { ...bundleOf(...objects), aloneBytes: JSON.stringify({ key }).length + 1 };
    expect(await finish(bundleOf(...objects), progress)).toMatchObject({ outcome: 'completed', left: 'alone' });
    expect(await finish(limited, progress)).toEqual({
      outcome: 'pending',
      completed: 0,
      exceptions: [{ place: 1, outcome: 'pending', reason: 'goes alone' }],
      left: 'alone',
      alone: [{ key }],
    });
  });
});

describe('what ends all files of a bundle', () => {
  it('leaves each of them pending, with its object where it was', async () => {
    const bundle = bundleOf(await upload('one.json', line('A1')), await upload('two.json', line('B1')));
    const end = parsePayload(bundleEnd, { source: bundle, startedAt, error: { Error: 'TransientDatabaseError' } });
    const outcome = await finish(bundle, { done: true, results: [] }, end);
    expect(outcome).toMatchObject({ outcome: 'pending', completed: 0, left: 'nothing' });
    expect(await s3.list('book-review/reviews/')).toHaveLength(2);
  });
});
