import { describe, expect, it } from '@jest/globals';
import { findingsOf } from '../../../functions/doctor/examine-settings.ts';

/** Of a MySQL server with a binary log that has nothing wrong. */
const sound = {
  autocommit: 'ON',
  init_connect: '',
  max_allowed_packet: '67108864',
  innodb_flush_log_at_trx_commit: '1',
  log_bin: 'ON',
  sync_binlog: '1',
  binlog_format: 'ROW',
  read_only: 'OFF',
  super_read_only: 'OFF',
};
const wrongIn = (changed: object, role: 'primary' | 'secondary' = 'primary') =>
  findingsOf({ ...sound, ...changed }, role)
    .filter(({ ok }) => ok === false)
    .map(({ what }) => what);

describe('the settings of a server', () => {
  it('are all named where they are sound', () => {
    expect(findingsOf(sound, 'primary').map(({ what, ok }) => [what, ok])).toEqual([
      ['autocommit', true],
      ['init_connect', true],
      ['max_allowed_packet', true],
      ['innodb_flush_log_at_trx_commit', true],
      ['sync_binlog', true],
      ['binlog_format', true],
      ['read_only', true],
    ]);
  });

  it.each([
    [{ autocommit: 'OFF' }, 'autocommit'],
    [{ init_connect: 'SET NAMES utf8mb4; BEGIN' }, 'init_connect'],
    [{ init_connect: 'set @@session.sql_log_bin = 0' }, 'init_connect'],
    [{ max_allowed_packet: '4193280' }, 'max_allowed_packet'],
    [{ innodb_flush_log_at_trx_commit: '0' }, 'innodb_flush_log_at_trx_commit'],
    [{ sync_binlog: '0' }, 'sync_binlog'],
    [{ binlog_format: 'STATEMENT' }, 'binlog_format'],
    [{ super_read_only: 'ON' }, 'read_only'],
  ])('are wrong with %j', (changed, what) => {
    expect(wrongIn(changed)).toEqual([what]);
  });

  it('allow an init_connect that changes no transaction', () => {
    expect(wrongIn({ init_connect: 'SET NAMES utf8mb4' })).toEqual([]);
  });

  it('may be read-only in a secondary', () => {
    expect(wrongIn({ read_only: 'ON', super_read_only: 'ON' }, 'secondary')).toEqual([]);
  });

  it('need no sound binary log where replication does without one', () => {
    const unsound = { sync_binlog: '0', binlog_format: 'STATEMENT' };
    expect(wrongIn({ ...unsound, aurora_version: '3.08.2' })).toEqual([]);
    expect(wrongIn({ ...unsound, log_bin: 'OFF' })).toEqual([]);
  });

  it('are no finding where the server does not have them', () => {
    const { binlog_format: _, ...newer } = sound;
    expect(findingsOf(newer, 'primary').map(({ what }) => what)).not.toContain('binlog_format');
  });
});
