// A global database on one machine: a MySQL primary, its replica, and in each Region a proxy for clients.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from './certificates.ts';
import { askOne } from './containers/connect.ts';
import { listenHostForContainers } from './containers/listen-host.ts';
import { thisMachine } from './containers/mysql-server.ts';
import { awaitReplica, followSource, makeUsers, type User } from './containers/replication.ts';
import { type DatabaseFaults, databaseFaults } from './database-faults.ts';
import { failOver, rejoin } from './failover.ts';
import type { Address, FrontSettings } from './front/settings.ts';
import { startFront } from './front/start-front.ts';
import { findMysqlImage } from './image.ts';
import { type Server, startPair } from './pair.ts';
import { type ReplicationLag, sampleLag } from './replication-lag.ts';
import { type Side, switchOver } from './switchover.ts';

export { removeLeftovers } from './containers/leftovers.ts';

export interface GlobalDatabaseOptions {
  regions: { primary: string; secondary: string };
  /** Milliseconds from one Region to the other and back. */
  rttMs: number;
  /** Milliseconds of replication lag, in addition to half a round trip. */
  lagMs: number;
  /** Ports by Region. If absent, free ports. */
  ports?: Record<string, { writer: number; reader: number }>;
  /** A name of this project, by which `removeLeftovers` finds the containers of a crash. */
  label: string;
  /** Random if absent. */
  passwords?: { admin: string; application: string };
  /** See FrontSettings. */
  limits?: Partial<Pick<FrontSettings, 'readWaitMs' | 'idleTransactionMs' | 'maxForwardedSessions'>>;
  /** Interrupts a start. It then removes everything that it has started, and throws. */
  signal?: AbortSignal;
}

export interface RegionDatabase {
  role(): 'primary' | 'secondary';
  /** Refuses connections while the Region is secondary. */
  writerEndpoint: Address;
  readerEndpoint: Address;
}

export interface GlobalDatabase {
  database: string;
  /** PEM of the authority that both Regions' server certificates are by; valid for 127.0.0.1, ::1 and localhost. */
  certificateAuthorityPem: string;
  /** The same in a file, for clients that need a file. Removed at stop. */
  certificateAuthorityFile: string;
  users: { admin: User; application: User };
  regions: Record<string, RegionDatabase>;
  replicationLag(): ReplicationLag;
  resetLag(): void;
  /** Resolve when they are in effect: for the next command, and for the next bytes of replication. */
  setRttMs(rttMs: number): Promise<void>;
  setLagMs(lagMs: number): Promise<void>;
  /** Limits of the secondary's write forwarding, for the next command of every session. */
  setLimits(limits: NonNullable<GlobalDatabaseOptions['limits']>): Promise<void>;
  /** Swaps the roles without loss. Every session ends. `outageMs`: the shortest time without a server for writes. */
  switchover(options?: { outageMs?: number }): Promise<void>;
  /** Removes the primary at once. Transactions that had not replicated are lost. Its Region has no database until `rejoin`. */
  failover(): Promise<void>;
  /** After a failover: makes the old primary's Region secondary, with the new primary's data. */
  rejoin(): Promise<void>;
  faults: DatabaseFaults;
  /** The servers in their current roles, for proofs and tests. */
  direct: { readonly primary: Address; readonly replica: Address; rootPassword: string };
  stop(): Promise<void>;
}

const database = 'book_reviews';
const randomPassword = () => randomBytes(18).toString('base64url');
export const defaultLimits = { readWaitMs: 30_000, idleTransactionMs: 60_000, maxForwardedSessions: 1000 };

const usersOf = (passwords: GlobalDatabaseOptions['passwords']) => ({
  admin: { user: 'admin', password: passwords?.admin ?? randomPassword() },
  application: { user: 'application', password: passwords?.application ?? randomPassword() },
});

/** @returns the path of a file that holds `pem` until the stop */
async function writeAuthority(pem: string, started: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'book-reviews-database-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'authority.pem');
  await writeFile(file, pem);
  return file;
}

const endpointsOf = ({ region, front }: Side, primary: () => Side): RegionDatabase => ({
  role: () => (region === primary().region ? 'primary' : 'secondary'),
  writerEndpoint: { host: '127.0.0.1', port: front.ports.writer },
  readerEndpoint: { host: '127.0.0.1', port: front.ports.reader },
});

