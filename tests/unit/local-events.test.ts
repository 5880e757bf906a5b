import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { preprocessInput } from '../../functions/shared/contract.ts';
import { keyPrefixOf, matchesPattern } from '../../local/events/event-pattern.ts';
import { objectCreatedEvent, queueRecord } from '../../local/events/object-created.ts';
import { createPipe, type Pipe } from '../../local/events/pipe.ts';

const origin = { region: 'eu-test-1', accountId: '111122223333', bucket: 'reviews' };
const object = (key: string) => ({
  key,
  sizeBytes: 12,
  etag: '"abc"',
  lastModified: new Date('2026-01-02T03:04:05.678Z'),
});

describe('an Object Created event', () => {
  const event = objectCreatedEvent(object('in/a b+ü.json'), origin);

  it('has the shape that S3 gives EventBridge, with the key as it is and the ETag without quotes', () => {
    expect(event).toMatchObject({
      version: '0',
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: '111122223333',
      time: '2026-01-02T03:04:05Z',
      region: 'eu-test-1',
      resources: ['arn:aws:s3:::reviews'],
      detail: {
        version: '0',
        bucket: { name: 'reviews' },
        object: { key: 'in/a b+ü.json', size: 12, etag: 'abc' },
        requester: '111122223333',
        reason: 'PutObject',
      },
    });
  });

  it('has a sequencer that is larger for a later one', () => {
    const later = objectCreatedEvent(object('in/a'), origin);
    expect(later.detail.object.sequencer > event.detail.object.sequencer).toBe(true);
  });

  it('becomes a record of the queue that preprocess accepts', () => {
    const record = queueRecord(event, { queueArn: 'arn:aws:sqs:eu-test-1:111122223333:q', region: 'eu-test-1' });
    expect(JSON.parse(record.body)).toEqual(event);
    expect(record.md5OfBody).toBe(createHash('md5').update(record.body).digest('hex'));
    expect(record).toMatchObject({ eventSource: 'aws:sqs', awsRegion: 'eu-test-1', messageAttributes: {} });
    expect(preprocessInput.safeParse([record]).success).toBe(true);
  });
});

describe('an event pattern', () => {
  const pattern = {
    source: ['aws.s3'],
    detail: { bucket: { name: ['reviews'] }, object: { key: [{ prefix: 'in/' }] } },
  };
  const matches = (key: string, bucket = 'reviews') =>
    matchesPattern(pattern, objectCreatedEvent(object(key), { ...origin, bucket }));

  it('matches a key under its prefix in its bucket, and no other', () => {
    expect(matches('in/a')).toBe(true);
    expect(matches('out/a')).toBe(false);
    expect(matches('in/a', 'other')).toBe(false);
  });

  it('tells the prefix that it asks for', () => {
    expect(keyPrefixOf(pattern)).toBe('in/');
    expect(keyPrefixOf({ source: ['aws.s3'] })).toBe('');
  });

  it('knows suffix, exists and anything-but, and names an operator that it does not know', () => {
    const event = { a: 'x.json' };
    expect(matchesPattern({ a: [{ suffix: '.json' }], b: [{ exists: false }] }, event)).toBe(true);
    expect(matchesPattern({ a: [{ 'anything-but': ['x.json'] }] }, event)).toBe(false);
    const noneOf = (...prefix: string[]) => matchesPattern({ a: [{ 'anything-but': { prefix } }] }, event);
    expect([noneOf('y', 'z'), noneOf('y', 'x'), noneOf('x', 'y')]).toEqual([true, false, false]);
    expect(() => matchesPattern({ a: [{ cidr: '10.0.0.0/8' }] }, event)).toThrow('does not know cidr at .a');
  });
});

describe('the pipe', () => {
  let pipe: Pipe<number> | undefined;
  afterEach(() => pipe?.stop());
  const collect = (batchSize: number, windowMs: number) => {
    const batches: number[][] = [];
    const created = createPipe<number>({ batchSize, windowMs }, (batch) => batches.push(batch));
    pipe = created;
    return { batches, put: (...items: number[]) => items.forEach(created.put), waiting: created.waiting };
  };

  it('hands on a full batch at once, and the rest when the window is over', async () => {
    const { batches, put, waiting } = collect(3, 30);
    put(1, 2, 3, 4);
    expect(batches).toEqual([[1, 2, 3]]);
    expect(waiting()).toBe(1);
    await sleep(60);
    expect(batches).toEqual([[1, 2, 3], [4]]);
    expect(waiting()).toBe(0);
  });

  it('hands on a lone record as a batch of one', async () => {
    const { batches, put } = collect(10, 10);
    put(1);
    await sleep(40);
    expect(batches).toEqual([[1]]);
  });

  it('counts the window from the first record that waits, not from the last', async () => {
    const { batches, put } = collect(10, 50);
    put(1);
    await sleep(30);
    put(2);
    await sleep(35);
    expect(batches).toEqual([[1, 2]]);
  });

  it('hands on nothing any more after its stop', async () => {
    const { batches, put } = collect(10, 10);
    put(1);
    pipe?.stop();
    await sleep(30);
    expect(batches).toEqual([]);
  });
});
