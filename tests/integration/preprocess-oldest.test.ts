import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listSources } from '../../functions/preprocess/list-sources.ts';
import type { PreprocessInput } from '../../functions/shared/contract.ts';
import { keepLog } from '../support/log.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';

const prefix = 'book-review/reviews/';

describe('the age of what is pending', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server.stop());

  async function oldestNoted(input: PreprocessInput): Promise<Date[]> {
    const noted: Date[] = [];
    const settings = { bucket: server.bucket, chunkBytes: 50, chunkConcurrency: 4, pageKeys: 200 };
    await listSources(input, settings, { s3: server.client, log: keepLog(), noteOldest: (at) => noted.push(at) });
    return noted;
  }

  it('is not told where nothing is pending', async () => {
    await server.put(`${prefix}folder/`, '');
    expect(await oldestNoted({})).toEqual([]);
  });

  it('is that of the source uploaded first, which need not be the first by name', async () => {
    const before = Date.now() - 1000;
    await server.put(`${prefix}z.json`, '{}\n');
    const between = Date.now() + 1000;
    // S3 tells times in whole seconds in some answers.
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await server.put(`${prefix}a.json`, '{}\n');
    const [oldest] = await oldestNoted({});
    expect(oldest?.getTime()).toBeGreaterThanOrEqual(before);
    expect(oldest?.getTime()).toBeLessThanOrEqual(between);
  });

  it('is told by a drain only: a batch is of uploads that were just made', async () => {
    expect(await oldestNoted([{ key: `${prefix}a.json` }])).toEqual([]);
  });
});
