import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reportKey } from '../../functions/shared/keys.ts';
import { reportsOfFile, updateReport } from '../../operations/reports.ts';
import { fileSource } from '../support/reports.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';

const key = 'book-review/reviews/a.json';

describe('a report that a command changes', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server.stop());
  const store = () => ({ s3: server.client, bucket: server.bucket });

  it('is read again where another writer came in between, so that neither change is lost', async () => {
    const report = await fileSource(server, { key, body: 'x' });
    const seen: (string | null)[] = [];
    let others = 0;
    let etag = '';
    const reportName = reportKey(report.source);
    const other = JSON.stringify({ ...report, reason: 'of another' });
    const rival = new Proxy(server.client, {
      get: (client, name) => {
        if (name !== 'send') return Reflect.get(client, name);
        return async (command: { input: { IfMatch?: string } }) => {
          const { IfMatch: expected } = command.input;
          if (expected === undefined) return client.send(command as never);
          if (others++ === 0) etag = (await server.put(reportName, other)).etag;
          // The server of this machine does not look at the condition.
          if (etag !== expected) throw Object.assign(new Error('conflict'), { $metadata: { httpStatusCode: 412 } });
          return client.send(command as never);
        };
      },
    });
    await updateReport({ s3: rival, bucket: server.bucket }, report.source, (former) => {
      seen.push(former.reason);
      return { ...former, movedTo: 'changed' };
    });
    expect(seen).toEqual([null, 'of another']);
    expect(await reportsOfFile(store(), key)).toMatchObject([{ reason: 'of another', movedTo: 'changed' }]);
  });

  it('must be there', async () => {
    const report = await fileSource(server, { key, body: 'y' });
    await server.remove(reportKey(report.source));
    await expect(updateReport(store(), report.source, (former) => former)).rejects.toThrow('there is no report');
  });
});
