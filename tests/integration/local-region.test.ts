import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Region, type RegionOptions, startRegion } from '../../local/region.ts';
import { s3ClientFor, s3FromEnvironment, startS3Server } from '../../local/storage/s3-server.ts';

// Stand-ins for the bundles: they keep the contract and need no database.
const bundles = {
  PreprocessFunction: `exports.handler = async ({ request }) => ({ cursor: null, dropped: {}, concurrency: 2, items: (Array.isArray(request) ? request : []).map(({ key }) => ({
    source: { sourceId: '0'.repeat(32), originBucket: process.env.BUCKET_NAME, key,
    etag: '"x"', sizeBytes: 1, format: 'lines', chunkBytes: 1, chunkCount: 2 } })) });`,
  DbProcessingFunction: `exports.handler = async ({ chunkIndex, progress, source }) => {
    if (source.key.endsWith('bad')) throw Object.assign(new Error('never'), { name: 'InvalidInputError' });
    return { chunkIndex, done: progress !== null || chunkIndex === 0 }; };`,
  PostprocessFunction: `exports.handler = async ({ source, chunkResults, error }) => {
    console.log(JSON.stringify({ message: 'filed', key: source.key }));
    return error ? { sourceId: source.sourceId, outcome: 'failed', reason: error.Error } : { sourceId: source.sourceId, outcome: 'completed' }; };`,
  MigrateFunction: 'exports.handler = async () => ({ secret: process.env.DATABASE_SECRET_ID });',
};

let directory: string;
let regions: Region[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'region-'));
  for (const [id, code] of Object.entries(bundles)) {
    await mkdir(join(directory, 'build', id), { recursive: true });
    await writeFile(join(directory, 'build', id, 'handler.cjs'), code);
  }
});
afterEach(async () => {
  await Promise.all(regions.map((region) => region.stop()));
  regions = [];
});
afterAll(() => rm(directory, { recursive: true }));

async function regionOf(options: Partial<RegionOptions> = {}) {
  const lines: string[] = [];
  const region = await startRegion({
    name: 'us-east-1',
    parameters: { DatabaseWriterEndpoint: '127.0.0.1:1', DatabaseReaderEndpoint: '127.0.0.1:1' },
    secrets: { 'book-reviews/application': { username: 'app', password: 'word' } },
    log: (line) => lines.push(line),
    buildDirectory: join(directory, 'build'),
    logDirectory: join(directory, 'logs'),
    ...options,
  });
  regions.push(region);
  const client = s3ClientFor({ endpoint: region.s3.endpoint, credentials: region.s3 }, region.name);
  const put = (key: string, body: string | Uint8Array = 'x') =>
    client.send(new PutObjectCommand({ Bucket: region.bucket, Key: key, Body: body }));
  return { region, lines, client, put };
}

