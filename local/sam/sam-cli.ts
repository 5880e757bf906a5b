// Finds the SAM CLI where local/setup/sam-cli.sh looks for it and puts it.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram, pathDirectories } from '../find-program.ts';

/** Where that script makes its virtual environments, in the user's cache. */
export const environmentsDirectory = () =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'book-reviews-local');

/** Absolute path of `sam`: a user's own first, then the one that set-up installed; undefined where there is none. */
export const findSamCli = (): string | undefined =>
  findProgram(['sam'], [...pathDirectories(), join(environmentsDirectory(), 'sam/bin')]);
