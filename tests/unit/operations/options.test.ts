import { describe, expect, it } from '@jest/globals';
import { rejectedKey } from '../../../functions/shared/keys.ts';
import { OptionError } from '../../../operations/command-line.ts';
import { rejectedNameOf, rejectedStem, uploadKeyOf } from '../../../operations/file-names.ts';
import { answerOf, peerRegionOf } from '../../../operations/region-access.ts';
import { parseRejectedOptions } from '../../../operations/rejected/options.ts';
import { physicalIdOf } from '../../../operations/stack-resources.ts';
import { parseStatusOptions } from '../../../operations/status/options.ts';

const region = ['--region', 'us-east-1'];

describe('the options of status', () => {
  it('name a Region and one file at the most', () => {
    expect(parseStatusOptions([...region, 'a.json'])).toEqual({
      region: 'us-east-1',
      stackName: 'book-reviews',
      local: false,
      file: 'a.json',
      rows: false,
      json: false,
      limit: 200,
    });
    expect(parseStatusOptions(['--help'])).toBeNull();
  });

  it.each([[[]], [[...region, 'a', 'b']], [[...region, '--limit', '0']], [[...region, '--frobnicate']]])(
    'refuse %j',
    (args) => expect(() => parseStatusOptions(args)).toThrow(OptionError),
  );
});

describe('the options of rejected', () => {
  it('choose a file and a reason, and show all records by default', () => {
    expect(parseRejectedOptions([...region, '--file', 'a.json', '--reason', 'missing', '--json'])).toMatchObject({
      file: 'a.json',
      reason: 'missing',
      json: true,
      limit: Number.MAX_SAFE_INTEGER,
    });
  });
});

describe('the name of a file', () => {
  it.each([
    ['book-review/reviews/us-east-1/a.json'],
    ['us-east-1/a.json'],
    ['book-review/completed/us-east-1/a.json'],
    ['book-review/failed/us-east-1/a.json'],
    [`book-review/withdrawn/us-east-1/a.json.${'0a'.repeat(16)}`],
    ['s3://book-reviews-us-east-1/book-review/failed/us-east-1/a.json'],
  ])('is that of its upload, given as %s', (text) => {
    expect(uploadKeyOf(text)).toBe('book-review/reviews/us-east-1/a.json');
  });

  it.each([['a.json'], [`${'ü'.repeat(490)}.json`], ['x'.repeat(1_004)]])(
    'finds its rejected records again: %#',
    (name) => {
      const source = { key: `book-review/reviews/${name}`, sourceId: 'ab'.repeat(16) };
      const object = rejectedKey(source, 77);
      expect(object.startsWith(`${rejectedStem(source.key)}${source.sourceId}/`)).toBe(true);
      expect(rejectedNameOf(object)?.sourceId).toBe(source.sourceId);
      expect(source.key.startsWith(rejectedNameOf(object)?.file ?? '-')).toBe(true);
    },
  );
});

describe('the way to a Region', () => {
  it('knows the other Region of the pair, and asks for it elsewhere', () => {
    expect(peerRegionOf('us-east-2', undefined)).toBe('us-east-1');
    expect(peerRegionOf('eu-west-1', 'eu-west-2')).toBe('eu-west-2');
    expect(() => peerRegionOf('eu-west-1', undefined)).toThrow(/--peer-region/);
    expect(() => peerRegionOf('eu-west-1', 'eu-west-1')).toThrow(OptionError);
  });

  it('takes names from the stack, and says what the stack lacks', () => {
    const resources = [
      { LogicalResourceId: 'ReviewBucket', PhysicalResourceId: 'bucket-1' },
      { LogicalResourceId: 'DbProcessingFunction', PhysicalResourceId: '-' },
    ];
    expect(physicalIdOf(resources, 'ReviewBucket', 'mine')).toBe('bucket-1');
    for (const id of ['DbProcessingFunction', 'StateMachine']) {
      expect(() => physicalIdOf(resources, id, 'mine')).toThrow(`the stack mine has no ${id}`);
    }
  });

  it('passes on what a function answers, and throws what it threw', () => {
    expect(answerOf('F', false, '{"a":1}')).toEqual({ a: 1 });
    expect(() => answerOf('F', true, '{"errorType":"TransientDatabaseError","errorMessage":"away"}')).toThrow(
      'F failed: TransientDatabaseError: away',
    );
  });
});
