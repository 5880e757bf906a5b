// What Doctor's bundle says of two local Regions: healthy ones, and with each fault that a first deployment has.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import type { Examination, Finding } from '../../functions/doctor/finding.ts';
import { makeCertificates } from '../../local/database/certificates.ts';
import { openScope } from '../../local/demo/interruption.ts';
import { type LocalRegion, startTwoRegions, type TwoRegions } from '../../local/demo/two-regions.ts';

const scope = openScope();
const directory = mkdtempSync(join(tmpdir(), 'doctor-'));
let two: TwoRegions;
let environment: Record<string, string> = {};

beforeAll(async () => {
  const sandboxEnvironment = (logicalId: string) => (logicalId === 'DoctorFunction' ? environment : {});
  two = await startTwoRegions(
    { rttMs: 2, lagMs: 0, stateDirectory: directory, region: () => ({ sandboxEnvironment }) },
    { scope, say: () => {} },
  );
}, 180_000);

afterAll(async () => {
  await scope.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

/** The embedded S3 server has neither. */
const notSimulated = ['bucket versioning', 'bucket events'];

async function findingsIn({ region }: LocalRegion, changed: Record<string, string> = {}): Promise<Finding[]> {
  environment = changed;
  await Promise.all(region.functions.DoctorFunction?.sandboxes().map((sandbox) => sandbox.kill()) ?? []);
  const { findings } = (await region.invoke('DoctorFunction', {})) as Examination;
  return findings.filter(({ what }) => !notSimulated.includes(what));
}

const wrongIn = async (...asked: Parameters<typeof findingsIn>) =>
  (await findingsIn(...asked)).filter(({ ok }) => ok === false);

/** Runs as root on the primary before and after `ask`; replication brings it to the other server. */
async function withChange<T>(change: string, undo: string, ask: () => Promise<T>): Promise<T> {
  const { primary, rootPassword: password } = two.globalDatabase.direct;
  const root = await createConnection({ ...primary, user: 'root', password, database: 'book_reviews' });
  try {
    await root.query(change);
    return await ask().finally(() => root.query(undo));
  } finally {
    await root.end();
  }
}

describe('Doctor in healthy Regions', () => {
  it('has nothing to say against the primary', async () => {
    const findings = await findingsIn(two.regions[0]);
    expect(findings.filter(({ ok }) => ok !== true)).toEqual([]);
    expect(findings).toContainEqual({ what: 'role', ok: true, seen: 'primary' });
    expect(findings.map(({ what }) => what)).toEqual(expect.arrayContaining(['writing', 'read_only', 'sync_binlog']));
  });

  it('has nothing to say against the secondary, and has seen its write forwarding work', async () => {
    const findings = await findingsIn(two.regions[1]);
    expect(findings.filter(({ ok }) => ok !== true)).toEqual([]);
    expect(findings).toContainEqual({ what: 'role', ok: true, seen: 'secondary' });
    expect(findings).toContainEqual({
      what: 'write forwarding',
      ok: true,
      seen: 'the primary took a statement of no rows',
    });
  });
});

describe('Doctor names', () => {
  it('a wrong password', async () => {
    const { region } = two.regions[0];
    const { user: username, password } = two.globalDatabase.users.application;
    region.secrets.put('book-reviews/application', { username, password: 'wrong' });
    const found = await findingsIn(two.regions[0]);
    region.secrets.put('book-reviews/application', { username, password });
    expect(found.filter(({ ok }) => ok === false)).toMatchObject([
      { what: 'log-in', seen: expect.stringMatching('1045') },
    ]);
    expect(JSON.stringify(found)).not.toContain(password);
  });

  it('a secret that is not there', async () => {
    expect(await wrongIn(two.regions[0], { DATABASE_SECRET_ID: 'book-reviews/typo' })).toMatchObject([
      { what: 'secret' },
    ]);
  });

  it('a writer endpoint that does not resolve, in the primary', async () => {
    const found = await wrongIn(two.regions[0], { DATABASE_WRITER_ENDPOINT: 'typo.invalid:3306' });
    expect(found).toMatchObject([{ what: 'writer endpoint', advice: expect.stringMatching('DatabaseWriterEndpoint') }]);
  });

  it('a reader endpoint that nothing listens at, in the secondary, where there is no other way in', async () => {
    const found = await wrongIn(two.regions[1], { DATABASE_READER_ENDPOINT: '127.0.0.1:9' });
    expect(found).toMatchObject([{ what: 'writer endpoint' }, { what: 'reader endpoint' }]);
  });

  it('certificates by another authority', async () => {
    const { certificateAuthority } = await makeCertificates();
    const found = await wrongIn(two.regions[0], { DATABASE_CA_PEM: certificateAuthority });
    expect(found).toMatchObject([
      { what: 'writer endpoint', seen: expect.stringMatching('certificate') },
      { what: 'reader endpoint', seen: expect.stringMatching('certificate') },
    ]);
  });

  it('settings of the server under which a crash loses commits, and a packet that is too small', async () => {
    const change =
      'SET GLOBAL innodb_flush_log_at_trx_commit = 2, GLOBAL sync_binlog = 0, GLOBAL max_allowed_packet = 1048576';
    const undo =
      'SET GLOBAL innodb_flush_log_at_trx_commit = 1, GLOBAL sync_binlog = 1, GLOBAL max_allowed_packet = 67108864';
    const found = await withChange(change, undo, () => wrongIn(two.regions[0]));
    expect(found.map(({ what }) => what)).toEqual([
      'max_allowed_packet',
      'innodb_flush_log_at_trx_commit',
      'sync_binlog',
    ]);
  });

  it('a migration that was not applied', async () => {
    const found = await withChange(
      "UPDATE schema_migrations SET name = 'kept' WHERE name LIKE '0001%'",
      "UPDATE schema_migrations SET name = '0001_create_book_reviews.sql' WHERE name = 'kept'",
      () => wrongIn(two.regions[0]),
    );
    expect(found).toMatchObject([{ what: 'schema', seen: 'not applied: 0001_create_book_reviews.sql' }]);
  });

  it.each([
    ['primary', 0, 'writing'],
    ['secondary', 1, 'write forwarding'],
  ] as const)('a privilege that is missing, seen from the %s', async (_role, index, what) => {
    const region = two.regions[index];
    const found = await withChange(
      "REVOKE INSERT ON book_reviews.* FROM 'application'@'%'",
      "GRANT INSERT ON book_reviews.* TO 'application'@'%'",
      () => wrongIn(region),
    );
    expect(found).toMatchObject([
      { what, seen: expect.stringMatching('1142'), advice: expect.stringMatching('Migrate') },
    ]);
  });

  it('a user who may change the schema', async () => {
    const found = await withChange(
      "GRANT CREATE ON book_reviews.* TO 'application'@'%'",
      "REVOKE CREATE ON book_reviews.* FROM 'application'@'%'",
      () => wrongIn(two.regions[0]),
    );
    expect(found).toMatchObject([{ what: 'least privilege' }]);
  });

  it('too few forwarded sessions', async () => {
    await two.globalDatabase.setLimits({ maxForwardedSessions: 0 });
    const found = await wrongIn(two.regions[1]);
    await two.globalDatabase.setLimits({ maxForwardedSessions: 1000 });
    expect(found).toMatchObject([{ what: 'write forwarding', seen: expect.stringMatching('1040') }]);
  });

  it('a bucket that is not there', async () => {
    expect(await wrongIn(two.regions[0], { BUCKET_NAME: 'no-such-bucket' })).toMatchObject([{ what: 'bucket' }]);
  });
});
