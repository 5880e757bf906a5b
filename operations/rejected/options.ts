// The options of `npm run rejected`.
import { parseFlags, wholeNumber } from '../command-line.ts';
import { type RegionChoice, regionChoice, regionFlags, regionUsage } from '../region-access.ts';

export interface RejectedOptions extends RegionChoice {
  file: string | null;
  reason: string | null;
  json: boolean;
  /** Records that are shown at most. */
  limit: number;
}

export const rejectedUsage = `Usage: npm run rejected -- --region REGION [options]

Lists the lines of files that are no reviews, each with its offset in the file and the reason. It changes nothing.

${regionUsage}
  --file KEY           only of this file
  --reason REASON      only of this reason; 'missing' also finds 'missing:asin'
  --json               print one JSON object a record, with the whole line
  --limit N            show N records at the most
  --help               this text
`;

/** @returns null if the user only asked for the usage. @throws {OptionError} */
export function parseRejectedOptions(args: string[]): RejectedOptions | null {
  const values = parseFlags(args, {
    ...regionFlags,
    file: { type: 'string' },
    reason: { type: 'string' },
    json: { type: 'boolean', default: false },
    limit: { type: 'string' },
  });
  if (values.help) return null;
  return {
    ...regionChoice(values),
    file: values.file ?? null,
    reason: values.reason ?? null,
    json: values.json,
    limit: values.limit === undefined ? Number.MAX_SAFE_INTEGER : wholeNumber('--limit', values.limit, 1),
  };
}
