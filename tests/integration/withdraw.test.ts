import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Report, writeReport } from '../../functions/postprocess/write-report.ts';
import { inspectObject } from '../../functions/preprocess/inspect-object.ts';
import { reportKey, withdrawnKey } from '../../functions/shared/keys.ts';
import { reportsOfFile } from '../../operations/reports.ts';
import { chooseSource } from '../../operations/withdraw/choose-source.ts';
import { waitForRows } from '../../operations/withdraw/prove-rows.ts';
import { putBack, type WithdrawDependencies, withdrawSource } from '../../operations/withdraw/withdraw-source.ts';
import { fileSource, totals } from '../support/reports.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';

const key = 'book-review/reviews/us-east-1/a.json';
const completed = 'book-review/completed/us-east-1/a.json';
const body = '{"reviewerID":"A1","asin":"B1"}\n'.repeat(10);
const audit = { reason: 'wrong file', by: 'Ann' };

let server: S3Server;
let rows: number;
beforeAll(async () => {
  server = await startS3Server();
});
afterEach(async () => {
  for (const each of await server.list('')) await server.remove(each);
});
afterAll(() => server.stop());

/** A database that gives up four rows a call. `failAt`: the call of S3 or of the database that does not return. */
function deps(failAt = Number.POSITIVE_INFINITY): WithdrawDependencies & { calls(): number } {
  let calls = 0;
  const mayFail = () => {
    calls += 1;
    if (calls >= failAt) throw new Error('killed');
  };
  const s3 = new Proxy(server.client, {
    get: (client, name) => {
      if (name !== 'send') return Reflect.get(client, name);
      return async (command: never) => {
        mayFail();
        return client.send(command);
      };
    },
  });
  return {
    s3,
    bucket: server.bucket,
    now: () => new Date('2026-11-26T12:00:00Z'),
    countRows: async () => rows,
    withdrawRows: async (_id, before) => {
      mayFail();
      const gone = Math.min(4, rows);
      rows -= gone;
      return { done: rows === 0, rows: before + gone };
    },
    calls: () => calls,
  };
}

const completedFile = async () => {
  rows = 10;
  return fileSource(server, { key, body, totals: totals({ lines: 10, inserted: 10 }) });
};
const reportNow = async () => (await reportsOfFile({ s3: server.client, bucket: server.bucket }, key))[0] as Report;
const objects = async () => (await server.list('')).filter((each) => !each.includes('/reports/'));
const inspect = () =>
  inspectObject(
    { bucket: server.bucket, key, chunks: { chunkBytes: 1_000_000, chunkConcurrency: 1 } },
    { s3: server.client },
  );

describe('a withdrawal', () => {
  it('takes the rows out, moves the file and says so in the report', async () => {
    const report = await completedFile();
    await withdrawSource(report, audit, deps());
    expect(rows).toBe(0);
    expect(await objects()).toEqual([withdrawnKey(report.source)]);
    expect(await server.read(withdrawnKey(report.source))).toBe(body);
    expect(await reportNow()).toMatchObject({
      outcome: 'withdrawn',
      movedTo: withdrawnKey(report.source),
      totals: { inserted: 10 },
      withdrawals: [{ ...audit, rows: 10, when: '2026-11-26T12:00:00.000Z', doneWhen: '2026-11-26T12:00:00.000Z' }],
    });
  });

  it('ends the same when it is killed at any step and repeated, and the report never calls the file completed meanwhile', async () => {
    await completedFile();
    const whole = deps();
    await withdrawSource(await reportNow(), audit, whole);
    expect(whole.calls()).toBeGreaterThan(8);
    for (let failAt = 1; failAt <= whole.calls(); failAt += 1) {
      for (const each of await server.list('')) await server.remove(each);
      const report = await completedFile();
      await expect(withdrawSource(report, audit, deps(failAt))).rejects.toThrow();
      if (rows < 10) expect((await reportNow()).outcome).toBe('withdrawn');
      await withdrawSource(chooseSource([await reportNow()], { undo: false, sourceId: null }), audit, deps());
      expect([failAt, rows, await objects()]).toEqual([failAt, 0, [withdrawnKey(report.source)]]);
      expect((await reportNow()).withdrawals).toMatchObject([{ rows: 10, doneWhen: expect.any(String) }]);
    }
  });

  it('stays in the report when an event comes late and finds the file gone', async () => {
    const report = await completedFile();
    await withdrawSource(report, audit, deps());
    const late: Report = { ...report, outcome: 'failed', reason: 'SourceChangedError: gone', movedTo: null };
    await writeReport(late, { s3: server.client, bucket: server.bucket });
    expect((await reportNow()).outcome).toBe('withdrawn');
  });

  it('leaves another file alone that was filed under the same name', async () => {
    const report = await completedFile();
    await server.put(completed, 'of another source');
    await withdrawSource(report, audit, deps());
    expect(await server.read(completed)).toBe('of another source');
  });
});

