// Finds the SAM CLI, cfn-lint and checkov where local/setup/sam-cli.sh looks for them and puts them.
import { join } from 'node:path';
import { findProgram } from '../../local/find-program.ts';
import { environmentsDirectory, findSamCli } from '../../local/sam/sam-cli.ts';

const inEnvironment = (environment: string, program: string) =>
  findProgram([program], [join(environmentsDirectory(), environment, 'bin')]);

/** Absolute path of `sam`: a user's own first, then the one that set-up installed. */
export const samCli = findSamCli();

/** Absolute path of `cfn-lint`: the pinned one only, because each release of it knows other rules. */
export const cfnLint = inEnvironment('sam', 'cfn-lint');

/** The Python of that environment, which can import the SAM translator. */
export const samPython = inEnvironment('sam', 'python');

/** Absolute path of the pinned `checkov`. */
export const checkov = inEnvironment('checkov', 'checkov');
