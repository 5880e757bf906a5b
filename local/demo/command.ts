// The common frame of `npm run demo` and `npm run local`: options, the lock, signals and the exit status.

import { OptionError } from '../../operations/command-line.ts';
import { stateDirectory } from '../state-directory.ts';
import { runUntilSignal, type Scope } from './interruption.ts';
import { LockedError, takeLock } from './lock.ts';

/** The machine lacks something that the command needs. The message says what to do. */
export class CannotRunError extends Error {
  override readonly name = 'CannotRunError';
}

export const say = (line: string) => console.log(line);

/**
 * Sets the exit status: what `run` returns; 0 after the usage; 1 where another run has the lock or the work fails; 2 where
 * the options are wrong; 130 after Ctrl-C or SIGTERM.
 */
export async function runCommand<Options>(
  name: string,
  usage: string,
  parse: (args: string[], environment: NodeJS.ProcessEnv) => Options | null,
  run: (options: Options, scope: Scope) => Promise<number>,
): Promise<void> {
  // A reader may go away, as in `npm run demo | head`, or the terminal may close. Neither may end the run before its clean-up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  let giveBack = () => {};
  try {
    const options = parse(process.argv.slice(2), process.env);
    if (options === null) {
      say(usage);
      return;
    }
    giveBack = takeLock(stateDirectory, `npm run ${name}`);
    process.exitCode = await runUntilSignal((scope) => run(options, scope), say);
  } catch (error) {
    const [status, text] = explained(name, error);
    console.error(text);
    process.exitCode = status;
  } finally {
    giveBack();
  }
}

function explained(name: string, error: unknown): [number, string] {
  if (error instanceof OptionError) return [2, `${name}: ${error.message}\nTry 'npm run ${name} -- --help'.`];
  if (error instanceof LockedError || error instanceof CannotRunError) return [1, `${name}: ${error.message}`];
  return [1, `${name}: ${error instanceof Error ? error.stack : error}`];
}
