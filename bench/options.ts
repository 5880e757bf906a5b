// What can be said on the command line of `npm run bench`.
import { parseArgs } from 'node:util';
import { OptionError } from '../local/demo/options.ts';

export interface BenchOptions {
  /** Where the figures go; none: the table only. */
  jsonFile: string | undefined;
  /** Reviews of one Region. */
  rows: number;
  repeats: number;
  /** Names of scenarios; all where empty. */
  only: string[];
  /** Invocations of DB-processing at once, so processes. */
  sandboxes: number;
}

export const benchUsage = `Usage: npm run bench -- [options]

Measures the pipeline, and what else could bring the same rows into the same servers, in turns on one set-up.

  --json FILE       write all figures to FILE; 'npm run bench:report -- FILE' makes the README's table and plot of them
  --rows N          reviews of one Region (default 300000)
  --repeats N       turns of each scenario (default 3)
  --only NAME,...   these scenarios only
  --sandboxes N     invocations of DB-processing at once, each a process of its own (default 2)
  --help            this text
`;

/** @returns null where only the usage is asked for. @throws {OptionError} */
export function parseBenchOptions(args: string[]): BenchOptions | null {
  const values = parsed(args);
  if (values.help) return null;
  return {
    jsonFile: values.json,
    rows: wholeNumber('--rows', values.rows, 1_000),
    repeats: wholeNumber('--repeats', values.repeats, 1),
    only: values.only === undefined ? [] : values.only.split(','),
    sandboxes: wholeNumber('--sandboxes', values.sandboxes, 1),
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        json: { type: 'string' },
        rows: { type: 'string', default: '300000' },
        repeats: { type: 'string', default: '3' },
        only: { type: 'string' },
        sandboxes: { type: 'string', default: '2' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least) return value;
  throw new OptionError(`${name} takes a whole number from ${least} on, not '${text}'`);
}
