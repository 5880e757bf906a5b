// What all scenarios run on, started once: a MySQL server by itself (no binary log) with a Region in front of it, and two
// Regions with the replicating pair between them. All of them as the tests and the demo start them.

import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { storageArguments } from '../local/database/containers/mysql-server.ts';
import { migrate } from '../local/database/shipped-migrations.ts';
import { database, type MysqlServer, startMysql, user } from '../local/database/single-server.ts';
import type { Scope } from '../local/demo/interruption.ts';
import { regionNames } from '../local/demo/options.ts';
import { startTwoRegions, type TwoRegions } from '../local/demo/two-regions.ts';
import { type Region, type RegionOptions, startRegion } from '../local/region.ts';
import { stateDirectory } from '../local/state-directory.ts';
import type { ScenarioResult } from './figures.ts';
import { type InputFile, inCsv, inZstd, makeInput, type WholeFile } from './input-files.ts';
import type { BenchOptions } from './options.ts';

export interface SqlTarget {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** PEM. */
  ca: string;
}

interface Seen {
  /** Invocations that Lambda refused. */
  throttled: number;
  /** Most that a sandbox has had resident. */
  peakMib: number;
}

export interface Stage {
  options: BenchOptions;
  /** The server by itself. */
  alone: {
    mysql: MysqlServer;
    region: Region;
    /** As the application's user, with TLS. */
    target: SqlTarget;
    /** MiB that the sandbox of the last invocation of DB-processing has had resident at most. */
    memoryOf: () => number;
    /** What Lambda would bill for all invocations so far, without the price per request. */
    billed: () => { gbSeconds: number; invocations: number };
  };
  pair: TwoRegions & {
    /** As root on the primary, without TLS: LOAD DATA needs a server that allows it. */
    query: <Row>(sql: string) => Promise<Row[]>;
    /** Resolves when the replica has all that the primary has. */
    caughtUp: () => Promise<void>;
    /** Removes what both servers have logged, which is in memory too, and far more than the rows. Once the replica has it. */
    purgeLogs: () => Promise<void>;
    /** While true, uploads start nothing. Their events are delivered when it becomes false. */
    holdEvents: (hold: boolean) => void;
    /** Forgets the events that are held. */
    dropEvents: () => void;
    /** What was seen of both Regions' functions since it was last emptied. */
    seen: Seen;
    /** How long retries wait, from the next execution on. `asInAws`: otherwise they wait a fiftieth of that. */
    waitInRetries: (how: 'asInAws' | 'shortly') => void;
  };
  /** Rows of either Region. Those of the primary also as other data sets have them, as CSV, and compressed. */
  inputs: {
    primary: InputFile;
    secondary: InputFile;
    in2023: InputFile;
    inGoodreads: InputFile;
    csv: WholeFile;
    zstd: WholeFile;
  };
  mysqlVersion: string;
  say: (line: string) => void;
}

export async function openStage(options: BenchOptions, scope: Scope, say: (line: string) => void): Promise<Stage> {
  const gate = createEventGate();
  let retryTimeFactor = shortRetries;
  const seen: Seen = { throttled: 0, peakMib: 0 };
  const [mysql, two, primary, secondary, in2023, inGoodreads] = await Promise.all([
    scope.use(
      () => startMysql(...storageArguments, '--max-allowed-packet=64M', '--max-connections=500', '--local-infile=ON'),
      (server) => server.stop(),
    ),
    startTwoRegions(
      {
        rttMs: 12,
        lagMs: 0,
        region: () => ({ deliverEvent: gate.deliver, ...seeing(seen), retryTimeFactor: () => retryTimeFactor }),
      },
      { scope, say },
    ),
    makeInput(regionNames.primary, options.rows, join(stateDirectory, 'bench', 'primary')),
    makeInput(regionNames.secondary, options.rows, join(stateDirectory, 'bench', 'secondary')),
    makeInput(regionNames.primary, options.rows, join(stateDirectory, 'bench', '2023'), 'amazon-2023'),
    makeInput(regionNames.primary, options.rows, join(stateDirectory, 'bench', 'goodreads'), 'goodreads'),
  ]);
  await migrate(mysql.openSession);
  const [csv, zstd] = await Promise.all([inCsv(primary), inZstd(primary)]);
  const { region, memoryOf, billed } = await startRegionAlone(mysql, scope);
  const { globalDatabase } = two;
  const [primaryRoot, replicaRoot] = [
    await connectAsRoot(globalDatabase, 'primary', scope),
    await connectAsRoot(globalDatabase, 'replica', scope),
  ];
  await primaryRoot.query('SET GLOBAL local_infile = ON');
  const query = async <Row>(sql: string) => (await primaryRoot.query(sql))[0] as Row[];
  const [host = '', port = ''] = mysql.endpoint.split(':');
  const [version] = await mysql.query<{ version: string }>('SELECT VERSION() AS version');
  return {
    options,
    alone: {
      mysql,
      region,
      memoryOf,
      billed,
      target: { host, port: Number(port), user: user.username, password: user.password, database, ca: mysql.caPem },
    },
    pair: {
      ...two,
      holdEvents: gate.hold,
      dropEvents: gate.drop,
      seen,
      waitInRetries: (how) => {
        retryTimeFactor = how === 'asInAws' ? 1 : shortRetries;
      },
      query,
      caughtUp: async () => {
        const [row] = await query<{ executed: string }>('SELECT @@global.gtid_executed AS executed');
        await replicaRoot.query('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 120)', [row?.executed]);
      },
      purgeLogs: async () => {
        for (const root of [primaryRoot, replicaRoot]) {
          await root.query('FLUSH BINARY LOGS');
          await root.query('PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY');
        }
      },
    },
    inputs: { primary, secondary, in2023, inGoodreads, csv, zstd },
    mysqlVersion: version?.version ?? '',
    say,
  };
}

