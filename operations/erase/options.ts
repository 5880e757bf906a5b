// The options of `npm run erase`.
import { OptionError, parseFlags } from '../command-line.ts';
import { peerRegionOf, type RegionChoice, regionChoice, regionFlags, regionUsage } from '../region-access.ts';

export interface EraseOptions extends RegionChoice {
  peerRegion: string;
  reviewerId: string;
  dryRun: boolean;
  yes: boolean;
  json: boolean;
}

export const eraseUsage = `Usage: npm run erase -- --region REGION --reviewer ID [options]

Deletes a reviewer's rows in the database of both Regions, and proves it by a second search in each. Then it lists what still
contains the reviewer: files, older versions of them, rejected records and backups, and until when. It may be repeated.

${regionUsage}
  --peer-region REGION the other Region (us-east-1 and us-east-2 know each other)
  --reviewer ID        the reviewer's id, exactly as in the column reviewer_id
  --dry-run            find the rows and list the rest, and delete nothing
  --yes                do not ask
  --json               print the list as JSON
  --help               this text
`;

/** @returns null if the user only asked for the usage. @throws {OptionError} */
export function parseEraseOptions(args: string[]): EraseOptions | null {
  const values = parseFlags(args, {
    ...regionFlags,
    'peer-region': { type: 'string' },
    reviewer: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  if (values.help) return null;
  const choice = regionChoice(values);
  const length = Array.from(values.reviewer ?? '').length;
  if (length < 1 || length > 64) throw new OptionError('--reviewer takes an id of 1 to 64 characters');
  return {
    ...choice,
    peerRegion: peerRegionOf(choice.region, values['peer-region']),
    reviewerId: values.reviewer ?? '',
    dryRun: values['dry-run'],
    yes: values.yes,
    json: values.json,
  };
}
