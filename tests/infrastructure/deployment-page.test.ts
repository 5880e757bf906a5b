// What docs/deployment.md names is there: config environments, parameters, outputs, functions, scripts, and shell that a shell takes.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readTemplate } from '../../local/template/read-template.ts';
import { projectDirectory, template } from '../support/template.ts';

const read = (path: string) => readFileSync(join(projectDirectory, path), 'utf8');
const page = read('docs/deployment.md');
const samconfig = read('samconfig.toml');
const database = readTemplate(read('database/template.yaml'));
const blocks = [...page.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)].map(([, indent = '', text = '']) =>
  text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
);
const found = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];
const outputsOf = (path: string) => found(read(path).split(/^Outputs:$/m)[1] ?? '', /^ {2}(\w+):$/gm);

describe('docs/deployment.md', () => {
  it('has commands in the syntax of a shell', () => {
    expect(blocks.length).toBeGreaterThan(10);
    for (const block of blocks) execFileSync('bash', ['-n'], { input: block });
  });

  it('deploys, invokes and deletes by config environments of samconfig.toml', () => {
    const named = found(page, /--config-env ([\w-]+)/g);
    expect(named.sort()).toEqual(['database-us-east-1', 'database-us-east-2', 'us-east-1', 'us-east-2']);
    for (const name of named) expect(samconfig).toContain(`[${name}.deploy.parameters]`);
    // `sam remote invoke` and `sam delete` take the stack and the Region from there.
    for (const name of named) expect(samconfig).toContain(`[${name}.global.parameters]`);
  });

  it('names parameters that a template has, and so does samconfig.toml where it comments them out', () => {
    const parameters = Object.keys({ ...template.Parameters, ...database.Parameters });
    const named = [...found(page, /[`"]([A-Z]\w+)=/g), ...found(samconfig, /^ +# "(\w+)=/gm)];
    expect(named).toEqual(
      expect.arrayContaining(['PeerBucketName', 'DeletionProtection', 'DailySummary', 'PeerRegion']),
    );
    expect(named.filter((name) => !parameters.includes(name))).toEqual([]);
  });

  it('reads outputs that the stacks have, and invokes functions that they have', () => {
    const outputs = [...outputsOf('template.yaml'), ...outputsOf('database/template.yaml')];
    const named = [...found(page, /OutputKey=='(\w+)'/g), ...found(page, /output `(\w+)`/g)];
    expect(named).toEqual(expect.arrayContaining(['SecretKeyId', 'ReviewBucketName', 'DashboardUrl', 'DrainCommand']));
    expect(named.filter((name) => !outputs.includes(name))).toEqual([]);
    const functions = found(page, /remote invoke --config-env \S+ (\w+)/g);
    expect(functions).toEqual(['MigrateFunction', 'DailySummaryFunction']);
    for (const name of functions) expect(template.Resources[name]?.Type).toBe('AWS::Serverless::Function');
  });

  it('runs scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = found(page, /npm run ([\w:-]+)/g);
    expect(named).toEqual(expect.arrayContaining(['doctor', 'make-reviews']));
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('gives every command of aws its Region: without one configured, most of them refuse', () => {
    const commands = blocks
      .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
      .flatMap((line) => [...line.matchAll(/\baws [a-z3]+ [a-z].*/g)].map(([command]) => command));
    expect(commands.length).toBeGreaterThan(10);
    expect(commands.filter((command) => !command.includes('--region'))).toEqual([]);
  });

  it('takes a parameter away by giving it an empty value: sam sends the previous value of one that is left out', () => {
    expect(page).not.toMatch(/\btake\b[^.:]*\bout of (its|the) section/);
    const emptied = found(page, /`"(\w+)=''"`/g);
    expect(emptied.sort()).toEqual(['PeerBucketName', 'PeerKeyId', 'PeerRegion']);
    for (const name of emptied) {
      const parameters = [template.Parameters[name], database.Parameters[name]].filter(Boolean);
      expect([name, parameters.map((parameter) => parameter?.Default)]).toEqual([name, parameters.map(() => '')]);
    }
  });
});
