// Finds the SAM CLI where local/setup/sam-cli.sh looks for it and puts it.
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const isExecutable = (file: string) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Absolute path of `sam`: a user's own first, then the one that set-up installed; undefined where there is none. */
export function findSamCli(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const directories = (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  directories.push(join(cache, 'book-reviews-local/sam/bin'));
  return directories.map((directory) => join(directory, 'sam')).find(isExecutable);
}
