import { describe, expect, it } from '@jest/globals';
import { dropReasonOfKey, nameObjects } from '../../../functions/preprocess/name-objects.ts';
import { makeQueueRecord } from '../../support/sources.ts';

const bucket = 'book-reviews-test';
const key = 'book-review/reviews/a.json';

describe('naming the objects of a batch', () => {
  it('takes the key of an event as it is, not URL-decoded', () => {
    const odd = 'book-review/reviews/100% a+b%20c/コ.json';
    expect(nameObjects([makeQueueRecord(odd)], bucket)).toMatchObject({ keys: [odd], drops: [] });
  });

  it('takes keys that a person named', () => {
    expect(nameObjects([{ key }], bucket).keys).toEqual([key]);
  });

  it('names an object once that was delivered twice', () => {
    expect(nameObjects([makeQueueRecord(key), { key }, makeQueueRecord(key)], bucket).keys).toEqual([key]);
  });

  it.each([
    ['not JSON', 'no json'],
    ['JSON without a detail', '{"detail-type":"Object Created"}'],
    ['null', 'null'],
    ['an event without a key', '{"detail":{"bucket":{"name":"b"},"object":{}}}'],
  ])('drops by its message id, and never throws for, a body that is %s', (_, body) => {
    const named = nameObjects([{ body, messageId: 'm-7' }, makeQueueRecord(key)], bucket);
    expect(named).toMatchObject({ keys: [key], drops: [{ reason: 'unreadable-event', messageId: 'm-7' }] });
  });

  it.each([
    ['outside-prefix', 'book-review/completed/a.json', bucket],
    ['outside-prefix', 'book-review/reviews', bucket],
    ['other-bucket', key, 'another'],
  ])('drops as %s: %s of bucket %s', (reason, named, of) => {
    expect(nameObjects([makeQueueRecord(named, of)], bucket)).toMatchObject({
      keys: [],
      drops: [{ reason, key: named }],
    });
  });
});

describe('hidden files and markers of tools', () => {
  it.each(['_SUCCESS', '._a.json', '.a.json.crc', 'a.crc', 'out/_SUCCESS', '_temporary/0/part.json'])(
    'drops %s',
    (name) => {
      expect(dropReasonOfKey(`book-review/reviews/${name}`)).toBe('hidden');
    },
  );

  it.each(['a_b.json', 'a.json', 'out/part-0.json'])('takes %s', (name) => {
    expect(dropReasonOfKey(`book-review/reviews/${name}`)).toBeNull();
  });
});
