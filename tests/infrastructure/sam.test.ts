// What the SAM CLI and cfn-lint say of the template. Where they cannot be had, these tests show as skipped, and
// local/setup/sam-cli.sh has said why.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildFunctions } from '../../local/build/build.ts';
import { readTemplate } from '../../local/template/read-template.ts';
import { cfnLint, samCli, samPython } from '../support/sam.ts';
import { parameterOverrides, projectDirectory, regions } from '../support/template.ts';

const withSam = samCli === undefined ? it.skip : it;
const withCfnLint = cfnLint === undefined ? it.skip : it;
const withTranslator = cfnLint === undefined || samPython === undefined ? it.skip : it;

const minute = 60_000;
const environment = {
  ...process.env,
  // `sam build` looks for esbuild on the PATH; npm's cache makes its installation of the dependencies quick.
  PATH: [join(projectDirectory, 'node_modules/.bin'), process.env.PATH].join(delimiter),
  npm_config_prefer_offline: 'true',
  SAM_CLI_TELEMETRY: '0',
  AWS_DEFAULT_REGION: 'us-east-1',
};

/** What the program printed, on both streams; its own words in the error if it fails. */
async function run(program: string, args: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { cwd: projectDirectory, env: environment });
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`);
  }
}

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'book-reviews-sam-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the SAM CLI', () => {
  withSam.each(regions)(
    'finds the template valid in the config environment %s',
    async (configEnvironment) => {
      const output = await run(samCli as string, ['validate', '--lint', '--config-env', configEnvironment]);
      expect(output).toContain('is a valid SAM Template');
    },
    minute,
  );

  withSam(
    'builds the same bundles as npm run build, and points each function at its own',
    async () => {
      // The maps differ in the paths of the sources: `sam build` bundles a copy of the project in a temporary directory.
      const samDirectory = join(directory, 'sam');
      const build = ['build', '--build-dir', samDirectory, '--cache-dir', join(directory, 'cache')];
      const [built] = await Promise.all([
        buildFunctions({ outDirectory: join(directory, 'own') }),
        run(samCli as string, build),
      ]);
      const { Resources } = readTemplate(await readFile(join(samDirectory, 'template.yaml'), 'utf8'));
      expect(built.length).toBeGreaterThanOrEqual(4);
      for (const { logicalId, file } of built) {
        const [own, sams] = await Promise.all(
          [file, join(samDirectory, logicalId, 'handler.cjs')].map((path) => readFile(path)),
        );
        expect(`${logicalId} ${sams?.equals(own as Buffer)}`).toBe(`${logicalId} true`);
        expect(Resources[logicalId]?.Properties).toMatchObject({ CodeUri: logicalId, Handler: 'handler.handler' });
      }
    },
    5 * minute,
  );
});

describe('cfn-lint', () => {
  withCfnLint.each(['template.yaml', 'database/template.yaml'])(
    'has nothing to say about %s',
    async (path) => {
      expect(await run(cfnLint as string, ['--regions', ...regions, '--template', path])).toBe('');
    },
    minute,
  );

  withTranslator.each(regions)(
    'has nothing to say about what CloudFormation gets in %s',
    async (region) => {
      const overrides = Object.entries(parameterOverrides(region)).map(([name, value]) => `${name}=${value}`);
      const script = join(projectDirectory, 'tests/support/translate-template.py');
      const translated = await run(samPython as string, [script, 'template.yaml', region, ...overrides]);
      const path = join(directory, `${region}.yaml`);
      await writeFile(path, translated);
      expect(await run(cfnLint as string, ['--regions', region, '--template', path])).toBe('');
    },
    minute,
  );
});
