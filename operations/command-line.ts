// Reads the options of a command line, in the same way for every command of this project.
import { parseArgs } from 'node:util';

type Flags = NonNullable<Parameters<typeof parseArgs>[0]>['options'];

/** The command line is wrong, or it names something that does not exist. The message says which. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** @throws {OptionError} for an unknown flag, a missing value or an argument without a flag */
export function parseFlags<const Options extends NonNullable<Flags>>(args: string[], options: Options) {
  try {
    return parseArgs({ args, options, allowPositionals: false }).values;
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

/** As `parseFlags`, and also returns the arguments without a flag. @throws {OptionError} */
export function parseFlagsAndArguments<const Options extends NonNullable<Flags>>(args: string[], options: Options) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

/** @throws {OptionError} unless `text` is a whole number from `least` to `most` */
export function wholeNumber(name: string, text: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw new OptionError(`${name} takes a whole number ${range}, not '${text}'`);
}

/** @throws {OptionError} unless `text` has the form of a Region's name. Only the form: new Regions appear. */
export function regionName(text: string | undefined): string {
  if (text !== undefined && /^[a-z]+(-[a-z]+)+-\d$/.test(text)) return text;
  throw new OptionError('--region takes the name of a Region, such as us-east-1');
}

/** Prints why the command `name` ends, and sets the exit status: 2 for a wrong command line, 1 for anything else. */
export function reportFailure(name: string, error: unknown): void {
  const isUsage = error instanceof OptionError;
  console.error(`${name}: ${(error as Error).message}${isUsage ? `\nTry 'npm run ${name} -- --help'.` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}
