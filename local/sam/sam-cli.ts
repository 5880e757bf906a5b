// Finds the SAM CLI in the places that local/setup/sam-cli.sh uses.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram, pathDirectories } from '../find-program.ts';

/** Where that script makes its virtual environments, in the user's cache. */
export const environmentsDirectory = () =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'book-reviews-local');

/** Absolute path of `sam`: the user's first, then the one that the set-up installed. Undefined if neither exists. */
export const findSamCli = (): string | undefined =>
  findProgram(['sam'], [...pathDirectories(), join(environmentsDirectory(), 'sam/bin')]);
