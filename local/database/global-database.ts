// A global database on one machine: a MySQL primary and its replica, and in each Region a front that clients reach it by.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from './certificates.ts';
import { askOne, connectAsRoot } from './containers/connect.ts';
import { listenHostForContainers } from './containers/listen-host.ts';
import { startMysqlServer, thisMachine } from './containers/mysql-server.ts';
import { awaitReplica, followSource, forgetInitialisation, makeUsers, type User } from './containers/replication.ts';
import type { Address, FrontSettings } from './front/settings.ts';
import { startFront } from './front/start-front.ts';
import { findMysqlImage } from './image.ts';
import { type ReplicationLag, sampleLag } from './replication-lag.ts';

export { removeLeftovers } from './containers/leftovers.ts';

export interface GlobalDatabaseOptions {
  regions: { primary: string; secondary: string };
  /** Milliseconds from one Region to the other and back. */
  rttMs: number;
  /** Milliseconds that replication takes on top of half a round trip. */
  lagMs: number;
  /** By Region; free ports where absent. */
  ports?: Record<string, { writer: number; reader: number }>;
  /** Of this project: `removeLeftovers` finds a crash's containers by it. */
  label: string;
  /** Made at random where absent. */
  passwords?: { admin: string; application: string };
  /** See FrontSettings. */
  limits?: Partial<Pick<FrontSettings, 'readWaitMs' | 'idleTransactionMs' | 'maxForwardedSessions'>>;
  /** Ends a start that is under way: it removes what it has started and throws. */
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
  /** The same in a file, for clients that want one; removed at stop. */
  certificateAuthorityFile: string;
  users: { admin: User; application: User };
  regions: Record<string, RegionDatabase>;
  replicationLag(): ReplicationLag;
  resetLag(): void;
  setRttMs(rttMs: number): void;
  setLagMs(lagMs: number): void;
  /** Limits of the secondary's write forwarding, for the next command of every session. */
  setLimits(limits: NonNullable<GlobalDatabaseOptions['limits']>): Promise<void>;
  /** The servers themselves, for proofs and tests. */
  direct: { primary: Address; replica: Address; rootPassword: string };
  stop(): Promise<void>;
}

const database = 'book_reviews';
const randomPassword = () => randomBytes(18).toString('base64url');
const defaultLimits = { readWaitMs: 30_000, idleTransactionMs: 60_000, maxForwardedSessions: 1000 };

/** @throws where a server or a front does not start; nothing is left running then. */
export async function startGlobalDatabase(options: GlobalDatabaseOptions): Promise<GlobalDatabase> {
  await using started = new AsyncDisposableStack();
  const { regions, label } = options;
  const image = await findMysqlImage();
  options.signal?.throwIfAborted();

  const rootPassword = randomPassword();
  const startServer = async (serverId: number, name: string) => {
    const server = await startMysqlServer({ image, label, serverId, name, rootPassword });
    started.defer(async () => void (await server.container.stop({ remove: true, removeVolumes: true, timeout: 0 })));
    const root = await connectAsRoot(server);
    started.defer(() => root.end().catch(() => {}));
    await forgetInitialisation(root);
    return { server, root, address: { host: server.host, port: server.port } };
  };
  // Both ends are awaited before a failure of one ends the start, so that neither is missed by the clean-up.
  const [first, second] = await Promise.allSettled([
    startServer(1, regions.primary),
    startServer(2, regions.secondary),
  ]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  options.signal?.throwIfAborted();
  const [primary, replica] = [first.value, second.value];

  const users = {
    admin: { user: 'admin', password: options.passwords?.admin ?? randomPassword() },
    application: { user: 'application', password: options.passwords?.application ?? randomPassword() },
  };
  const replicator = { user: 'replicator', password: randomPassword() };
  await makeUsers(primary.root, database, replicator, users.admin, users.application);

  const listenHost = await listenHostForContainers();
  const certificates = await makeCertificates();
  const folder = await mkdtemp(join(tmpdir(), 'book-reviews-database-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const certificateAuthorityFile = join(folder, 'authority.pem');
  await writeFile(certificateAuthorityFile, certificates.certificateAuthority);

  const shared = {
    users: { admin: users.admin.password, application: users.application.password },
    rttMs: options.rttMs,
    lagMs: options.lagMs,
    ...defaultLimits,
    ...options.limits,
    serverVersion: String(await askOne(primary.root, 'SELECT VERSION()')),
  };
  const startRegion = async (region: string, role: 'primary' | 'secondary') => {
    const [own, other] = role === 'primary' ? [primary, replica] : [replica, primary];
    const front = await startFront({
      settings: { ...shared, role, local: own.address, primary: primary.address },
      tls: certificates.server,
      ports: options.ports?.[region] ?? { writer: 0, reader: 0 },
      replication: { listenHost, source: other.address },
    });
    started.defer(() => front.stop());
    return front;
  };
  const primaryFront = await startRegion(regions.primary, 'primary');
  const secondaryFront = await startRegion(regions.secondary, 'secondary');

  const source = { host: thisMachine, port: secondaryFront.ports.replication };
  await followSource(replica.root, source, replicator);
  await awaitReplica(primary.root, replica.root, 20);
  options.signal?.throwIfAborted();
  const sampler = sampleLag(await connectAsRoot(replica.server));
  started.defer(() => sampler.stop());

  const endpointsOf = (front: typeof primaryFront, role: 'primary' | 'secondary'): RegionDatabase => ({
    role: () => role,
    writerEndpoint: { host: '127.0.0.1', port: front.ports.writer },
    readerEndpoint: { host: '127.0.0.1', port: front.ports.reader },
  });
  const changeAll = async (settings: Partial<FrontSettings>) => {
    await Promise.all([primaryFront.change(settings), secondaryFront.change(settings)]);
  };
  const running = started.move();
  let stopped: Promise<void> | undefined;
  return {
    database,
    certificateAuthorityPem: certificates.certificateAuthority,
    certificateAuthorityFile,
    users,
    regions: {
      [regions.primary]: endpointsOf(primaryFront, 'primary'),
      [regions.secondary]: endpointsOf(secondaryFront, 'secondary'),
    },
    replicationLag: () => sampler.lag(),
    resetLag: () => sampler.reset(),
    setRttMs: (rttMs) => void changeAll({ rttMs }),
    setLagMs: (lagMs) => void changeAll({ lagMs }),
    setLimits: (limits) => changeAll(limits),
    direct: { primary: primary.address, replica: replica.address, rootPassword },
    stop() {
      stopped ??= running.disposeAsync();
      return stopped;
    },
  };
}
