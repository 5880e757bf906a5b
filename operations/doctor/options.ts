// What can be said on the command line of `npm run doctor`.
import { parseArgs } from 'node:util';
import { OptionError } from '../../local/demo/options.ts';

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

/** @returns null where only the usage is asked for. @throws {OptionError} */
export function parseDoctorOptions(args: string[]): DoctorOptions | null {
  const values = parse(args);
  if (values.help) return null;
  if (!values.region || !/^[a-z]+(-[a-z]+)+-\d$/.test(values.region)) {
    throw new OptionError(`--region takes a Region's name such as us-east-1`);
  }
  return { region: values.region, stackName: values['stack-name'], local: values.local };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: false,
      options: {
        region: { type: 'string' },
        'stack-name': { type: 'string', default: 'book-reviews' },
        local: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}
