// Finds the SAM CLI, cfn-lint and checkov where local/setup/sam-cli.sh looks for them and puts them.
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'book-reviews-local');
const ownDirectory = join(cache, 'sam/bin');
const pathDirectories = (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');

const isExecutable = (file: string) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const firstIn = (directories: string[], program: string) =>
  directories.map((directory) => join(directory, program)).find(isExecutable);

/** Absolute path of `sam`: a user's own first, then the one that set-up installed. */
export const samCli = firstIn([...pathDirectories, ownDirectory], 'sam');

/** Absolute path of `cfn-lint`: the pinned one only, since each release of it knows other rules. */
export const cfnLint = firstIn([ownDirectory], 'cfn-lint');

/** The Python of that environment, which can import the SAM translator. */
export const samPython = firstIn([ownDirectory], 'python');

/** Absolute path of the pinned `checkov`. */
export const checkov = firstIn([join(cache, 'checkov/bin')], 'checkov');
