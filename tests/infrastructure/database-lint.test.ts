// What the SAM CLI and cfn-lint say of the database's template beyond what sam.test.ts asks them about both templates.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTemplate } from '../../local/template/read-template.ts';
import { cfnLint, samCli } from '../support/sam.ts';
import { projectDirectory, regions } from '../support/template.ts';

const withSam = samCli === undefined ? it.skip : it;
const withCfnLint = cfnLint === undefined ? it.skip : it;
const minute = 60_000;

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'book-reviews-lint-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("the database's template", () => {
  withSam(
    'is what the config environment of its name deploys',
    async () => {
      const { stdout } = await promisify(execFile)(
        samCli as string,
        ['validate', '--lint', '--config-env', 'database-us-east-1'],
        { cwd: projectDirectory, env: { ...process.env, SAM_CLI_TELEMETRY: '0' } },
      );
      expect(stdout).toMatch(/database\/template\.yaml is a valid SAM Template/);
    },
    minute,
  );

  // Behind a parameter neither is checked.
  withCfnLint.each(['the default', '8.4.mysql_aurora.8.4.8'])(
    'names a version and a class that AWS has: %s',
    async (version) => {
      const text = await readFile(join(projectDirectory, 'database/template.yaml'), 'utf8');
      const { Parameters } = readTemplate(text);
      const engineVersion = version === 'the default' ? String(Parameters.EngineVersion?.Default) : version;
      // The docs and the parameter's own description name it.
      expect(text).toContain(engineVersion);
      const literal = text
        .replaceAll('!Ref EngineVersion', engineVersion)
        .replaceAll('!Ref InstanceClass', String(Parameters.InstanceClass?.Default));
      expect(literal).not.toBe(text);
      const path = join(directory, 'template.yaml');
      await writeFile(path, literal);
      // Without warnings: the parameters are unused now.
      const options = ['--regions', ...regions, '--ignore-checks', 'W', '--template', path];
      const { stdout } = await promisify(execFile)(cfnLint as string, options);
      expect(stdout).toBe('');
    },
    minute,
  );
});