/** Reads the current roles at each use. */
const directly = (primary: () => Side, replica: () => Side, rootPassword: string): GlobalDatabase['direct'] => ({
  get primary() {
    return primary().address;
  },
  get replica() {
    return replica().address;
  },
  rootPassword,
});

/** The servers, their users and the proxies, as the Regions have them at the start. */
async function startSides(options: GlobalDatabaseOptions, rootPassword: string, started: AsyncDisposableStack) {
  const { regions, label } = options;
  const image = await findMysqlImage();
  options.signal?.throwIfAborted();
  const names = [regions.primary, regions.secondary] as const;
  const [first, second] = await startPair({ image, label, regions: names, rootPassword }, started);
  options.signal?.throwIfAborted();

  const users = usersOf(options.passwords);
  const replicator = { user: 'replicator', password: randomPassword() };
  await makeUsers(first.root, database, replicator, users.admin, users.application);
  const certificates = await makeCertificates();
  const certificateAuthorityPem = certificates.certificateAuthority;
  const certificateAuthorityFile = await writeAuthority(certificateAuthorityPem, started);

  const listenHost = await listenHostForContainers();
  const shared = {
    users: { admin: users.admin.password, application: users.application.password },
    rttMs: options.rttMs,
    lagMs: options.lagMs,
    ...defaultLimits,
    ...options.limits,
    primary: first.address,
    serverVersion: String(await askOne(first.root, 'SELECT VERSION()')),
  };
  const openSide = async (server: Server, other: Server, role: 'primary' | 'secondary'): Promise<Side> => {
    const front = await startFront({
      settings: { ...shared, role, local: server.address },
      tls: certificates.server,
      ports: options.ports?.[server.region] ?? { writer: 0, reader: 0 },
      replication: { listenHost, source: other.address },
    });
    started.defer(() => front.stop());
    return { ...server, front, source: { host: thisMachine, port: front.ports.replication } };
  };
  const primary = await openSide(first, second, 'primary');
  const replica = await openSide(second, first, 'secondary');
  await followSource(replica.root, replica.source, replicator);
  await awaitReplica(primary.root, replica.root, 20);
  options.signal?.throwIfAborted();
  return { primary, replica, users, replicator, shared, certificateAuthorityPem, certificateAuthorityFile };
}

/** @throws {Error} if a server or a front does not start. Nothing is left running then. */
export async function startGlobalDatabase(options: GlobalDatabaseOptions): Promise<GlobalDatabase> {
  await using started = new AsyncDisposableStack();
  const rootPassword = randomPassword();
  const sidesAtStart = await startSides(options, rootPassword, started);
  const { users, replicator, shared, certificateAuthorityPem, certificateAuthorityFile } = sidesAtStart;
  let { primary, replica } = sidesAtStart;
  const sampler = sampleLag(() => replica.root);
  started.defer(() => sampler.stop());

  const sides = [primary, replica];
  const changeAll = async (settings: Partial<FrontSettings>) => {
    await Promise.all(sides.map(({ front }) => front.change(settings)));
  };
  const setPassword = async (password: string) => {
    users.application.password = password;
    shared.users.application = password;
    await changeAll({ users: { ...shared.users } });
  };
  // A proxy that has ended has no wire to change.
  const ignoreEnded = () => {};
  const running = started.move();
  let stopped: Promise<void> | undefined;
  return {
    database,
    certificateAuthorityPem,
    certificateAuthorityFile,
    users,
    regions: Object.fromEntries(sides.map((side) => [side.region, endpointsOf(side, () => primary)])),
    replicationLag: () => sampler.lag(),
    resetLag: () => sampler.reset(),
    setRttMs: (rttMs) => changeAll({ rttMs }).catch(ignoreEnded),
    setLagMs: (lagMs) => changeAll({ lagMs }).catch(ignoreEnded),
    setLimits: (limits) => changeAll(limits),
    async switchover({ outageMs = 0 } = {}) {
      await switchOver(primary, replica, replicator, outageMs);
      [primary, replica] = [replica, primary];
    },
    async failover() {
      await failOver(primary, replica);
      [primary, replica] = [replica, primary];
    },
    rejoin: () => rejoin(replica, primary, database, replicator, [users.admin, users.application]),
    faults: databaseFaults({ sides, primary: () => primary, replica: () => replica, setPassword }),
    direct: directly(
      () => primary,
      () => replica,
      rootPassword,
    ),
    stop() {
      stopped ??= running.disposeAsync();
      return stopped;
    },
  };
}
