// Reads from samconfig.toml the stacks that `npm run deploy` makes. It reads only the form of this project's file: a section per
// config environment, and `parameter_overrides` as a list with one text per line.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { OptionError } from '../command-line.ts';
import type { DeployCommandOptions } from './options.ts';

/** A text `Name=value`, as sam takes it after --parameter-overrides. The value may contain quotes. */
export type Override = string;

export interface StackConfig {
  configEnv: string;
  region: string;
  stackName: string;
  overrides: Override[];
}

/** The stacks of one Region. */
export interface RegionConfig {
  region: string;
  /** Undefined if somebody else provides the database. */
  database: StackConfig | undefined;
  application: StackConfig;
}

export interface Pair {
  primary: RegionConfig;
  secondary: RegionConfig;
}

export const nameOf = (override: Override): string => override.slice(0, override.indexOf('='));

/** `given`, with those of `others` that have other names in front. */
export const withOverrides = (others: Override[], given: Override[]): Override[] => [
  ...others.filter((other) => !given.some((one) => nameOf(one) === nameOf(other))),
  ...given,
];

/** The two Regions of a file, and its whole path. @throws as `readPair`. @throws {Error} if the file cannot be read */
export function openPair(options: Pick<DeployCommandOptions, 'configFile' | 'hasOwnDatabase'>): {
  pair: Pair;
  configFile: string;
} {
  const configFile = resolve(options.configFile);
  return { pair: readPair(readFileSync(configFile, 'utf8'), !options.hasOwnDatabase), configFile };
}

/**
 * The two Regions. The primary is the one whose database section says `Role=primary`. Without databases it is the Region
 * of the first section.
 * @throws {OptionError} if the file does not say enough
 */
export function readPair(text: string, withDatabase: boolean): Pair {
  const names = [...text.matchAll(/^\[([\w-]+)\.deploy\.parameters\]$/gm)].map(([, name = '']) => name);
  const regions = names
    .filter((name) => !name.startsWith('database-'))
    .map((name) => readRegion(text, name, withDatabase));
  const roleOf = ({ database }: RegionConfig) => database?.overrides.find((one) => one.startsWith('Role='));
  const [first, second, ...more] = regions;
  if (!first || !second || more.length > 0) throw new OptionError('samconfig.toml must have sections of two Regions');
  const primary = withDatabase ? regions.find((one) => roleOf(one) === 'Role=primary') : first;
  const secondary = regions.find((one) => one !== primary);
  if (!primary || !secondary || (withDatabase && roleOf(secondary) !== 'Role=secondary')) {
    throw new OptionError(
      'samconfig.toml must say Role=primary in one section of a database, and Role=secondary in the other',
    );
  }
  return { primary, secondary };
}

const readRegion = (text: string, configEnv: string, withDatabase: boolean): RegionConfig => {
  const application = readStack(text, configEnv);
  const database = withDatabase ? readStack(text, `database-${configEnv}`) : undefined;
  return { region: application.region, database, application };
};

function readStack(text: string, configEnv: string): StackConfig {
  const global = sectionOf(text, `${configEnv}.global.parameters`);
  const settingOf = (name: string) => global.match(new RegExp(`^${name} = "(.+)"$`, 'm'))?.[1];
  const [region, stackName] = [settingOf('region'), settingOf('stack_name')];
  const list = sectionOf(text, `${configEnv}.deploy.parameters`).match(/^parameter_overrides = \[\n(.*?)^\]/ms)?.[1];
  if (region === undefined || stackName === undefined || list === undefined) {
    throw new OptionError(`samconfig.toml must say region, stack_name and parameter_overrides for ${configEnv}`);
  }
  return { configEnv, region, stackName, overrides: textsOf(list, configEnv) };
}

const sectionOf = (text: string, name: string) => text.split(`[${name}]\n`)[1]?.split(/^\[/m)[0] ?? '';

/** Texts in double quotes have the same escapes in TOML and JSON. */
function textsOf(list: string, configEnv: string): string[] {
  const lines = list.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const quoted = line.match(/^("(?:[^"\\]|\\.)*"),?(?:\s*#.*)?$/)?.[1];
      if (quoted === undefined) throw new OptionError(`samconfig.toml, ${configEnv}: cannot read the line ${line}`);
      return JSON.parse(quoted) as string;
    });
}

/** Placeholders that nobody has replaced yet: hosts that end in .example.com and ids with many zeros. */
export const placeholdersIn = (overrides: Override[]): string[] =>
  overrides.filter((one) => /-0{10,}\d|\.example\.com\b/.test(one)).map(nameOf);
