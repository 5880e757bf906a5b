// The options of `npm run deploy` and `npm run undeploy`.
import { parseFlags } from '../command-line.ts';

export interface DeployCommandOptions {
  configFile: string;
  yes: boolean;
  hasOwnDatabase: boolean;
  replicates: boolean;
}

const shared = `  --config-file FILE   the configuration of the SAM CLI (default samconfig.toml)
  --own-database       leave the databases' stacks out; the file has the endpoints and secrets of a database that is there
  --yes                do not ask
  --help               this text
`;

export const deployUsage = `Usage: npm run deploy -- [options]

Deploys both Regions: the databases, the application, the schema and the replication between the buckets. Then it asks Doctor. Each
stack's outputs become the next one's parameters. sam shows each change set, and asks. After a failure or a no, run it again: it
goes on from there. Status 0: all is deployed, and all is well.

  --no-replication     the buckets do not replicate to each other
${shared}`;

export const undeployUsage = `Usage: npm run undeploy -- [options]

Removes what 'npm run deploy' made. sam asks before each stack. Buckets, keys, final snapshots and the database's logs stay:
docs/deployment.md says how to remove them.

${shared}`;

const flags = {
  'config-file': { type: 'string', default: 'samconfig.toml' },
  'own-database': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @returns null if the user only asked for the usage. @throws {OptionError} */
export function parseDeployOptions(args: string[]): DeployCommandOptions | null {
  const values = parseFlags(args, { ...flags, 'no-replication': { type: 'boolean', default: false } });
  return values.help ? null : { ...common(values), replicates: !values['no-replication'] };
}

/** @returns null if the user only asked for the usage. @throws {OptionError} */
export function parseUndeployOptions(args: string[]): Omit<DeployCommandOptions, 'replicates'> | null {
  const values = parseFlags(args, flags);
  return values.help ? null : common(values);
}

const common = (values: { 'config-file': string; 'own-database': boolean; yes: boolean }) => ({
  configFile: values['config-file'],
  yes: values.yes,
  hasOwnDatabase: values['own-database'],
});
