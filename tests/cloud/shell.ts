// Runs commands of the page in a copy of the project, with `aws` and `sam` that reach the emulator only.
import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Programs } from './can-run.ts';
import type { Emulator } from './emulator.ts';
import { projectDirectory } from './page.ts';

export interface Shell {
  /** The copy of the project, whose samconfig.toml may be edited. */
  project: string;
  environment: Record<string, string | undefined>;
  /**
   * Runs the commands one after the other, answers yes to every question, and returns what they print. The variable `account` lives on.
   * @throws {Error} with the end of the output, where a command fails
   */
  run(commands: string): Promise<string>;
}

const left = ['.git', 'node_modules', '.aws-sam', '.state', 'made', 'reports'];

export async function openShell(programs: Programs, emulator: Emulator, directory: string): Promise<Shell> {
  const project = join(directory, 'project');
  await copyProject(project);
  const bin = join(directory, 'bin');
  await mkdir(bin, { recursive: true });
  // AWS CLI 1 sends `aws rds` of us-east-1 to AWS, AWS_ENDPOINT_URL notwithstanding. With the option it does not.
  writeFileSync(join(bin, 'aws'), `#!/bin/sh\nexec "${programs.aws}" --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n`);
  chmodSync(join(bin, 'aws'), 0o755);
  const variables = join(directory, 'variables');
  await rm(variables, { force: true });
  const environment = {
    ...process.env,
    NODE_OPTIONS: undefined,
    PATH: [bin, join(project, 'node_modules/.bin'), dirname(programs.sam), process.env.PATH].join(delimiter),
    SAM_CLI_TELEMETRY: '0',
    npm_config_prefer_offline: 'true',
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_ACCESS_KEY_ID: emulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulator.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '2',
    AWS_CA_BUNDLE: emulator.authoritiesFile,
    REQUESTS_CA_BUNDLE: emulator.authoritiesFile,
    NODE_EXTRA_CA_CERTS: emulator.authoritiesFile,
  };
  return {
    project,
    environment,
    run(commands) {
      // Each program reads ahead, so there are more answers than questions.
      const script = `set -eu -o pipefail
exec < <(yes)
[ ! -e '${variables}' ] || . '${variables}'
${commands}
if [ -n "\${account:-}" ]; then echo "account=$account" > '${variables}'; fi
`;
      return runScript(script, project, environment);
    },
  };
}

/** The cache of `sam build` stays from the last run. */
async function copyProject(project: string): Promise<void> {
  await mkdir(project, { recursive: true });
  for (const name of await readdir(project))
    if (name !== '.aws-sam') await rm(join(project, name), { recursive: true });
  await cp(projectDirectory, project, {
    recursive: true,
    filter: (path) => !left.some((name) => path.endsWith(`/${name}`)) || path === projectDirectory,
  });
  await symlink(join(projectDirectory, 'node_modules'), join(project, 'node_modules'));
}

function runScript(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    let all = '';
    child.stdout.on('data', (part) => {
      printed += part;
      all += part;
    });
    child.stderr.on('data', (part) => {
      all += part;
    });
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(printed);
      else reject(new Error(`status ${status} of\n${script}\n${all.slice(-4000)}`));
    });
  });
}
