// The options of `npm run bench`.
import { parseFlags, wholeNumber } from '../operations/command-line.ts';

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
  /** Files of one review that the scenarios of tiny files upload in a turn. */
  tinyFiles: number;
  /** Files of one review that come at once. */
  burstFiles: number;
}

export const benchUsage = `Usage: npm run bench -- [options]

Measures the pipeline, and what else could bring the same rows into the same servers, in turns on one set-up.

  --json FILE       write all figures to FILE; 'npm run bench:report -- FILE' makes the tables and the plot of docs/performance.md
  --rows N          reviews of one Region (default 300000)
  --repeats N       turns of each scenario (default 3)
  --only NAME,...   these scenarios only
  --sandboxes N     invocations of DB-processing at once, each in one process (default 2)
  --tiny-files N    files of one review a turn (default 5000)
  --burst-files N   files of one review that come at once (default 20000)
  --help            this text
`;

/** @returns null if the user only asked for the usage. @throws {OptionError} */
export function parseBenchOptions(args: string[]): BenchOptions | null {
  const values = parseFlags(args, {
    json: { type: 'string' },
    rows: { type: 'string', default: '300000' },
    repeats: { type: 'string', default: '3' },
    only: { type: 'string' },
    sandboxes: { type: 'string', default: '2' },
    'tiny-files': { type: 'string', default: '5000' },
    'burst-files': { type: 'string', default: '20000' },
    help: { type: 'boolean', default: false },
  });
  if (values.help) return null;
  return {
    jsonFile: values.json,
    rows: wholeNumber('--rows', values.rows, 1_000),
    repeats: wholeNumber('--repeats', values.repeats, 1),
    only: values.only === undefined ? [] : values.only.split(','),
    sandboxes: wholeNumber('--sandboxes', values.sandboxes, 1),
    tinyFiles: wholeNumber('--tiny-files', values['tiny-files'], 1),
    burstFiles: wholeNumber('--burst-files', values['burst-files'], 1),
  };
}
