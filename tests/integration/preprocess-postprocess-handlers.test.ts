import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Context } from 'aws-lambda';
import type { Page, Source, SourceOutcome } from '../../functions/shared/contract.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';
import { makeChunkResult } from '../support/sources.ts';

type Handler<Result> = (payload: unknown, context: Context) => Promise<Result>;

const context = { awsRequestId: 'request-1', functionName: 'test', memoryLimitInMB: '128' } as Context;

describe('the handlers of preprocess and postprocess', () => {
  let server: S3Server;
  let preprocess: Handler<Page>;
  let postprocess: Handler<SourceOutcome>;
  const environment = process.env;

  beforeAll(async () => {
    server = await startS3Server();
    // All that a handler knows of its surroundings; the S3 client reads the last four by itself.
    process.env = {
      ...environment,
      BUCKET_NAME: server.bucket,
      CHUNK_BYTES: '64',
      SMALL_BYTES: '1048576',
      CHUNK_CONCURRENCY: '4',
      SOURCE_CONCURRENCY: '2',
      PAGE_KEYS: '10',
      MAX_REJECTED_PERCENT: '50',
      SAME_NAME: 'add',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      POWERTOOLS_METRICS_NAMESPACE: 'BookReviews',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    };
    preprocess = (await import('../../functions/preprocess/handler.ts')).handler as unknown as Handler<Page>;
    postprocess = (await import('../../functions/postprocess/handler.ts')).handler as unknown as Handler<SourceOutcome>;
  });
  afterAll(async () => {
    process.env = environment;
    await server.stop();
  });

  it('take a source from an upload to completed/', async () => {
    const lines = `${JSON.stringify({ reviewerID: 'A1', asin: 'B1', text: 'x'.repeat(8) })}\n`.repeat(2);
    expect(lines).toHaveLength(100);
    await server.put('book-review/reviews/a.json', lines);
    const page = await preprocess({}, context);
    const [source] = page.sources as Source[];
    expect(source).toMatchObject({ chunkBytes: 50, chunkCount: 2 });
    const chunkResults = [
      makeChunkResult({ chunkIndex: 0 }),
      makeChunkResult({ chunkIndex: 1, ownedFrom: null, ownedTo: null, lines: 0 }),
    ];
    const outcome = await postprocess({ source, chunkIndexes: [0, 1], chunkResults }, context);
    expect(outcome).toEqual({ sourceId: source?.sourceId, outcome: 'completed' });
    expect(await server.read('book-review/completed/a.json')).toBe(lines);
    expect((await preprocess([], context)).sources).toEqual([]);
  });

  it('gives a bundle to a state machine that takes bundles, and a single source to one that does not', async () => {
    const key = 'book-review/reviews/small.json';
    const { etag } = await server.put(key, 'x');
    const named = [{ key, size: 1, etag: etag.replaceAll('"', '') }];
    const page = await preprocess({ takesBundles: true, request: named }, context);
    const objects = [{ key, etag, sizeBytes: 1 }];
    expect(page).toMatchObject({ items: [{ source: { objects, chunkCount: 1 } }], cursor: null });
    expect(await preprocess(named, context)).toMatchObject({ sources: [{ key, etag, chunkCount: 1 }] });
    const alone = { takesBundles: true, request: { alone: [[{ key }], []], cursor: 'next' } };
    expect(await preprocess(alone, context)).toMatchObject({ items: [{ source: { key, etag } }], cursor: 'next' });
    await server.remove(key);
  });

  it.each([[{ curser: 'a' }], [[{ nobody: 1 }]], [null], [{ takesBundles: true }]])(
    'refuse for good a payload that is none: %j',
    async (payload) => {
      await expect(preprocess(payload, context)).rejects.toMatchObject({ name: 'InvalidInputError' });
      // The state machine made it, of another version perhaps: the source is not to blame.
      await expect(postprocess(payload, context)).rejects.toMatchObject({ name: 'ContractError' });
    },
  );
});
