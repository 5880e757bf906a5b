// The options of `npm run doctor`.
import { parseFlags, regionName } from '../command-line.ts';

export interface DoctorOptions {
  region: string;
  stackName: string;
  /** The Regions of `npm run local` on this machine, in place of AWS. */
  local: boolean;
}

export const doctorUsage = `Usage: npm run doctor -- --region REGION [options]

Says what stands between a deployment and its first file, and what to do about it. It changes nothing. Status 0: all is well.

  --region REGION      the Region to look at
  --stack-name NAME    the application's stack there (default book-reviews); your AWS credentials must be set
  --local              look at the Regions that 'npm run local' runs on this machine instead
  --help               this text
`;

/** @returns null if the user only asked for the usage. @throws {OptionError} */
export function parseDoctorOptions(args: string[]): DoctorOptions | null {
  const values = parseFlags(args, {
    region: { type: 'string' },
    'stack-name': { type: 'string', default: 'book-reviews' },
    local: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
  if (values.help) return null;
  return { region: regionName(values.region), stackName: values['stack-name'], local: values.local };
}
