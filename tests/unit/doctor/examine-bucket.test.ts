import { describe, expect, it } from '@jest/globals';
import { examineBucket } from '../../../functions/doctor/examine-bucket.ts';

type Answer = object | Error;

/** An S3 client that answers each command by its name. */
function bucketWith(answers: Record<string, Answer>) {
  const healthy: Record<string, Answer> = {
    ListObjectsV2Command: { KeyCount: 0 },
    GetBucketVersioningCommand: { Status: 'Enabled' },
    GetBucketNotificationConfigurationCommand: { EventBridgeConfiguration: {} },
  };
  const send = async (command: object) => {
    const answer = { ...healthy, ...answers }[command.constructor.name];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { send } as unknown as Parameters<typeof examineBucket>[0];
}

/** As the SDK throws them: of the system with a code, of S3 with a name and a status. */
const ofSystem = (code: string, name = 'Error') => Object.assign(new Error(`x ${code}`), { name, code });
const ofS3 = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('x'), { name, $metadata: { httpStatusCode } });

const bucketFinding = async (error: Error) =>
  (await examineBucket(bucketWith({ ListObjectsV2Command: error }), 'b')).find(({ what }) => what === 'bucket');

describe('the bucket', () => {
  it('is ok where it is readable, versioned and tells of uploads', async () => {
    expect((await examineBucket(bucketWith({}), 'b')).map(({ ok }) => ok)).toEqual([true, true, true]);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'])(
    'cannot be reached with %s: the way from the subnets is wrong, not its name',
    async (code) => {
      const finding = await bucketFinding(ofSystem(code));
      expect(finding).toMatchObject({ ok: false, seen: expect.stringContaining(code) });
      expect(finding?.advice).toMatch(/CreateS3Endpoint.*RouteTableIds/);
      expect(finding?.advice).not.toContain('ReviewBucketName');
    },
  );

  it('cannot be reached where the request timed out, or where the code is that of the cause', async () => {
    expect((await bucketFinding(ofSystem('', 'TimeoutError')))?.advice).toContain('RouteTableIds');
    const wrapped = new Error('x', { cause: ofSystem('ENOTFOUND') });
    expect(await bucketFinding(wrapped)).toMatchObject({
      seen: expect.stringContaining('ENOTFOUND'),
      advice: expect.stringContaining('RouteTableIds'),
    });
  });

  it.each([
    ['NoSuchBucket', 404, /ReviewBucketName/],
    ['AccessDenied', 403, /policy/],
    ['PermanentRedirect', 301, /Region/],
    ['CredentialsProviderError', 0, /role/],
    ['SlowDown', 503, /again/],
  ])('that S3 refuses with %s has advice for this error', async (name, status, advice) => {
    const finding = await bucketFinding(ofS3(name, status));
    expect(finding).toMatchObject({ ok: false, seen: expect.stringContaining(name) });
    expect(finding?.advice).toMatch(advice);
  });

  it('is told nothing of where it does not answer', async () => {
    const findings = await examineBucket(bucketWith({ ListObjectsV2Command: ofSystem('ENOTFOUND') }), 'b');
    expect(findings.map(({ what, ok }) => [what, ok])).toEqual([
      ['bucket', false],
      ['bucket versioning', null],
      ['bucket events', null],
    ]);
  });

  it('is not ok where versioning is suspended, or where it tells nobody of uploads', async () => {
    const off = { GetBucketVersioningCommand: { Status: 'Suspended' }, GetBucketNotificationConfigurationCommand: {} };
    expect((await examineBucket(bucketWith(off), 'b')).slice(1)).toMatchObject([
      { what: 'bucket versioning', ok: false, seen: 'Suspended' },
      { what: 'bucket events', ok: false, seen: 'off' },
    ]);
  });

  it('is ok where only a setting of it cannot be read', async () => {
    const findings = await examineBucket(bucketWith({ GetBucketVersioningCommand: ofS3('AccessDenied', 403) }), 'b');
    expect(findings.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(findings[1]).toMatchObject({ what: 'bucket versioning', seen: expect.stringContaining('AccessDenied') });
  });
});
