// How much memory DB-processing takes for what is far larger than its memory: `node local/faults/ingest-memory.ts KIND MIB`.
// The object is made as it is read and the rows go nowhere, so that this process holds nothing but the ingest itself.
import { pendingPrefix } from '../../functions/shared/keys.ts';
import 'mysql2';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ingestChunk } from '../../functions/db-processing/ingest-chunk.ts';
import type { SourceFormat } from '../../functions/shared/contract.ts';
import type { Session } from '../../functions/shared/mysql.ts';
import { peakRssKib } from '../lambda/peak-memory.ts';

const [kind = 'lines', mib = '64'] = process.argv.slice(2);
const sizeBytes = Number(mib) * 1024 ** 2;

/** 1 KiB, newline included. */
const line = Buffer.from(`{"reviewerID":"A1","asin":"B1","reviewText":"${'x'.repeat(1024 - 48)}"}\n`);
const block = Buffer.concat(Array.from({ length: 64 }, () => line));
const zeros = Buffer.alloc(64 * 1024);

function* bytes(from: number, to: number, of: Buffer) {
  for (let at = from; at < to; ) {
    const part = of.subarray(at % of.length, Math.min(of.length, (at % of.length) + to - at));
    at += part.length;
    yield part;
  }
}

const sources: Record<string, { format: SourceFormat; body: (from: number, to: number) => Readable; rows: number }> = {
  /** Reviews, a line each. */
  lines: { format: 'lines', body: (from, to) => Readable.from(bytes(from, to, block)), rows: sizeBytes / line.length },
  /** No newline anywhere. */
  line: { format: 'lines', body: (from, to) => Readable.from(bytes(from, to, zeros)), rows: 0 },
  /** Decompresses to this size, from a thousandth of it. */
  bomb: { format: 'gzip', body: () => Readable.from(bytes(0, sizeBytes, zeros)).pipe(createGzip()), rows: 0 },
  /** The same with reviews in it. */
  gzip: {
    format: 'gzip',
    body: () => Readable.from(bytes(0, sizeBytes, block)).pipe(createGzip({ level: 1 })),
    rows: sizeBytes / line.length,
  },
};
const source = sources[kind];
if (!source) throw new Error(`kinds: ${Object.keys(sources).join(', ')}`);

let rejectedBytes = 0;
const s3 = {
  send: async (request: GetObjectCommand | PutObjectCommand) => {
    if (request instanceof PutObjectCommand) {
      rejectedBytes += (request.input.Body as Buffer).length;
      return {};
    }
    const [from = 0, to = 0] = (request.input.Range ?? '').slice('bytes='.length).split('-').map(Number);
    return { Body: source.body(from, to + 1), ContentRange: `bytes ${from}-` };
  },
} as unknown as Pick<S3Client, 'send'>;
const openSession = async (): Promise<Session> => ({
  role: 'primary',
  run: async <Result>(sql: unknown) =>
    (typeof sql === 'string' && sql.startsWith('SELECT') ? [{ reviews: source.rows }] : { affectedRows: 0 }) as Result,
  close: async () => {},
});

const begun = performance.now();
let stored = sizeBytes;
if (source.format === 'gzip') {
  // Made once only to know its size.
  stored = 0;
  for await (const part of source.body(0, 0)) stored += (part as Buffer).length;
}
const end = await ingestChunk(
  {
    source: {
      sourceId: '0'.repeat(32),
      originBucket: 'bucket',
      key: `${pendingPrefix}large`,
      etag: '"0"',
      sizeBytes: stored,
      format: source.format,
      chunkBytes: stored,
      chunkCount: 1,
    },
    chunkIndex: 0,
    progress: null,
  },
  {
    s3,
    bucket: 'bucket',
    region: 'us-east-1',
    openSession,
    connections: 8,
    batchRows: 1000,
    maxDecompressedBytes: 16 * 1024 ** 3,
    maxRejectedPercent: 50,
    sameContent: 'add',
    remainingMs: () => 900_000,
  },
).catch((error: Error) => ({ error: `${error.name}: ${error.message}` }));
console.log(
  JSON.stringify({
    kind,
    mib: Number(mib),
    peakRssMib: Math.round(peakRssKib() / 1024),
    seconds: Number(((performance.now() - begun) / 1000).toFixed(1)),
    rejectedBytes,
    ...('error' in end ? end : { lines: end.lines, rejectedByReason: end.rejectedByReason, done: end.done }),
  }),
);
