// The options of `npm run demo` and `npm run local`.

import { statSync } from 'node:fs';
import { pendingPrefix } from '../../functions/shared/keys.ts';
import { OptionError, parseFlags, wholeNumber } from '../../operations/command-line.ts';

export const regionNames = { primary: 'us-east-1', secondary: 'us-east-2' } as const;
const regions: readonly string[] = Object.values(regionNames);

/** Ports of the Regions that stay: from base + 10 for the first primary, and from base + 20 for the first secondary. */
export const defaultPortBase = 14300;
const portBaseVariable = 'BOOK_REVIEWS_PORT_BASE';

export interface RegionsOptions {
  /** Round trip between the Regions, milliseconds. */
  rttMs: number;
  /** Additional replication lag, milliseconds. */
  lagMs: number;
  portBase: number;
}

export interface StartOptions extends RegionsOptions {
  /** Whether an upload starts its processing. Otherwise it stays pending until a drain, or for invocations by hand. */
  events: boolean;
}

export interface DemoOptions extends RegionsOptions {
  /** Made records per Region. */
  reviews: number;
  /** Files to ingest instead of made ones, by Region. */
  inputs: Record<string, string[]>;
  jsonFile: string | undefined;
  keep: boolean;
}

const regionsUsage = `  --rtt-ms N           round trip between the Regions in milliseconds (default 12)
  --lag-ms N           replication lag added on top, in milliseconds (default 0)
  --port-base N        fixed ports start here where the Regions stay (default ${defaultPortBase}, or ${portBaseVariable}):
                       N+10 ${regionNames.primary} writer, N+11 reader, N+12 S3, N+13 Secrets Manager; N+20.. ${regionNames.secondary}
  --help               this text
`;

export const demoUsage = `Usage: npm run demo -- [options]

Starts two Regions on this machine, ingests review files in both at once, and proves what became of every line.

  --reviews N          made reviews per Region (default 20000)
  --input REGION=FILE  a real file for a Region instead of made ones; may be given many times
  --json FILE          write the figures and the proofs to FILE as JSON
  --keep               leave both Regions running until Ctrl-C, as npm run local does
${regionsUsage}`;

export const startUsage = `Usage: npm run local -- [options]

Starts two Regions on this machine and leaves them running until Ctrl-C. What is uploaded under ${pendingPrefix} is ingested.

  --no-events          let uploads lie until a drain, to invoke single functions on them with 'sam local invoke'
${regionsUsage}`;

const regionsFlags = {
  'rtt-ms': { type: 'string', default: '12' },
  'lag-ms': { type: 'string', default: '0' },
  'port-base': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** @returns null if the user only asked for the usage. @throws {OptionError} */
export function parseDemoOptions(args: string[], environment: NodeJS.ProcessEnv): DemoOptions | null {
  const values = parseFlags(args, {
    ...regionsFlags,
    reviews: { type: 'string', default: '20000' },
    input: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    keep: { type: 'boolean', default: false },
  });
  if (values.help) return null;
  return {
    ...regionsOptions(values, environment),
    reviews: wholeNumber('--reviews', values.reviews, 1, 50_000_000),
    inputs: inputsByRegion(values.input),
    jsonFile: values.json,
    keep: values.keep,
  };
}

/** @returns null if the user only asked for the usage. @throws {OptionError} */
export function parseStartOptions(args: string[], environment: NodeJS.ProcessEnv): StartOptions | null {
  const values = parseFlags(args, { ...regionsFlags, 'no-events': { type: 'boolean', default: false } });
  return values.help ? null : { ...regionsOptions(values, environment), events: !values['no-events'] };
}

function regionsOptions(
  values: { 'rtt-ms': string; 'lag-ms': string; 'port-base'?: string | undefined },
  environment: NodeJS.ProcessEnv,
): RegionsOptions {
  const fromEnvironment = environment[portBaseVariable];
  return {
    rttMs: wholeNumber('--rtt-ms', values['rtt-ms'], 0, 10_000),
    lagMs: wholeNumber('--lag-ms', values['lag-ms'], 0, 600_000),
    portBase:
      values['port-base'] !== undefined || !fromEnvironment
        ? wholeNumber('--port-base', values['port-base'] ?? String(defaultPortBase), 1024, 65_000)
        : wholeNumber(portBaseVariable, fromEnvironment, 1024, 65_000),
  };
}

function inputsByRegion(texts: string[]): Record<string, string[]> {
  const inputs: Record<string, string[]> = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    const region = text.slice(0, Math.max(equals, 0));
    const file = text.slice(equals + 1);
    if (!regions.includes(region) || file === '') {
      throw new OptionError(`--input takes REGION=FILE with a Region of ${regions.join(', ')}, not '${text}'`);
    }
    if (!statSync(file, { throwIfNoEntry: false })?.isFile())
      throw new OptionError(`--input: there is no file '${file}'`);
    inputs[region] = [...(inputs[region] ?? []), file];
  }
  return inputs;
}
