// Makes faults to arm, with the usual values.
import type { FrontFault, FrontFaultKind } from '../database/front/faults.ts';
import type { S3Fault } from './s3-proxy.ts';

/** An S3 fault that strikes the functions' requests of one kind. */
export const s3Fault = (
  kind: S3Fault['kind'],
  on: S3Fault['on'],
  { skip = 0, times = 1, act }: Partial<Pick<S3Fault, 'skip' | 'times' | 'act'>> = {},
): S3Fault => ({ kind, on, skip, times, ...(act && { act }) });

export const databaseFault = (
  kind: FrontFaultKind,
  on: FrontFault['on'],
  { skip = 0, times = 1, error }: Partial<Pick<FrontFault, 'skip' | 'times' | 'error'>> = {},
): FrontFault => ({ kind, on, skip, times, ...(error && { error }) });

/** Errors of a server, as a client sees them: errno, SQLSTATE, text. */
export const serverErrors = {
  deadlock: { errno: 1213, sqlState: '40001', message: 'Deadlock found when trying to get lock' },
  lockWait: { errno: 1205, sqlState: 'HY000', message: 'Lock wait timeout exceeded' },
  tooManyConnections: { errno: 1040, sqlState: '08004', message: 'Too many connections' },
  superReadOnly: { errno: 1290, sqlState: 'HY000', message: 'The server is running with the --super-read-only option' },
  readOnly: { errno: 1836, sqlState: 'HY000', message: 'Running in read-only mode' },
  writeForwarding: { errno: 63976, sqlState: 'HY000', message: 'Internal write forwarding error' },
  shutdown: { errno: 1053, sqlState: '08S01', message: 'Server shutdown in progress' },
  lostInQuery: { errno: 2013, sqlState: 'HY000', message: 'Lost connection to MySQL server during query' },
} as const;
