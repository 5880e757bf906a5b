// All stacks of both Regions, in the order in which each needs the outputs of those before.
import { OptionError } from '../command-line.ts';
import {
  type Deployed,
  deployStack,
  forApplication,
  overrideOf,
  type SamOptions,
  StoppedError,
} from './deploy-stack.ts';
import {
  type Override,
  type Pair,
  placeholdersIn,
  type RegionConfig,
  type StackConfig,
  withOverrides,
} from './samconfig.ts';
import { readStackState } from './stacks.ts';
import type { Tools } from './tools.ts';

export interface DeployOptions extends SamOptions {
  /** Whether each bucket replicates to the other. */
  replicates: boolean;
}

/**
 * @returns whether Doctor finds all well in both Regions
 * @throws {OptionError} for a samconfig.toml that is not filled in. @throws {StoppedError} where the user said no
 */
export async function deployAll(pair: Pair, options: DeployOptions, tools: Tools): Promise<boolean> {
  const { primary, secondary } = pair;
  refusePlaceholders(pair);
  const databases = await deployDatabases(pair, options, tools);

  tools.say('\n== The functions: sam build');
  await tools.sam('build', '--config-file', options.configFile, '--config-env', primary.application.configEnv);

  const deployApplication = async (
    { application }: RegionConfig,
    database: Deployed | undefined,
    peer: Record<string, string> | undefined,
  ) => {
    tools.say(`\n== The application in ${application.region}${peer ? ', with replication to its peer' : ''}`);
    const given = [...(database ? forApplication(database.outputs) : []), ...(peer ? peerOverrides(peer) : [])];
    return deployStack(application, withOverrides(application.overrides, given), options, tools);
  };
  // A stack that exists already keeps its replication: what is left out keeps its value.
  const first = await deployApplication(primary, databases?.primary, undefined);
  const isMigrated = await migrateIn(primary, tools);
  const second = await deployApplication(
    secondary,
    databases?.secondary,
    options.replicates ? first.outputs : undefined,
  );
  if (!isMigrated && !(await migrateIn(secondary, tools))) throw new StoppedError('no Region is primary');
  if (options.replicates) await deployApplication(primary, databases?.primary, second.outputs);

  const verdicts: boolean[] = [];
  for (const { region, application } of [primary, secondary]) {
    tools.say(`\n== Doctor in ${region}`);
    verdicts.push(await tools.doctor(region, application.stackName));
  }
  return verdicts.every(Boolean);
}

/** @returns false where the Region is secondary, as the first one is after a switchover. @throws {StoppedError} where Migrate fails */
async function migrateIn({ region, application }: RegionConfig, tools: Tools): Promise<boolean> {
  tools.say(`\n== The schema, by Migrate in ${region}`);
  const answer = (await tools.migrate(region, application.stackName)) as { applied?: unknown; errorMessage?: string };
  tools.say(JSON.stringify(answer));
  if (Array.isArray(answer.applied)) return true;
  if (answer.errorMessage?.startsWith('this Region is secondary')) return false;
  throw new StoppedError('Migrate failed');
}

/** The peer replicates under its own key and to its own bucket. */
const peerOverrides = (outputs: Record<string, string>): Override[] => [
  overrideOf('PeerBucketName', outputs, 'ReviewBucketName'),
  overrideOf('PeerKeyId', outputs, 'KeyId'),
];

/**
 * The primary comes first, since the secondary joins its global database. It comes again with the secondary's key, which the
 * secrets' replicas are encrypted with. Where that key is known from an earlier run, the primary has it at once.
 */
async function deployDatabases({ primary, secondary }: Pair, options: SamOptions, tools: Tools) {
  const [one, other] = [primary.database, secondary.database];
  if (!one || !other) return undefined;
  const keyOf = (outputs: Record<string, string>) => [
    `PeerRegion=${secondary.region}`,
    overrideOf('PeerKeyId', outputs, 'SecretKeyId'),
  ];
  const deploy = (stack: StackConfig, given: Override[], what: string) => {
    tools.say(`\n== The database in ${stack.region}: ${what}`);
    return deployStack(stack, withOverrides(stack.overrides, given), options, tools);
  };
  const known = await readStackState(tools.askIn(other.region), other);
  const hasKey = known?.outputs.SecretKeyId !== undefined;
  const first = await deploy(
    one,
    known && hasKey ? keyOf(known.outputs) : [],
    'global database, primary cluster, secrets',
  );
  const second = await deploy(other, [], 'secondary cluster');
  const last = hasKey ? first : await deploy(one, keyOf(second.outputs), 'the secrets are replicated');
  return { primary: last, secondary: second };
}

/** Outputs replace some of them. The others would fail only after the databases are made, and paid for. */
function refusePlaceholders({ primary, secondary }: Pair): void {
  const fromOutputs = /^(Database(Writer|Reader)Endpoint|DatabaseSecurityGroupId|SecretKeyId)$/;
  for (const { database, application } of [primary, secondary]) {
    const missing = [
      ...placeholdersIn(application.overrides).filter((name) => !database || !fromOutputs.test(name)),
      ...placeholdersIn(database?.overrides ?? []),
    ];
    if (missing.length === 0) continue;
    const names = [...new Set(missing)].join(', ');
    throw new OptionError(`samconfig.toml still has the example's values for ${application.region}: ${names}`);
  }
}
