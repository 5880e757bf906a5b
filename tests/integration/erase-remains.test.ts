import { PutBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EraseRequest, Erasure } from '../../functions/shared/contract.ts';
import { eraseRows } from '../../operations/erase/erase-rows.ts';
import { findRemains } from '../../operations/erase/find-remains.ts';
import { parseEraseOptions } from '../../operations/erase/options.ts';
import { remainsText } from '../../operations/erase/remains-text.ts';
import { fileSource } from '../support/reports.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';

const folder = 'book-review/reviews/us-east-1/';
const line = (id: string) => `{"reviewerID":"${id}","asin":"B1"}\n`;

describe('the list of objects that still contain a reviewer', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
    await server.client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: server.bucket,
        LifecycleConfiguration: {
          Rules: [
            { ID: 'r', Status: 'Enabled', Filter: { Prefix: 'book-review/rejected/' }, Expiration: { Days: 90 } },
            { ID: 'n', Status: 'Enabled', Filter: { Prefix: '' }, NoncurrentVersionExpiration: { NoncurrentDays: 30 } },
          ],
        },
      }),
    );
  });
  afterAll(() => server.stop());

  it('is each file that had rows, each object of rejected records that names the id, and what was not looked into', async () => {
    const had = await fileSource(server, { key: `${folder}had.json`, body: line('A1') });
    await fileSource(server, { key: `${folder}had-none.json`, body: line('B1') });
    await fileSource(server, { key: `${folder}failed.json`, body: line('A1'), outcome: 'failed' });
    await server.put(`${folder}waiting.json`, line('A1'));
    const rejected = `book-review/rejected/us-east-1/had.json.${had.source.sourceId}/`;
    const record = (text: string, more = {}) =>
      JSON.stringify({ offset: 1, reason: 'malformed-json', line: text, ...more });
    await server.put(`${rejected}0000000000000001.jsonl`, `${record('{"reviewerID":"A1"')}\n${record('{')}\n`);
    await server.put(`${rejected}0000000000000002.jsonl`, record('{"reviewerID":"B1"'));
    const bytes = Buffer.concat([Buffer.from([0xff]), Buffer.from('A1')]).toString('base64');
    await server.put(`${rejected}0000000000000003.jsonl`, record(bytes, { lineEncoding: 'base64' }));

    const ids = new Set([had.source.sourceId, 'f'.repeat(32)]);
    const found = await findRemains('A1', ids, { s3: server.client, bucket: server.bucket });
    const days = (until: string | null) => until && Math.round((Date.parse(until) - Date.now()) / 86_400_000);
    expect(found.remains.map(({ kind, key, records, until }) => [kind, key, records, days(until)])).toEqual([
      ['file', 'book-review/completed/us-east-1/had.json', null, null],
      ['rejected records', `${rejected}0000000000000001.jsonl`, 1, 120],
      ['rejected records', `${rejected}0000000000000003.jsonl`, 1, 120],
    ]);
    expect(found.unknownSources).toEqual(['f'.repeat(32)]);
    expect(found.notLookedInto).toEqual({ 'book-review/failed/': 1, 'book-review/reviews/': 1 });
    const text = remainsText('us-east-1', server.bucket, found);
    expect(text).toContain('nothing ends it');
    expect(text).toContain('1 file without rows under book-review/failed/');
  });
});

describe('the command', () => {
  it('asks until the whole table was looked through, and adds up', async () => {
    const asked: EraseRequest[] = [];
    const place = { sourceId: 'a'.repeat(32), offset: 7 };
    const answers: Erasure[] = [
      { after: place, rows: 2, sources: { one: 2 } },
      { after: null, rows: 3, sources: { one: 1, two: 2 } },
    ];
    const total = await eraseRows('A', false, async (request) => {
      asked.push(request);
      return answers[asked.length - 1] as Erasure;
    });
    expect(total).toEqual({ rows: 5, sources: { one: 3, two: 2 } });
    expect(asked.map(({ erase }) => erase.after)).toEqual([undefined, place]);
  });

  it('takes an id as long as the column, and no other', () => {
    const parse = (id: string) => parseEraseOptions(['--region', 'us-east-1', '--reviewer', id])?.reviewerId;
    expect(parse('👍'.repeat(64))).toBe('👍'.repeat(64));
    expect(() => parse('x'.repeat(65))).toThrow('--reviewer');
    expect(() => parseEraseOptions(['--region', 'us-east-1'])).toThrow('--reviewer');
  });
});
