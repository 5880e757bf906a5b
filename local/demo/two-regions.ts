// Both Regions with the database between them, as the demo, `npm run local` and the pipeline's tests start them.

import { join } from 'node:path';
import { buildFunctions } from '../build/build.ts';
import { type GlobalDatabase, removeLeftovers, startGlobalDatabase } from '../database/global-database.ts';
import { type Region, type RegionOptions, startRegion } from '../region.ts';
import { stateDirectory } from '../state-directory.ts';
import { type Bucket, openBucket } from './bucket.ts';
import { fitMachine } from './fit-machine.ts';
import type { Scope } from './interruption.ts';
import { openLog } from './logs.ts';
import { regionNames } from './options.ts';
import { removeOwnContainers } from './own-containers.ts';
import type { Ports } from './ports.ts';
import type { DatabaseAccess } from './rows.ts';

/** A label of the containers, which tells the leftovers of a crash from other containers. */
const label = 'book-reviews-local';

type Listeners = Pick<RegionOptions, 'onChunkResult' | 'onOutcome' | 'onExecutionEnd'>;

export interface LocalRegion {
  name: string;
  role(): 'primary' | 'secondary';
  region: Region;
  bucket: Bucket;
  /** Access as the application's user, at the endpoint that works in the Region's current role. */
  database(): DatabaseAccess;
  /** Set by the code that follows the Region at the moment. */
  listeners: Listeners;
}

export interface TwoRegions {
  globalDatabase: GlobalDatabase;
  /** The primary first. */
  regions: [LocalRegion, LocalRegion];
  logDirectory: string;
}

export interface TwoRegionsOptions {
  rttMs: number;
  lagMs: number;
  /** Free ones by default. */
  ports?: Ports;
  /** Template parameters in addition to those of the database. Both Regions get them. */
  parameters?: Record<string, string>;
  /** Further options of a Region, e.g. faults. */
  region?: (name: string) => Partial<RegionOptions>;
  passwords?: { admin: string; application: string };
  stateDirectory?: string;
}

/** The scope owns everything that it starts. `say` gets a line for each slow step. */
export async function startTwoRegions(
  options: TwoRegionsOptions,
  { scope, say }: { scope: Scope; say: (line: string) => void },
): Promise<TwoRegions> {
  const { rttMs, lagMs, ports } = options;
  const logDirectory = join(options.stateDirectory ?? stateDirectory, 'logs');

  const removed = await scope.unlessInterrupted(removeLeftovers(label));
  if (removed > 0) say(`Removed what a crash left behind: ${removed} containers`);

  say('Starting a MySQL primary and its replica; building the bundles');
  // A server takes seconds to start, and nothing else can interrupt its start.
  const cutShort = () => void removeOwnContainers(label).catch(() => {});
  scope.signal.addEventListener('abort', cutShort, { once: true });
  const [globalDatabase] = await Promise.all([
    scope.use(
      () =>
        startGlobalDatabase({
          regions: regionNames,
          rttMs,
          lagMs,
          label,
          signal: scope.signal,
          ...(ports && { ports: databasePorts(ports) }),
          ...(options.passwords && { passwords: options.passwords }),
        }),
      (database) => database.stop(),
    ),
    scope.unlessInterrupted(buildFunctions()),
  ]);
  scope.signal.removeEventListener('abort', cutShort);

  const start = (name: string) => startOne(name, { ...options, logDirectory }, globalDatabase, scope);
  const [primary, secondary] = await Promise.all([start(regionNames.primary), start(regionNames.secondary)]);
  say('The database and both Regions are up');

  await scope.unlessInterrupted(
    primary.region.migrate().catch((error: Error) => {
      const log = join(logDirectory, primary.name, 'MigrateFunction.log');
      throw new Error(`the migrations were not applied in ${primary.name}: ${messageOf(error)} (${log})`, {
        cause: error,
      });
    }),
  );
  const refusal = await scope.unlessInterrupted(
    secondary.region.migrate().then(
      () => null,
      (error: Error) => error,
    ),
  );
  if (refusal === null) throw new Error(`${secondary.name} is secondary and ran a migration: it must refuse`);
  say(`Migrations applied in ${primary.name}; ${secondary.name} refuses them, as a secondary must (${refusal.name})`);
  return { globalDatabase, regions: [primary, secondary], logDirectory };
}

/** Of an invocation's error, whose message is Lambda's JSON. */
function messageOf({ message }: Error): string {
  try {
    return JSON.parse(message).errorMessage ?? message;
  } catch {
    return message;
  }
}

const databasePorts = (ports: Ports) =>
  Object.fromEntries(Object.entries(ports).map(([name, { writer, reader }]) => [name, { writer, reader }]));

async function startOne(
  name: string,
  options: TwoRegionsOptions & { logDirectory: string },
  globalDatabase: GlobalDatabase,
  scope: Scope,
): Promise<LocalRegion> {
  const { certificateAuthorityPem, users, database } = globalDatabase;
  const endpoints = globalDatabase.regions[name];
  if (endpoints === undefined) throw new Error(`the database knows no Region ${name}`);
  const { writerEndpoint, readerEndpoint } = endpoints;
  const listeners: Listeners = {};
  const log = openLog(options.logDirectory, name);
  const ports = options.ports?.[name];
  const region = await scope.use(
    () =>
      startRegion({
        name,
        parameters: {
          DatabaseWriterEndpoint: `${writerEndpoint.host}:${writerEndpoint.port}`,
          DatabaseReaderEndpoint: `${readerEndpoint.host}:${readerEndpoint.port}`,
          DatabaseName: database,
          DatabaseCaPem: certificateAuthorityPem,
          ...fitMachine(),
          ...options.parameters,
        },
        secrets: {
          'book-reviews/application': { username: users.application.user, password: users.application.password },
          'book-reviews/admin': { username: users.admin.user, password: users.admin.password },
        },
        log: log.write,
        logDirectory: join(options.logDirectory, name),
        ...(ports && { ports: { s3: ports.s3, secrets: ports.secrets } }),
        onChunkResult: (...end) => listeners.onChunkResult?.(...end),
        onOutcome: (...end) => listeners.onOutcome?.(...end),
        onExecutionEnd: (...end) => listeners.onExecutionEnd?.(...end),
        ...options.region?.(name),
      }),
    async (started) => {
      await started.stop();
      await log.close();
    },
  );
  const bucket = await scope.use(
    async () => openBucket(name, region.s3),
    ({ close }) => close(),
  );
  return {
    name,
    role: endpoints.role,
    region,
    bucket,
    listeners,
    database: () => ({
      ...(endpoints.role() === 'primary' ? writerEndpoint : readerEndpoint),
      ...users.application,
      database,
      certificateAuthorityPem,
    }),
  };
}