const keysIn = async (client: S3Client, bucket: string) =>
  ((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).map(({ Key }) => Key);

describe('a Region', () => {
  it('ingests an uploaded object: execution within 2 s, an outcome, and a line about its end', async () => {
    const outcomes: unknown[] = [];
    const chunks: unknown[] = [];
    const { region, lines, put } = await regionOf({
      onOutcome: (outcome, { source }) => outcomes.push([source.key, outcome.outcome]),
      onChunkResult: ({ chunkIndex, done }) => chunks.push([chunkIndex, done]),
    });
    await put('elsewhere/a.json');
    await put('book-review/reviews/a b+ü.json');
    const uploadedAt = Date.now();
    await region.idle();
    expect(region.executions).toHaveLength(1);
    const [execution] = region.executions;
    expect((execution?.startedAt ?? 0) - uploadedAt).toBeLessThan(2000);
    expect(execution).toMatchObject({
      status: 'SUCCEEDED',
      input: [
        // The MD5 of "x".
        { key: 'book-review/reviews/a b+ü.json', size: 1, etag: '9dd4e461268c8034f5c8564e155c67a6' },
      ],
    });
    expect(outcomes).toEqual([['book-review/reviews/a b+ü.json', 'completed']]);
    expect(chunks.sort()).toEqual([
      [0, true],
      [1, false],
      [1, true],
    ]);
    expect(lines).toEqual([expect.stringMatching(/^us-east-1 execution \S+ SUCCEEDED after/)]);
  });

  it('fails an execution with a failed source, visibly, and files the others', async () => {
    const { region, put } = await regionOf();
    await Promise.all(['1', '2-bad', '3'].map((name) => put(`book-review/reviews/${name}`)));
    await region.idle();
    const outcomes = region.executions.flatMap(({ results }) => results.Postprocess as { outcome: string }[]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['completed', 'completed', 'failed']);
    expect(region.executions.filter(({ error }) => error === 'SourcesNotCompleted')).toHaveLength(1);
  });

  it('notices an object that is overwritten with other content, and one that was there before its start', async () => {
    const s3 = await startS3Server(0);
    const client = s3ClientFor(s3, 'us-east-1');
    try {
      await client.send(new CreateBucketCommand({ Bucket: 'there-before' }));
      const at = { Bucket: 'there-before', Key: 'book-review/reviews/old' };
      await client.send(new PutObjectCommand({ ...at, Body: 'one' }));
      const { region } = await regionOf({
        s3,
        parameters: { DatabaseWriterEndpoint: 'w:1', DatabaseReaderEndpoint: 'r:1', ReviewBucketName: 'there-before' },
      });
      await region.idle();
      expect(region.executions).toHaveLength(1);
      await region.idle();
      expect(region.executions).toHaveLength(1);
      await client.send(new PutObjectCommand({ ...at, Body: 'two' }));
      await region.idle();
      expect(region.executions).toHaveLength(2);
      await region.stop();
      expect(await keysIn(client, 'there-before')).toEqual(['book-review/reviews/old']);
    } finally {
      await s3.stop();
    }
  });

  it('starts an execution by hand, and functions by their names', async () => {
    const { region } = await regionOf();
    const drain = region.startExecution({});
    await drain.ended;
    expect(drain.status).toBe('SUCCEEDED');
    expect(await region.migrate()).toEqual({ secret: 'book-reviews/admin' });
    await expect(region.invoke('NoSuchFunction', {})).rejects.toThrow('no function NoSuchFunction');
  });

  it('keeps what the sandboxes write in a file a function', async () => {
    const { region, put } = await regionOf({ logDirectory: join(directory, 'kept-logs') });
    await put('book-review/reviews/logged');
    await region.idle();
    await region.stop();
    const log = await readFile(join(directory, 'kept-logs', 'PostprocessFunction.log'), 'utf8');
    expect(log).toContain('"key":"book-review/reviews/logged"');
    expect(log).toContain('platform.report');
  });

  it('lets a fault be put before an invocation and between an event and the queue', async () => {
    let throttled = 3;
    const { region, put } = await regionOf({
      beforeInvoke: (logicalId) => {
        if (logicalId === 'PreprocessFunction' && throttled-- > 0) {
          throw Object.assign(new Error('{}'), { name: 'Lambda.TooManyRequestsException' });
        }
      },
      deliverEvent: (event, enqueue) => {
        enqueue(event);
        enqueue(event);
      },
    });
    await put('book-review/reviews/twice');
    await region.idle();
    expect(region.executions).toMatchObject([{ status: 'SUCCEEDED' }]);
    expect(region.executions[0]?.input).toHaveLength(2);
    expect(throttled).toBeLessThan(0);
  });

  it('tells how to reach its S3, and nothing more', async () => {
    const { region } = await regionOf();
    expect(region.s3).toEqual({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      accessKeyId: 'local',
      secretAccessKey: 'local',
      bucket: 'book-reviews-000000000000-us-east-1',
    });
    await Promise.all([region.stop(), region.stop()]);
    await expect(fetch(region.s3.endpoint)).rejects.toThrow();
  });

  it('leaves no process behind, stopped in the middle of its work too', async () => {
    const { region, put } = await regionOf();
    await put('book-review/reviews/a');
    const execution = region.startExecution([]);
    await region.invoke('MigrateFunction', {});
    const pids = Object.values(region.functions).flatMap((one) => one.sandboxes().map(({ pid }) => pid));
    expect(pids.length).toBeGreaterThan(0);
    await region.stop();
    expect(execution.status).not.toBe('RUNNING');
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(fetch(region.s3.endpoint)).rejects.toThrow();
    await expect(fetch(region.secretsEndpoint)).rejects.toThrow();
  });

  it('says which port is taken, and leaves nothing behind then', async () => {
    const { region } = await regionOf();
    const taken = Number(new URL(region.s3.endpoint).port);
    await expect(regionOf({ ports: { s3: taken } })).rejects.toThrow(`port ${taken}`);
    const secretsTaken = Number(new URL(region.secretsEndpoint).port);
    await expect(regionOf({ ports: { secrets: secretsTaken } })).rejects.toThrow(`port ${secretsTaken}`);
  });
});

describe('the Secrets Manager of a Region', () => {
  it('answers by name and by ARN, with what was put last, and does not find what is not there', async () => {
    const { region } = await regionOf();
    const client = new SecretsManagerClient({
      endpoint: region.secretsEndpoint,
      region: region.name,
      credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    });
    const get = (SecretId: string) => client.send(new GetSecretValueCommand({ SecretId }));
    const { ARN = '', Name, SecretString = '' } = await get('book-reviews/application');
    expect([Name, JSON.parse(SecretString)]).toEqual([
      'book-reviews/application',
      { username: 'app', password: 'word' },
    ]);
    region.secrets.put('book-reviews/application', { username: 'app', password: 'rotated' });
    expect(JSON.parse((await get(ARN)).SecretString ?? '')).toEqual({ username: 'app', password: 'rotated' });
    await expect(get('other')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    client.destroy();
  });
});

describe('the S3 of a Region', () => {
  it('takes an object larger than the embedded server would take by itself', async () => {
    const { client, region, put } = await regionOf();
    await put('big', new Uint8Array(20 * 1024 * 1024));
    expect(await keysIn(client, region.bucket)).toEqual(['big']);
  });

  it('tells of each object that is put, whole or in parts, and of nothing that is read or deleted', async () => {
    const server = await startS3Server(0);
    const client = s3ClientFor(server, 'us-east-1');
    const paths: string[] = [];
    try {
      const object = { Bucket: 'a-bucket', Key: 'folder/a file.json' };
      await client.send(new CreateBucketCommand({ Bucket: object.Bucket }));
      server.onPut((path) => paths.push(path.split('?')[0] as string));
      await client.send(new PutObjectCommand({ ...object, Body: 'whole' }));
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(object));
      const { ETag } = await client.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: 'part' }));
      await client.send(
        new CompleteMultipartUploadCommand({
          ...object,
          UploadId,
          MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] },
        }),
      );
      await client.send(new ListObjectsV2Command({ Bucket: object.Bucket }));
      await client.send(new DeleteObjectCommand(object));
      // Notices are sent in order: the last put comes last.
      const last = { ...object, Key: 'last' };
      await client.send(new PutObjectCommand({ ...last, Body: 'last' }));
      while (!paths.includes('/a-bucket/last')) await new Promise((resolve) => setTimeout(resolve, 5));
      // Whole, begun in parts, a part, and put together; before them, it may be, the bucket.
      expect(paths.filter((path) => path.includes('file'))).toEqual(Array(4).fill('/a-bucket/folder/a%20file.json'));
    } finally {
      client.destroy();
      await server.stop();
    }
  });

  it('is the one that the environment names, with the credentials next to it', async () => {
    expect(await s3FromEnvironment({})).toBeUndefined();
    await expect(s3FromEnvironment({ AWS_ENDPOINT_URL_S3: 'http://localhost:9000' })).rejects.toThrow(
      'AWS_ACCESS_KEY_ID',
    );
    expect(
      await s3FromEnvironment({
        AWS_ENDPOINT_URL_S3: 'http://localhost:9000/',
        AWS_ACCESS_KEY_ID: 'id',
        AWS_SECRET_ACCESS_KEY: 'secret',
      }),
    ).toEqual({ endpoint: 'http://127.0.0.1:9000', credentials: { accessKeyId: 'id', secretAccessKey: 'secret' } });
  });
});
