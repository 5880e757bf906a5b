// Sources, chunk results and events, as a test needs them.
import type { ChunkProgress, Source } from '../../functions/shared/contract.ts';

export const makeSource = (overrides: Partial<Source> = {}): Source => ({
  sourceId: '0123456789abcdef0123456789abcdef',
  originBucket: 'book-reviews-test',
  key: 'book-review/reviews/a.json',
  etag: '"00000000000000000000000000000000"',
  sizeBytes: 100,
  format: 'lines',
  chunkBytes: 100,
  chunkCount: 1,
  ...overrides,
});

/** The result of one chunk that owns [from, to): every line inserted. */
export const makeChunkResult = (overrides: Partial<ChunkProgress> = {}): ChunkProgress => ({
  chunkIndex: 0,
  done: true,
  nextOffset: overrides.ownedTo ?? 100,
  ownedFrom: 0,
  ownedTo: 100,
  openEnd: false,
  lines: 10,
  blank: 0,
  inserted: overrides.lines ?? 10,
  alreadyPresent: 0,
  rejected: 0,
  rejectedByReason: {},
  unknownFields: 0,
  ...overrides,
});

/** An SQS record as a Pipe delivers it, with the parts of the event that count. */
export const makeQueueRecord = (key: string, bucket = 'book-reviews-test', messageId = 'message-1') => ({
  messageId,
  eventSource: 'aws:sqs',
  body: JSON.stringify({
    version: '0',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: { key, size: 1, etag: 'x', sequencer: '00' },
      reason: 'PutObject',
    },
  }),
});
