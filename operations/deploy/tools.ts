// The programs that deploy: the SAM CLI, the AWS CLI and the commands of this project.
import { spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';
import { parseJson } from '../../functions/shared/parse-json.ts';
import { findSamCli } from '../../local/sam/sam-cli.ts';
import { type Ask, askAws } from '../aws-cli.ts';
import { runSam } from '../stack-resources.ts';

export interface Tools {
  /** Runs sam where the user sees it and can answer. @throws {Error} if it fails */
  sam(...args: string[]): Promise<void>;
  /** Questions to AWS in one Region. */
  askIn(region: string): Ask;
  /** Invokes Migrate. @returns its answer. @throws {Error} if sam fails */
  migrate(region: string, stackName: string): Promise<unknown>;
  /** @returns whether all is well */
  doctor(region: string, stackName: string): Promise<boolean>;
  say(text: string): void;
}

const project = resolve(import.meta.dirname, '../..');

/** @throws {Error} if there is no SAM CLI or no AWS CLI */
export function findTools(): Tools {
  const sam = findSamCli();
  if (!sam) throw new Error('the SAM CLI is not there: local/setup/sam-cli.sh installs it');
  askAws('us-east-1');
  return {
    sam: async (...args) => {
      const status = await run(sam, args);
      if (status !== 0) throw new Error(`sam ${args.slice(0, 3).join(' ')} ended with status ${status}`);
    },
    askIn: askAws,
    migrate: async (region, stackName) =>
      parseJson(await runSam(region, stackName, 'remote', 'invoke', 'MigrateFunction', '--event', '{}')),
    doctor: async (region, stackName) => {
      const args = [resolve(project, 'operations/doctor.ts'), '--region', region, '--stack-name', stackName];
      return (await run(process.execPath, args)) === 0;
    },
    say: (text) => console.log(text),
  };
}

/** `sam build` looks for esbuild in the PATH. */
const environment = () => ({
  ...process.env,
  PATH: [resolve(project, 'node_modules/.bin'), process.env.PATH].filter(Boolean).join(delimiter),
});

const run = (program: string, args: string[]): Promise<number> =>
  new Promise((done, fail) => {
    const child = spawn(program, args, { cwd: project, env: environment(), stdio: 'inherit' });
    child.once('error', fail);
    child.once('exit', (code) => done(code ?? 1));
  });