const connectAsRoot = (
  { direct, database }: TwoRegions['globalDatabase'],
  server: 'primary' | 'replica',
  scope: Scope,
) =>
  scope.use(
    () => createConnection({ ...direct[server], user: 'root', password: direct.rootPassword, database }),
    (connection) => connection.end(),
  );

const shortRetries = 0.02;

const seeing = (seen: Seen): Partial<RegionOptions> => ({
  onTaskEnd: ({ error }) => {
    if (error?.name === 'Lambda.TooManyRequestsException') seen.throttled += 1;
  },
  onLogLine: ({ line }) => {
    seen.peakMib = Math.max(seen.peakMib, invocationReport(line)?.maxMemoryUsedMB ?? 0);
  },
});

/** The metrics of an invocation that ended; null where the line says something else. */
function invocationReport(line: string): Record<string, number> | null {
  if (!line.includes('"platform.report"')) return null;
  return (JSON.parse(line) as { record: { metrics: Record<string, number> } }).record.metrics;
}

/** A Region in front of one server, which counts what its sandboxes take. */
async function startRegionAlone(mysql: MysqlServer, scope: Scope) {
  let memoryMib = 0;
  const billed = { gbSeconds: 0, invocations: 0 };
  const onLogLine: NonNullable<RegionOptions['onLogLine']> = ({ logicalId, line }) => {
    const metrics = invocationReport(line);
    if (metrics === null) return;
    const { durationMs = 0, initDurationMs = 0, memorySizeMB = 0, maxMemoryUsedMB = 0 } = metrics;
    if (logicalId === 'DbProcessingFunction') memoryMib = maxMemoryUsedMB;
    billed.gbSeconds += ((durationMs + initDurationMs) / 1000) * (memorySizeMB / 1024);
    billed.invocations += 1;
  };
  const options: RegionOptions = {
    name: regionNames.primary,
    parameters: {
      DatabaseWriterEndpoint: mysql.endpoint,
      DatabaseReaderEndpoint: mysql.endpoint,
      DatabaseName: database,
      DatabaseCaPem: mysql.caPem,
    },
    secrets: { 'book-reviews/application': user, 'book-reviews/admin': user },
    log: () => {},
    logDirectory: join(stateDirectory, 'logs', 'bench'),
    onLogLine,
  };
  const region = await scope.use(
    () => startRegion(options),
    (started) => started.stop(),
  );
  return { region, memoryOf: () => memoryMib, billed: () => ({ ...billed }) };
}

/** Between the uploads and the queue: holds events back, so that many files can be there before the first one is processed. */
function createEventGate() {
  let holding = false;
  let held: (() => void)[] = [];
  const deliver: NonNullable<RegionOptions['deliverEvent']> = (event, enqueue) => {
    if (holding) held.push(() => enqueue(event));
    else enqueue(event);
  };
  return {
    deliver,
    hold(hold: boolean) {
      holding = hold;
      if (!hold) for (const release of held.splice(0)) release();
    },
    drop() {
      held = [];
    },
  };
}

/** A scenario: what it is measured in, what comes before each turn, and the turn. */
export interface Scenario {
  name: string;
  unit: ScenarioResult['unit'];
  /** One turn only, where one takes long or leaves sandboxes cold. */
  once?: true;
  /** Not in the time: empties tables, warms sandboxes. */
  before?: (stage: Stage) => Promise<unknown>;
  /** Returns the figure in `unit`, and details. */
  turn: (stage: Stage) => Promise<{ value: number; details?: Record<string, number> }>;
}

export const emptyAlone = ({ alone }: Stage) => alone.mysql.query('TRUNCATE TABLE book_reviews');
export const emptyPair = async ({ pair }: Stage) => {
  await pair.query('TRUNCATE TABLE book_reviews');
  await pair.caughtUp();
  await pair.purgeLogs();
};

/** The figure of `rows` rows that `work` brought in. @throws {Error} if it says that they were others */
export async function rowsPerSecond(
  rows: number,
  work: () => Promise<number>,
): Promise<{ value: number; seconds: number; details: { seconds: number } }> {
  const begun = performance.now();
  const done = await work();
  const seconds = (performance.now() - begun) / 1000;
  if (done !== rows) throw new Error(`${done} rows instead of ${rows}`);
  return { value: rows / seconds, seconds, details: { seconds } };
}
