// Checks the server settings that the service's promises need: a counted row stays, and a replica has it too.
// Anybody may read them. A setting that a server lacks is skipped.
import type { Session } from '../shared/mysql.ts';
import { maxStatementBytes } from '../shared/mysql-statement.ts';
import { type Finding, fine, wrong } from './finding.ts';

const statementMs = 10_000;

/** By name, as the server writes them. */
type Settings = Readonly<Record<string, string>>;

interface Rule {
  /** Names of settings, the first one for the finding. */
  names: readonly [string, ...string[]];
  /** Whether the setting counts on this server. */
  counts?: (settings: Settings, role: Session['role']) => boolean;
  holds: (value: string) => boolean;
  advice: string;
}

/** Aurora replicates its storage, so the needs of a binary log do not count there. */
const isAurora = (settings: Settings) => settings.aurora_version !== undefined;
const isLogged = (settings: Settings) => settings.log_bin === 'ON' && !isAurora(settings);
/** The server's statements at log-in must not leave a transaction open, or keep rows from a replica. */
const endangersRows = /\b(autocommit|transaction|begin|completion_type|sql_log_bin|(tx|transaction)_read_only)\b/i;

const rules: readonly Rule[] = [
  {
    names: ['autocommit'],
    holds: (value) => value === 'ON',
    advice:
      'Set autocommit to 1 in the parameter group. Each session of the service sets it, but no other client does.',
  },
  {
    names: ['init_connect'],
    holds: (value) => !endangersRows.test(value),
    advice: 'Take transactions and autocommit out of init_connect: rows that a session wrote could be taken out again.',
  },
  {
    names: ['max_allowed_packet'],
    holds: (value) => Number(value) >= maxStatementBytes,
    advice: `Set max_allowed_packet to ${maxStatementBytes} or more: a statement of many reviews can be that long.`,
  },
  {
    names: ['innodb_flush_log_at_trx_commit'],
    holds: (value) => value === '1',
    advice: 'Set innodb_flush_log_at_trx_commit to 1: with another value a crash can lose rows of completed files.',
  },
  {
    names: ['sync_binlog'],
    counts: isLogged,
    holds: (value) => value === '1',
    advice: 'Set sync_binlog to 1: with another value a crash can lose rows that the replica never gets.',
  },
  {
    names: ['binlog_format'],
    counts: isLogged,
    holds: (value) => value !== 'STATEMENT',
    advice: 'Set binlog_format to ROW: a replica that repeats statements can come to other rows.',
  },
  {
    names: ['read_only', 'super_read_only'],
    counts: (_settings, role) => role === 'primary',
    holds: (value) => value === 'OFF',
    advice: 'Turn read_only off on the primary, or compare DatabaseWriterEndpoint with the cluster.',
  },
];

const names = [...rules.flatMap((rule) => rule.names), 'aurora_version', 'log_bin'];
const readSettings = `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(', ')})`;

/** @returns a finding for each setting that counts on this server, and one for the session's own settings. */
export async function examineSettings(session: Session): Promise<Finding[]> {
  const rows = await session.run<{ Variable_name: string; Value: string }[]>(readSettings, statementMs);
  const settings = Object.fromEntries(rows.map((row) => [row.Variable_name, row.Value]));
  return [...findingsOf(settings, session.role), await ownSettings(session)];
}

/** `settings`: those that the server has, by name. */
export function findingsOf(settings: Settings, role: Session['role']): Finding[] {
  return rules
    .filter(({ counts = () => true }) => counts(settings, role))
    .flatMap((rule) => findingOf(rule, settings) ?? []);
}

function findingOf({ names, holds, advice }: Rule, settings: Settings): Finding | undefined {
  const present = names.filter((name) => settings[name] !== undefined);
  if (present.length === 0) return undefined;
  const failing = present.filter((name) => !holds(settings[name] ?? ''));
  const shown = (failing.length > 0 ? failing : present).map((name) => `${name} is ${shorten(settings[name] ?? '')}`);
  const seen = shown.join(', ');
  return failing.length > 0 ? wrong(names[0], seen, advice) : fine(names[0], seen);
}

/** Checks the settings that the service sets in each session. A proxy in between can lose them. */
async function ownSettings(session: Session): Promise<Finding> {
  const what = 'session settings';
  const [row] = await session.run<{ autocommit: number; isolation: string }[]>(
    'SELECT @@SESSION.autocommit AS autocommit, @@SESSION.transaction_isolation AS isolation',
    statementMs,
  );
  const seen = `autocommit is ${row?.autocommit}, transaction_isolation is ${row?.isolation}`;
  if (Number(row?.autocommit) === 1 && row?.isolation === 'REPEATABLE-READ') return fine(what, seen);
  return wrong(what, seen, 'Reach the database without a proxy that shares or resets sessions.');
}

const shorten = (value: string) => (value === '' ? 'empty' : value.slice(0, 60));
