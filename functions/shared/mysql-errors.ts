// One table says what each error of the server, the driver and the network means for the service, and one function reads it.
// The codes are from MySQL's error reference. 63976 and the limits of forwarded writes are from the Aurora user guide.
import * as errors from './errors.ts';
import { ConfigurationError, TransientDatabaseError } from './errors.ts';

/**
 * `repeat`: the session is sound, the statement may be sent again after a pause. `reopen`: give the session up, look for
 * the role again, then send the statement again. `fewer`: as `reopen`, and continue with fewer connections than before.
 * `fail`: code can do nothing. Repeating is safe, even if the outcome of a statement is unknown, because every
 * write of the service may be applied twice.
 */
export type Advice = 'repeat' | 'reopen' | 'fewer' | 'fail';

/** Numbers of the server that other files act on. */
export const serverError = {
  tooManyConnections: 1040,
  databaseDenied: 1044,
  loginRefused: 1045,
  columnCannotBeNull: 1048,
  unknownDatabase: 1049,
  columnExists: 1060,
  indexExists: 1061,
  tableDenied: 1142,
  columnDenied: 1143,
  unknownTable: 1146,
} as const;

/** Numbers of a read-only server: the roles of the Regions changed. */
export const readOnlyErrors: ReadonlySet<number> = new Set([1290, 1792, 1836]);
/** Numbers for a statement that write forwarding refuses. */
export const notForwardedErrors: ReadonlySet<number> = new Set([1193, 1235]);

/** Codes of the driver and of the system that other files act on. */
export const clientError = {
  connectionReset: 'ECONNRESET',
  connectionLost: 'PROTOCOL_CONNECTION_LOST',
  noAnswerInTime: 'PROTOCOL_SEQUENCE_TIMEOUT',
  tlsHandshake: 'HANDSHAKE_SSL_ERROR',
} as const;

/** Codes for a host name without an address. */
export const unresolvedCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN']);
/** Codes for an address that does not answer. */
export const closedCodes: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

type ErrorClass = new (message: string, options?: ErrorOptions) => Error;

interface Fault {
  becomes: ErrorClass;
  advice: Advice;
  meaning: string;
}

const transient = (advice: Advice, meaning: string): Fault => ({ becomes: TransientDatabaseError, advice, meaning });
const wrong = (meaning: string): Fault => ({ becomes: ConfigurationError, advice: 'fail', meaning });

const connectionLost = transient('reopen', 'the connection broke; the outcome of the statement is unknown');
const unreachable = transient('reopen', 'the endpoint does not answer');
const readOnly = transient('reopen', 'the server is read-only: the role of this Region changed');
const tooManyConnections = transient('fewer', 'too many connections, or too many forwarded ones');
const stopping = transient('reopen', 'the server ended the session');
const denied = wrong('the database user lacks a privilege');
const certificate = wrong('the certificate of the server cannot be verified; see DATABASE_CA_PEM and the endpoint');
const notMigrated = wrong('the schema is not there, or not the one this code is for; run the migrate function');
const unexpectedValue = wrong(
  'a value that passed validation does not fit its column: the schema is not the one this code is for',
);
const notForwarded = wrong('write forwarding refuses the statement, or is not enabled on this cluster');

