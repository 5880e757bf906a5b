import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createRejectedRecords } from '../../functions/db-processing/rejected-records.ts';
import { rejectedPrefixOf } from '../../functions/postprocess/write-report.ts';
import { reportKey } from '../../functions/shared/keys.ts';
import { readRejected } from '../../operations/rejected/read-rejected.ts';
import { readStatus } from '../../operations/status/read-status.ts';
import { nothingKnown, statusText } from '../../operations/status/status-text.ts';
import { fileSource, totals } from '../support/reports.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';

const folder = 'book-review/reviews/us-east-1/';
const key = `${folder}a.json`;
const line = '{"reviewerID":"A1","asin":"B1"}\n';

let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
});
afterEach(async () => {
  for (const each of await server.list('')) await server.remove(each);
});
afterAll(() => server.stop());
const store = () => ({ s3: server.client, bucket: server.bucket });

describe('status', () => {
  const read = (file: string, limit = 100) => readStatus(file, limit, { ...store(), countRows: null });
  const statesOf = async (file: string) => (await read(file)).files.map(({ file, state }) => `${state} ${file}`);

  it('knows nothing of a file that was never uploaded, and says so', async () => {
    await fileSource(server, { key, body: line });
    expect(await statesOf('us-east-1/b.json')).toEqual([]);
    expect(nothingKnown('us-east-1/b.json', server.bucket)).toContain('Nothing is known of us-east-1/b.json');
  });

  it('says that a file waits as long as it has no report, and not of the prefix itself', async () => {
    await server.put('book-review/reviews/', '');
    await server.put(key, line);
    expect(await statesOf('')).toEqual([`waiting ${key}`]);
  });

  it('says that a file is left alone, and why', async () => {
    await server.put(`${folder}sub/`, '');
    const { files } = await read(folder);
    expect(files).toMatchObject([{ state: 'not-a-source', reason: expect.stringContaining('folder') }]);
  });

  it('gives outcome, counts, reasons, times and place of a completed file', async () => {
    const report = await fileSource(server, {
      key,
      body: line,
      totals: totals({
        lines: 9,
        inserted: 5,
        rejected: 3,
        blank: 1,
        rejectedByReason: { 'missing:asin': 2, 'malformed-json': 1 },
      }),
    });
    const found = await read('us-east-1/a.json');
    expect(found.files).toMatchObject([
      {
        file: key,
        state: 'completed',
        sourceId: report.source.sourceId,
        uploadedAt: '2026-11-26T10:00:00.000Z',
        endedAt: '2026-11-26T10:00:03.500Z',
        region: 'us-east-1',
        location: 'book-review/completed/us-east-1/a.json',
        rejectedPrefix: `book-review/rejected/us-east-1/a.json.${report.source.sourceId}/`,
      },
    ]);
    const text = statusText(found, server.bucket);
    expect(text).toContain('9 = 5 inserted + 0 already present + 3 rejected + 1 blank');
    expect(text).toContain('2 missing:asin, 1 malformed-json');
    expect(text).toContain('3.5 s later');
    expect(text).toContain('1 file: 1 completed');
  });

  it('names the reason of a file that failed, and of one that stays pending', async () => {
    await fileSource(server, { key, body: line, outcome: 'failed', reason: 'InvalidInputError: cut off' });
    await fileSource(server, {
      key: `${folder}b.json`,
      body: line,
      outcome: 'pending',
      reason: 'TransientDatabaseError: away',
    });
    const { files } = await read('');
    expect(files).toMatchObject([
      { state: 'failed', reason: 'InvalidInputError: cut off', location: 'book-review/failed/us-east-1/a.json' },
      { state: 'pending', reason: 'TransientDatabaseError: away', location: `${folder}b.json` },
    ]);
  });

  it('says of a file that failed by its verdict that its rows are gone', async () => {
    const some = totals({ lines: 8, inserted: 5, rejected: 3 });
    await fileSource(server, { key, body: line, outcome: 'failed', reason: 'TooManyRejected: 3 of 8', totals: some });
    expect(statusText(await read(key), server.bucket)).toContain(
      'these rows were taken out again, since the file failed',
    );
    const other = `${folder}b.json`;
    await fileSource(server, { key: other, body: line, totals: some });
    expect(statusText(await read(other), server.bucket)).not.toContain('taken out');
  });

  it('names the files that it looks like', async () => {
    const [one, two] = ['1'.repeat(32), '2'.repeat(32)];
    await fileSource(server, { key, body: line, sameContentAs: one, sameNameAs: two });
    const text = statusText(await read(key), server.bucket);
    expect(text).toContain(`source ${one} has the same content`);
    expect(text).toContain(`source ${two} had this name`);
  });

  it('says that a pending file is gone where a person removed it', async () => {
    await fileSource(server, { key, body: line, outcome: 'pending', reason: 'TransientDatabaseError: away' });
    await server.remove(key);
    expect(await statesOf(key)).toEqual([`gone ${key}`]);
  });

  it('tells each content that was uploaded under a name, also the newest that waits', async () => {
    await fileSource(server, { key, body: line });
    await fileSource(server, { key, body: line + line, outcome: 'failed' });
    await server.put(key, 'newest');
    expect((await statesOf(key)).sort()).toEqual([`completed ${key}`, `failed ${key}`, `waiting ${key}`]);
  });

  it('tells a withdrawal that ended from one that did not', async () => {
    const withdrawal = { reason: 'wrong file', by: 'Ann', when: '2026-11-26T11:00:00.000Z', rows: 7 };
    const done = { ...withdrawal, doneWhen: '2026-11-26T11:00:09.000Z' };
    await fileSource(server, { key, body: line, outcome: 'withdrawn', withdrawals: [done] });
    expect(await statesOf(key)).toEqual([`withdrawn ${key}`]);
    expect(statusText(await read(key), server.bucket)).toContain('by Ann: took out 7 rows, because: wrong file');
    await fileSource(server, { key, body: line, outcome: 'withdrawn', withdrawals: [withdrawal] });
    expect(await statesOf(key)).toEqual([`withdrawing ${key}`]);
  });

  it('asks the database for the rows of what has a source', async () => {
    const { source } = await fileSource(server, { key, body: line });
    await server.put(`${folder}b.json`, line);
    const asked: string[][] = [];
    const countRows = async (ids: string[]) => {
      asked.push(ids);
      return Object.fromEntries(ids.map((id) => [id, 4]));
    };
    const { files } = await readStatus('', 100, { ...store(), countRows });
    expect(asked).toEqual([[source.sourceId]]);
    expect(files.map(({ rowsNow }) => rowsNow)).toEqual([4, null]);
  });

  it('reads the newest reports only where there are more than the limit, and says so', async () => {
    for (const name of ['a', 'b', 'c']) await fileSource(server, { key: `${folder}${name}`, body: line });
    const found = await read('', 2);
    expect([found.files.length, found.leftOut]).toEqual([2, 1]);
    expect(statusText(found, server.bucket)).toContain('1 older report not read');
  });

  it('reads past what a person put between the reports, and shows no code of a name to the terminal', async () => {
    await server.put('book-review/reports/us-east-1/a.json', 'no report');
    const esc = String.fromCharCode(27);
    const report = await fileSource(server, { key, body: line, outcome: 'failed', reason: `bad ${esc}[2J` });
    expect(reportKey(report.source)).toContain('a.json.');
    const found = await read('');
    expect(found.files).toHaveLength(1);
    expect(statusText(found, server.bucket)).not.toContain(esc);
  });
});

