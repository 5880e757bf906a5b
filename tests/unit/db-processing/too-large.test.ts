import { describe, expect, it } from '@jest/globals';
import { type IngestDependencies, ingestChunk } from '../../../functions/db-processing/ingest-chunk.ts';
import { judgeSource } from '../../../functions/postprocess/judge-source.ts';
import { ConfigurationError } from '../../../functions/shared/errors.ts';
import { makeSource } from '../../support/sources.ts';

const touched = new ConfigurationError('it asked for the object or for a session');
const forbidden = Object.assign(new Error(), { $metadata: { httpStatusCode: 403 } });
const deps: IngestDependencies = {
  s3: { send: () => Promise.reject(forbidden) } as unknown as IngestDependencies['s3'],
  bucket: 'book-reviews-test',
  region: 'us-east-1',
  openSession: () => Promise.reject(touched),
  connections: 1,
  batchRows: 500,
  remainingMs: () => 900_000,
  maxDecompressedBytes: 1024 ** 3,
  maxRejectedPercent: 50,
  sameContent: 'add',
};
const ingest = (format: 'lines' | 'array' | 'gzip' | 'whole', sizeBytes: number) => {
  const source = makeSource({ format, sizeBytes, chunkBytes: sizeBytes });
  return ingestChunk({ source, chunkIndex: 0, progress: null }, deps);
};

describe('a file that one invocation could never read as a whole', () => {
  const limit = 20 * 1024 ** 3;

  // `whole` is also what a file of lines becomes where a value in it continues after its line.
  it.each(['array', 'gzip', 'whole'] as const)('fails with the reason, before anything is read: %s', async (format) => {
    const error = await ingest(format, limit + 1).catch((thrown: Error) => thrown);
    const { name, message } = error as Error;
    expect(message).toMatch(/^the file has 21474836481 bytes\..*Cut it/);
    expect(judgeSource({ source: makeSource(), error: { Error: name } }, 50)).toMatchObject({ outcome: 'failed' });
    await expect(ingest(format, limit)).rejects.toThrow(ConfigurationError);
  });

  it('is not a file of lines, which is cut', async () => {
    await expect(ingest('lines', limit + 1)).rejects.toThrow(ConfigurationError);
  });
});
