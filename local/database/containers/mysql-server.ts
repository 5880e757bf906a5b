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
 * An instance of Aurora writes redo, and no pages: those are made by its storage, without checkpoints that hold writes up. Here there
 * is memory for all of the pages and of the redo log, and a page is written late, and once.
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
  // A batch's rows fit, and are not written to a file on their way to the log.
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
  /** 1 and up, different for each server of a pair. */
  serverId: number;
  name: string;
  rootPassword: string;
}

/** @returns the server once it takes connections; what it started is removed where that fails. */
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
    // The official image starts a server without a port first, to set itself up.
    .withWaitStrategy(Wait.forLogMessage(/ready for connections.*port: 3306/))
    .withStartupTimeout(90_000)
    // A crash is cleaned up after by removeLeftovers; the library's own way takes one more image.
    .withAutoCleanup(false);
  publishOnLoopback(container);
  const started = await startContainer(container);
  return { host: '127.0.0.1', port: started.getMappedPort(3306), rootPassword, container: started };
}

/** The library publishes on all of the machine's addresses and has no option for one; this is where it keeps the request. */
function publishOnLoopback(container: GenericContainer): void {
  const { hostConfig } = container as unknown as { hostConfig: { PortBindings?: object } };
  hostConfig.PortBindings = { '3306/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] };
}