describe('rejected records', () => {
  const put = (name: string, sourceId: string, offset: number, records: object[]) =>
    server.put(
      `book-review/rejected/${name}.${sourceId}/${String(offset).padStart(16, '0')}.jsonl`,
      records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    );
  const one = '1'.repeat(32);
  const two = '2'.repeat(32);
  const list = async (file: string | null, reason: string | null) => {
    const found: string[] = [];
    for await (const record of readRejected({ file, reason }, store())) {
      found.push(`${record.file.slice(folder.length)} ${record.offset} ${record.reason}`);
    }
    return found;
  };

  it('are listed by file and reason, each once', async () => {
    await put('us-east-1/a.json', one, 0, [
      { offset: 0, reason: 'missing:asin', line: '{}' },
      { offset: 9, reason: 'malformed-json', line: '{' },
    ]);
    // A chunk that was repeated with another deadline cut its objects elsewhere.
    await put('us-east-1/a.json', one, 9, [
      { offset: 9, reason: 'malformed-json', line: '{' },
      { offset: 20, reason: 'missing:reviewer_id', line: '{}' },
    ]);
    await put('us-east-1/a.json.gz', two, 0, [{ offset: 0, reason: 'malformed-json', line: '{' }]);
    await server.put('book-review/rejected/notes.txt', 'of a person');
    expect(await list(null, null)).toEqual([
      'a.json 0 missing:asin',
      'a.json 9 malformed-json',
      'a.json 20 missing:reviewer_id',
      'a.json.gz 0 malformed-json',
    ]);
    expect(await list('us-east-1/a.json', 'malformed-json')).toEqual(['a.json 9 malformed-json']);
    expect(await list('book-review/completed/us-east-1/a.json', 'missing')).toEqual([
      'a.json 0 missing:asin',
      'a.json 20 missing:reviewer_id',
    ]);
    expect(await list('us-east-1/a', null)).toEqual([]);
    expect(await list(null, 'miss')).toEqual([]);
  });

  it('are not listed where a file was read again as a whole, and its report does not count them', async () => {
    const { source } = await fileSource(server, { key, body: line });
    const report = {
      source: { ...source, format: 'whole' },
      rejectedPrefix: rejectedPrefixOf({ ...source, format: 'whole' }),
    };
    await server.put(reportKey(source), JSON.stringify(report));
    const records = createRejectedRecords(server.client, server.bucket, { ...source, format: 'whole' });
    for (const each of [records, createRejectedRecords(server.client, server.bucket, source)]) {
      const bytes = Buffer.from(each === records ? '{"counts":1}' : '"rest of a value"}');
      const place = { offset: 7, nextOffset: 30, from: 0, to: bytes.length, tooLong: false, openEnd: false };
      each.add({ ...place, buffer: bytes }, each === records ? 'missing:asin' : 'malformed-json');
      await each.flush();
    }
    expect((await server.list('book-review/rejected/')).length).toBe(2);
    expect(await list(null, null)).toEqual(['a.json 7 missing:asin']);
    expect(await list('us-east-1/a.json', null)).toEqual(['a.json 7 missing:asin']);
  });
});
