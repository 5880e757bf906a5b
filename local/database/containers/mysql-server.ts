// One MySQL server in a container, with its data in memory.
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { startContainer } from '../start-container.ts';
import { labels, thisStarter } from './starter.ts';

export interface MysqlServer {
  host: string;
  port: number;
  rootPassword: string;
  container: StartedTestContainer;
}

/** The name by which a container reaches this machine. */
export const thisMachine = 'host.docker.internal';

/**
 * An Aurora instance writes redo, and no pages. Its storage makes the pages, without checkpoints that delay writes. To come close, this
 * server has memory for all pages and for the redo log, and writes each page once, as late as possible.
 */
export const storageArguments = [
  '--innodb-buffer-pool-size=1G',
  '--innodb-redo-log-capacity=1G',
  '--innodb-max-dirty-pages-pct=99',
  '--innodb-max-dirty-pages-pct-lwm=90',
  '--innodb-adaptive-flushing=OFF',
  '--innodb-doublewrite=OFF',
];

const serverArguments = (serverId: number, name: string) => [
  '--gtid-mode=ON',
  '--enforce-gtid-consistency=ON',
  '--log-bin=binlog',
  '--log-replica-updates=ON',
  // The rows of a batch fit, so they do not go through a file on their way to the log.
  '--binlog-cache-size=4M',
  '--replica-preserve-commit-order=ON',
  '--session-track-gtids=OWN_GTID',
  '--max-allowed-packet=64M',
  '--max-connections=500',
  '--mysqlx=OFF',
  ...storageArguments,
  '--skip-name-resolve',
  '--binlog-expire-logs-seconds=86400',
  `--server-id=${serverId}`,
  `--report-host=${name}`,
];

export interface ServerOptions {
  image: string;
  label: string;
  /** A number from 1 on, different for each server of a pair. */
  serverId: number;
  name: string;
  rootPassword: string;
}

/** @returns the server when it accepts connections. If that fails, it removes the container. */
export async function startMysqlServer({
  image,
  label,
  serverId,
  name,
  rootPassword,
}: ServerOptions): Promise<MysqlServer> {
  const container = new GenericContainer(image)
    .withEnvironment({ MYSQL_ROOT_PASSWORD: rootPassword })
    .withCommand(serverArguments(serverId, name))
    .withTmpFs({ '/var/lib/mysql': 'rw' })
    .withLabels({ [labels.project]: label, [labels.starter]: thisStarter() })
    .withExtraHosts([{ host: thisMachine, ipAddress: 'host-gateway' }])
    .withExposedPorts(3306)
    // The official image first starts a server without a port, for its set-up.
    .withWaitStrategy(Wait.forLogMessage(/ready for connections.*port: 3306/))
    .withStartupTimeout(90_000)
    // removeLeftovers cleans up after a crash. The library's own way needs one more image.
    .withAutoCleanup(false);
  publishOnLoopback(container);
  const started = await startContainer(container);
  return { host: '127.0.0.1', port: started.getMappedPort(3306), rootPassword, container: started };
}

/** The library publishes ports on all addresses of the machine, and has no option for one address. This reaches its request. */
function publishOnLoopback(container: GenericContainer): void {
  const { hostConfig } = container as unknown as { hostConfig: { PortBindings?: object } };
  hostConfig.PortBindings = { '3306/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] };
}