/** By errno if the server sent one, else by the code of the driver or the system. */
export const faults: ReadonlyMap<number | string, Fault> = new Map<number | string, Fault>([
  // Transient faults of one statement.
  [1205, transient('repeat', 'lock wait time-out')],
  [1213, transient('repeat', 'deadlock')],
  [1317, transient('repeat', 'the statement was interrupted')],
  [3024, transient('repeat', 'the statement took longer than the server allows')],
  [63976, transient('repeat', 'internal write forwarding error')],
  [1021, transient('repeat', 'the disk of the server is full')],
  [1114, transient('repeat', 'the table is full')],
  [1037, transient('repeat', 'the server is out of memory')],
  [1038, transient('repeat', 'the server is out of sort memory')],
  // The server wants fewer connections. The pause before the next attempt makes room.
  [1040, tooManyConnections],
  [1041, tooManyConnections],
  [1135, tooManyConnections],
  [1203, tooManyConnections],
  [1226, tooManyConnections],
  // The roles of the Regions changed.
  [1290, readOnly],
  [1792, readOnly],
  [1836, readOnly],
  // The session is gone. 2006 and 2013 are numbers of client libraries, passed on by proxies.
  [1053, stopping],
  [1152, stopping],
  [1184, stopping],
  [1927, stopping],
  [3169, stopping],
  [4031, stopping],
  [1158, connectionLost],
  [1159, connectionLost],
  [1160, connectionLost],
  [1161, connectionLost],
  [2006, connectionLost],
  [2013, connectionLost],
  ['PROTOCOL_CONNECTION_LOST', connectionLost],
  ['PROTOCOL_SEQUENCE_TIMEOUT', transient('reopen', 'the statement was not answered in time; its outcome is unknown')],
  ['PROTOCOL_PACKETS_OUT_OF_ORDER', connectionLost],
  ['PROTOCOL_ERROR', connectionLost],
  ['ECONNRESET', connectionLost],
  ['EPIPE', connectionLost],
  ['ECONNABORTED', connectionLost],
  ['ECONNREFUSED', unreachable],
  ['ENOTFOUND', unreachable],
  ['EAI_AGAIN', unreachable],
  ['ETIMEDOUT', unreachable],
  ['EHOSTUNREACH', unreachable],
  ['ENETUNREACH', unreachable],
  ['EADDRNOTAVAIL', unreachable],
  // Faults of the deployment.
  [1045, wrong('the database user or its password is refused, also after the secret was read again')],
  [1044, denied],
  [1142, denied],
  [1143, denied],
  [1227, denied],
  [1410, denied],
  [1049, notMigrated],
  [1054, notMigrated],
  [1146, notMigrated],
  [1153, wrong('max_allowed_packet of the server is below 4 MiB')],
  [1064, wrong('a fault of this code: the server cannot parse a statement')],
  [1235, notForwarded],
  [1193, notForwarded],
  [1048, unexpectedValue],
  [1062, unexpectedValue],
  [1264, unexpectedValue],
  [1265, unexpectedValue],
  [1292, unexpectedValue],
  [1366, unexpectedValue],
  [1406, unexpectedValue],
  [3140, unexpectedValue],
  [3157, unexpectedValue],
  ['HANDSHAKE_SSL_ERROR', certificate],
  ['HANDSHAKE_NO_SSL_SUPPORT', wrong('the server does not offer TLS')],
  ['ERR_TLS_CERT_ALTNAME_INVALID', certificate],
  ['CERT_HAS_EXPIRED', certificate],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', certificate],
  ['SELF_SIGNED_CERT_IN_CHAIN', certificate],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', certificate],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', certificate],
]);

const unknownWithoutNumber = connectionLost;
// Not repeated at once. The state machine repeats it later.
const unknownWithNumber = transient('fail', 'an error of the server that this code does not know');

interface Coded {
  errno?: number;
  code?: string;
  sqlState?: string;
}

/** The server's numbers are positive. Node's errors have a negative errno next to their code. */
function faultOf({ errno, code }: Coded): Fault {
  const known = (errno !== undefined && errno > 0 ? faults.get(errno) : undefined) ?? faults.get(code ?? '');
  if (known) return known;
  return errno !== undefined && errno > 0 ? unknownWithNumber : unknownWithoutNumber;
}

const own = Object.values(errors).filter((one): one is typeof ConfigurationError => typeof one === 'function');

/**
 * The service's error for any error that the driver threw. An error of the service passes as it is. The driver's message and
 * its `sql` can quote review text or a user's name, so neither is kept: the cause is a new error with the codes and the stack.
 */
export function toServiceError(error: unknown): Error {
  if (own.some((ours) => error instanceof ours)) return error as Error;
  const { errno, code, sqlState } = error as Coded;
  const fault = faultOf(error as Coded);
  const label = [errno, code, sqlState].filter((part) => part !== undefined).join(' ') || 'no code';
  return new fault.becomes(`${fault.meaning} (${label})`, {
    cause: withoutText(error, label, { errno, code, sqlState }),
  });
}

/** What to do after an error that `toServiceError` made. */
export function adviceFor(error: unknown): Advice {
  if (!(error instanceof TransientDatabaseError)) return 'fail';
  return error.cause === undefined ? 'reopen' : faultOf(error.cause as Coded).advice;
}

function withoutText(error: unknown, label: string, codes: { [name in keyof Coded]: Coded[name] | undefined }): Error {
  const clean = Object.assign(new Error(label), codes);
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  clean.stack = [`Error: ${label}`, ...frames].join('\n');
  return clean;
}