describe('its undoing', () => {
  const withdrawn = async () => {
    await withdrawSource(await completedFile(), audit, deps());
    return reportNow();
  };

  it('puts the file back as the same source', async () => {
    const report = await withdrawn();
    await putBack(report, deps());
    expect(await objects()).toEqual([key]);
    expect(await inspect()).toMatchObject({ sourceId: report.source.sourceId, originBucket: server.bucket });
    expect(await reportNow()).toMatchObject({
      outcome: 'pending',
      movedTo: null,
      withdrawals: [{ undoneWhen: '2026-11-26T12:00:00.000Z' }],
    });
  });

  it('ends the same when it is killed at any step and repeated', async () => {
    const whole = deps();
    await putBack(await withdrawn(), whole);
    for (let failAt = 1; failAt <= whole.calls(); failAt += 1) {
      for (const each of await server.list('')) await server.remove(each);
      await expect(putBack(await withdrawn(), deps(failAt))).rejects.toThrow();
      await putBack(chooseSource([await reportNow()], { undo: true, sourceId: null }), deps());
      expect([failAt, await objects()]).toEqual([failAt, [key]]);
      expect(await reportNow()).toMatchObject({
        outcome: 'pending',
        withdrawals: [{ undoneWhen: expect.any(String) }],
      });
    }
  });

  it('keeps the report of a file that was ingested before it ended, and the withdrawal in it', async () => {
    const report = await withdrawn();
    const { withdrawals: _, ...first } = report;
    const ingested: Report = { ...first, outcome: 'completed', reason: null, movedTo: completed };
    await writeReport(ingested, { s3: server.client, bucket: server.bucket });
    expect((await reportNow()).withdrawals).toHaveLength(1);
    await putBack(await reportNow(), deps());
    expect(await reportNow()).toMatchObject({
      outcome: 'completed',
      withdrawals: [{ undoneWhen: expect.any(String) }],
    });
    expect(await objects()).toEqual([]);
    await putBack(await reportNow(), deps());
  });

  it('does not replace what waits under the same name', async () => {
    const report = await withdrawn();
    await server.put(key, 'newer');
    await expect(putBack(report, deps())).rejects.toThrow('another file waits');
    expect(await server.read(key)).toBe('newer');
  });

  it('says where the file is not there any more', async () => {
    const report = await withdrawn();
    await server.remove(withdrawnKey(report.source));
    await expect(putBack(report, deps())).rejects.toThrow('Upload it again');
  });
});

describe('the source that is meant', () => {
  const reportOf = (overrides: Partial<Report>, sourceId = 'a'.repeat(32)) =>
    ({ source: { key, sourceId, sizeBytes: 1 }, outcome: 'completed', when: 'then', ...overrides }) as Report;
  const withdrawal = { reason: '', by: null, when: 'then', rows: 1 };
  const choose = (reports: Report[], undo = false, sourceId: string | null = null) =>
    chooseSource(reports, { undo, sourceId });

  it('is the completed one, also where its withdrawal did not end', () => {
    const one = reportOf({});
    expect(choose([reportOf({ outcome: 'failed' }), one])).toBe(one);
    const begun = reportOf({ outcome: 'withdrawn', withdrawals: [withdrawal] });
    expect(choose([begun])).toBe(begun);
    expect(() => choose([begun], true)).toThrow('did not end');
  });

  it('must be named where there are two', () => {
    const other = reportOf({}, 'b'.repeat(32));
    expect(() => choose([reportOf({}), other])).toThrow(`--source ${'b'.repeat(32)}`);
    expect(choose([reportOf({}), other], false, 'b'.repeat(32))).toBe(other);
  });

  it.each([
    ['failed', 'it has no rows'],
    ['pending', 'it is pending'],
    ['withdrawn', 'withdrawn already'],
  ] as const)('does not withdraw what is %s', (outcome, why) => {
    const withdrawals = outcome === 'withdrawn' ? [{ ...withdrawal, doneWhen: 'then' }] : [];
    expect(() => choose([reportOf({ outcome, withdrawals })])).toThrow(why);
  });

  it('withdraws nothing if no report names the file', () => {
    expect(() => choose([])).toThrow('no report names');
  });
});

describe('the proof in both Regions', () => {
  it('waits for the Region that lags, and tells when it waited in vain', async () => {
    let asked = 0;
    const late = { region: 'us-east-2', countRows: async () => (++asked > 1 ? 0 : 5) };
    const soon = { region: 'us-east-1', countRows: async () => 0 };
    expect(await waitForRows(0, 5_000, [soon, late])).toMatchObject({ isProven: true });
    expect(await waitForRows(1, 0, [soon, late])).toEqual({
      isProven: false,
      counts: [
        { region: 'us-east-1', rows: 0 },
        { region: 'us-east-2', rows: 0 },
      ],
    });
  });
});

it('keeps the metadata by which a filed source is known', async () => {
  const report = await completedFile();
  await withdrawSource(report, audit, deps());
  const head = await server.client.send(
    new HeadObjectCommand({ Bucket: server.bucket, Key: withdrawnKey(report.source) }),
  );
  expect(head.Metadata).toMatchObject({ 'source-id': report.source.sourceId, 'origin-bucket': server.bucket });
  expect(await server.list(reportKey(report.source))).toHaveLength(1);
});
