// Two Regions of the emulated AWS with the local database behind them, and what a person has before the first command of
// docs/deployment.md: a network in each Region, its ids in samconfig.toml.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { type GlobalDatabase, removeLeftovers, startGlobalDatabase } from '../../local/database/global-database.ts';
import type { Scope } from '../../local/demo/interruption.ts';
import { type DatabaseAccess, withDatabase } from '../../local/demo/rows.ts';
import { openContainerDoor } from '../../local/sam/container-door.ts';
import { architecture } from '../../local/sam/lambda-image.ts';
import { environmentsDirectory } from '../../local/sam/sam-cli.ts';
import { findBridge, type Programs } from './can-run.ts';
import { account, type Emulator, endpointsFile, startEmulator } from './emulator.ts';
import { projectDirectory } from './page.ts';
import { openSamconfig, type Samconfig } from './samconfig.ts';
import { openShell, type Shell } from './shell.ts';

export const regions = ['us-east-1', 'us-east-2'] as const;
export type RegionName = (typeof regions)[number];
export const bucketOf = (region: RegionName) => `book-reviews-${account}-${region}`;
export const otherThan = (region: RegionName): RegionName => (region === 'us-east-1' ? 'us-east-2' : 'us-east-1');

export interface Cloud {
  emulator: Emulator;
  shell: Shell;
  samconfig: Samconfig;
  database: GlobalDatabase;
  /** Settings for any client of the SDK; with the root user's credentials unless others are given. */
  client(region: RegionName, credentials?: Credentials): ClientSettings;
  s3(region: RegionName): S3Client;
  /** Name or id that the application's stack gave a resource. */
  physicalId(region: RegionName, logicalId: string): Promise<string>;
  /** What the Region's own endpoint answers to the application's user. */
  query<Row>(region: RegionName, sql: string, values?: unknown[]): Promise<Row[]>;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface ClientSettings {
  region: string;
  endpoint: string;
  credentials: Credentials;
  maxAttempts: number;
  requestHandler: { httpsAgent: Agent };
}

const label = 'book-reviews-cloud';

export async function startCloud(programs: Programs, scope: Scope): Promise<Cloud> {
  await removeLeftovers(label);
  // One directory a checkout, outside of it: SAM copies the whole project when it builds.
  const mark = createHash('sha256').update(projectDirectory).digest('hex').slice(0, 8);
  const directory = join(environmentsDirectory(), `cloud-run-${mark}`);
  await mkdir(directory, { recursive: true });
  // The database first: without a container, the bridge is down and has no address.
  const database = await startDatabase(scope);
  const { emulator, shell, networks } = await startRegions(programs, scope, directory);
  await writeFile(join(directory, endpointsFile), JSON.stringify(endpointsOf(database)));
  const samconfig = openSamconfig(shell.project);
  const httpsAgent = new Agent({ ca: emulator.authority, keepAlive: true });
  const client = (region: RegionName, credentials: Credentials = emulator.credentials): ClientSettings => ({
    region,
    endpoint: emulator.endpoint,
    credentials,
    maxAttempts: 2,
    requestHandler: { httpsAgent },
  });
  const cloud: Cloud = {
    emulator,
    shell,
    samconfig,
    database,
    client,
    s3: (region) => new S3Client({ ...client(region), forcePathStyle: true }),
    async physicalId(region, LogicalResourceId) {
      const answer = await new CloudFormationClient(client(region)).send(
        new DescribeStackResourceCommand({ StackName: 'book-reviews', LogicalResourceId }),
      );
      return answer.StackResourceDetail?.PhysicalResourceId ?? '';
    },
    query: (region, sql, values) => withDatabase(accessTo(database, region), (query) => query(sql, values)),
  };
  for (const network of networks) samconfig.replaceEverywhere(network);
  // The parameter is one word only in quotes, and a line break stands as a backslash and an n.
  const DatabaseCaPem = `\\"${database.certificateAuthorityPem.trimEnd().replaceAll('\n', '\\\\n')}\\n\\"`;
  for (const region of regions) samconfig.set(region, { Architecture: architecture, DatabaseCaPem });
  return cloud;
}

async function startDatabase(scope: Scope): Promise<GlobalDatabase> {
  const database = await scope.use(
    () => startGlobalDatabase({ regions: { primary: regions[0], secondary: regions[1] }, rttMs: 12, lagMs: 0, label }),
    (started) => started.stop(),
  );
  const endpoints = Object.values(database.regions);
  await scope.use(
    () =>
      openContainerDoor(
        endpoints.flatMap(({ writerEndpoint, readerEndpoint }) => [writerEndpoint.port, readerEndpoint.port]),
      ),
    ({ close }) => close(),
  );
  return database;
}

/** The emulator with a network in each Region, and a shell to reach it. */
async function startRegions(programs: Programs, scope: Scope, directory: string) {
  const address = await findBridge();
  const emulator = await scope.use(
    () => startEmulator(programs, address, directory),
    (started) => started.stop(),
  );
  const shell = await openShell(programs, emulator, directory);
  const networks = await Promise.all(regions.map((region, index) => makeNetwork(shell, region, index + 1)));
  return { emulator, shell, networks };
}

/** By Region, as containers reach them. The emulated clusters have these endpoints. */
const endpointsOf = ({ regions }: GlobalDatabase) =>
  Object.fromEntries(
    Object.entries(regions).map(([region, { writerEndpoint, readerEndpoint }]) => [
      region,
      { writer: `host.docker.internal:${writerEndpoint.port}`, reader: `host.docker.internal:${readerEndpoint.port}` },
    ]),
  );

function accessTo(database: GlobalDatabase, region: RegionName): DatabaseAccess {
  const side = database.regions[region];
  if (side === undefined) throw new Error(`the database knows no ${region}`);
  return {
    ...(side.role() === 'primary' ? side.writerEndpoint : side.readerEndpoint),
    ...database.users.application,
    database: database.database,
    certificateAuthorityPem: database.certificateAuthorityPem,
  };
}

/** A network, as the page's "Before" wants it. @returns its ids, by the placeholders that samconfig.toml has for the Region */
async function makeNetwork(shell: Shell, region: RegionName, number: number): Promise<Record<string, string>> {
  const ec2 = async (command: string) =>
    (await shell.run(`aws ec2 ${command} --region ${region} --output text`)).trim();
  const vpc = await ec2('create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId');
  const subnet = (index: number, zone: string) =>
    ec2(
      `create-subnet --vpc-id ${vpc} --cidr-block 10.0.${index}.0/24 --availability-zone ${region}${zone} --query Subnet.SubnetId`,
    );
  const [first, second, table] = await Promise.all([
    subnet(0, 'a'),
    subnet(1, 'b'),
    ec2(`create-route-table --vpc-id ${vpc} --query RouteTable.RouteTableId`),
  ]);
  const zeros = (prefix: string, last: number) => `${prefix}-${'0'.repeat(16)}${last}`;
  return {
    [zeros('vpc', number)]: vpc,
    [zeros('subnet', 2 * number - 1)]: first,
    [zeros('subnet', 2 * number)]: second,
    [zeros('rtb', number)]: table,
  };
}
