// The options of `npm run status`.
import { OptionError, parseFlagsAndArguments, wholeNumber } from '../command-line.ts';
import { type RegionChoice, regionChoice, regionFlags, regionUsage } from '../region-access.ts';

export interface StatusOptions extends RegionChoice {
  /** A key, or what keys begin with; empty: every file. */
  file: string;
  /** Also asks the database how many rows of each file it has. */
  rows: boolean;
  json: boolean;
  /** Reports that are read at most. */
  limit: number;
}

export const statusUsage = `Usage: npm run status -- --region REGION [options] [FILE]

Says what became of the files: where each is, how many of its lines became rows, and why others did not. It changes nothing.
FILE is a file's key, or the beginning of keys. Without it, all files are shown. Status 3: nothing is known of FILE.

${regionUsage}
  --rows               also ask the database how many rows of each file it has
  --json               print JSON
  --limit N            read the newest N reports at the most (default 200)
  --help               this text
`;

/** @returns null if the user only asked for the usage. @throws {OptionError} */
export function parseStatusOptions(args: string[]): StatusOptions | null {
  const { values, positionals } = parseFlagsAndArguments(args, {
    ...regionFlags,
    rows: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    limit: { type: 'string', default: '200' },
  });
  if (values.help) return null;
  if (positionals.length > 1) throw new OptionError('name one file, or the beginning of several');
  return {
    ...regionChoice(values),
    file: positionals[0] ?? '',
    rows: values.rows,
    json: values.json,
    limit: wholeNumber('--limit', values.limit, 1, 100_000),
  };
}
