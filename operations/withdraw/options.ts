// The options of `npm run withdraw`.
import { OptionError, parseFlags, wholeNumber } from '../command-line.ts';
import { peerRegionOf, type RegionChoice, regionChoice, regionFlags, regionUsage } from '../region-access.ts';

export interface WithdrawOptions extends RegionChoice {
  peerRegion: string;
  file: string;
  /** Needed if several contents were uploaded under the file's name. */
  sourceId: string | null;
  undo: boolean;
  dryRun: boolean;
  yes: boolean;
  reason: string;
  by: string | null;
  waitSeconds: number;
}

export const withdrawUsage = `Usage: npm run withdraw -- --region REGION --file KEY [options]

Takes the rows of a completed file out of the database, and moves the file to withdrawn/. Then it counts the rows in both
Regions. It may be repeated, also after it was stopped.

${regionUsage}
  --peer-region REGION the other Region (us-east-1 and us-east-2 know each other)
  --file KEY           the file
  --source ID          which content of the file, where several were uploaded under its name
  --undo               put a withdrawn file back, so that it is ingested again
  --dry-run            say what would happen, and change nothing
  --yes                do not ask
  --reason TEXT        for the report: why
  --by NAME            for the report: who
  --wait SECONDS       how long to wait until both Regions show the result (default 120)
  --help               this text
`;

/** @returns null if the user only asked for the usage. @throws {OptionError} */
export function parseWithdrawOptions(args: string[]): WithdrawOptions | null {
  const values = parseFlags(args, {
    ...regionFlags,
    'peer-region': { type: 'string' },
    file: { type: 'string' },
    source: { type: 'string' },
    undo: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
    reason: { type: 'string', default: 'an operator asked for it' },
    by: { type: 'string' },
    wait: { type: 'string', default: '120' },
  });
  if (values.help) return null;
  const choice = regionChoice(values);
  if (!values.file) throw new OptionError('--file takes the key of a file');
  if (values.source !== undefined && !/^[0-9a-f]{32}$/.test(values.source)) {
    throw new OptionError('--source takes an id of 32 hex digits');
  }
  return {
    ...choice,
    peerRegion: peerRegionOf(choice.region, values['peer-region']),
    file: values.file,
    sourceId: values.source ?? null,
    undo: values.undo,
    dryRun: values['dry-run'],
    yes: values.yes,
    reason: values.reason,
    by: values.by ?? null,
    waitSeconds: wholeNumber('--wait', values.wait, 0, 86_400),
  };
}
