// What `npm run demo` and `npm run local` have in common around their work: options, the lock, signals, the exit status.
import { runUntilSignal, type Scope } from './interruption.ts';
import { LockedError, takeLock } from './lock.ts';
import { OptionError } from './options.ts';
import { stateDirectory } from './two-regions.ts';

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
  if (error instanceof LockedError) return [1, `${name}: ${error.message}`];
  return [1, `${name}: ${error instanceof Error ? error.stack : error}`];
}
