// Doctor and a server with settings that lose rows.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { examineSettings } from '../../functions/doctor/examine-settings.ts';
import type { Session } from '../../functions/shared/mysql.ts';
import { type MysqlServer, startMysql } from '../../local/database/single-server.ts';

let mysql: MysqlServer;
beforeAll(async () => {
  mysql = await startMysql('--autocommit=0', '--max-allowed-packet=4194304', '--innodb-flush-log-at-trx-commit=1');
});
afterAll(() => mysql?.stop());

async function withSession<Result>(use: (session: Session) => Promise<Result>): Promise<Result> {
  const session = await mysql.openSession();
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
const wrongSettings = async () =>
  (await withSession(examineSettings)).filter(({ ok }) => ok === false).map(({ what }) => what);

async function withGlobal<Result>(setting: string, undo: string, use: () => Promise<Result>): Promise<Result> {
  await mysql.query(`SET GLOBAL ${setting}`);
  return use().finally(() => mysql.query(`SET GLOBAL ${undo}`));
}

describe('Doctor', () => {
  it('names autocommit where it is off by default, and nothing else of a server that is sound otherwise', async () => {
    expect(await wrongSettings()).toEqual(['autocommit']);
  });

  it.each([
    ["init_connect = 'SET autocommit = 0'", "init_connect = ''", 'init_connect'],
    ["init_connect = 'START TRANSACTION'", "init_connect = ''", 'init_connect'],
    ['max_allowed_packet = 4193280', 'max_allowed_packet = 4194304', 'max_allowed_packet'],
    ['innodb_flush_log_at_trx_commit = 2', 'innodb_flush_log_at_trx_commit = 1', 'innodb_flush_log_at_trx_commit'],
    ['read_only = ON', 'read_only = OFF', 'read_only'],
  ])('names %s', async (setting, undo, what) => {
    expect(await withGlobal(setting, undo, wrongSettings)).toEqual(['autocommit', what]);
  });

  it('says what each session has set', async () => {
    expect(await withSession(examineSettings)).toContainEqual({
      what: 'session settings',
      ok: true,
      seen: 'autocommit is 1, transaction_isolation is REPEATABLE-READ',
    });
  });
});
