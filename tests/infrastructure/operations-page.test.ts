// docs/operations.md is read at three in the morning: what it names has to be there, under that name.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { preprocessInput } from '../../functions/shared/contract.ts';
import { projectDirectory, template } from '../support/template.ts';

const read = (path: string) => readFileSync(join(projectDirectory, path), 'utf8');
const page = read('docs/operations.md');
const found = (pattern: RegExp, text = page) => [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];
const rowsOf = (heading: string) =>
  found(/^\| (?!---)([^|]+?) \|/gm, page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0]).slice(1);

/** What a heading is linked to by. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
const anchorsIn = (text: string) => found(/^#+ (.+)$/gm, text).map(anchorOf);

describe('the operations page', () => {
  it('says of each alarm what to do, and of none that is not there', () => {
    const alarms = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm');
    const rows = rowsOf('Alarms').flatMap((names) => names.split(', '));
    expect(rows.sort()).toEqual(alarms.map(([name]) => name).sort());
  });

  it('names state machines, resources, parameters and outputs as the template does', () => {
    const machines = ['StateMachine', 'DrainMachine'].map((id) => {
      const { Name, StateMachineName } = (template.Resources[id]?.Properties ?? {}) as Record<
        string,
        { 'Fn::Sub': string }
      >;
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation
      return (Name ?? StateMachineName)?.['Fn::Sub'].replace('${AWS::StackName}', 'book-reviews');
    });
    expect(found(/:stateMachine:([a-z-]+)/g).sort()).toEqual(machines.sort());
    expect(found(/`(book-reviews-(?:ingest|drain)[a-z-]*)`/g).every((name) => machines.includes(name))).toBe(true);

    const outputs = found(/^ {2}(\w+):$/gm, read('template.yaml').split('\nOutputs:\n')[1]);
    const known = new Set([...Object.keys(template.Parameters), ...Object.keys(template.Resources), ...outputs]);
    const named = [
      ...found(/`([A-Z][a-z]+(?:[A-Z][A-Za-z0-9]+)+)`/g).filter(
        (name) => !/Error$|^AuroraGlobal|^TooManyRejected$/.test(name),
      ),
      ...found(/--logical-resource-id ([A-Z][A-Za-z]{4,})/g),
      ...found(/sam remote invoke (\w+)/g),
    ];
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('names errors that functions report, and clusters that the database template makes', () => {
    const sources = ['functions/shared/errors.ts', 'functions/postprocess/judge-source.ts'].map(read).join('\n');
    expect(found(/`(\w+Error)`/g).filter((name) => !sources.includes(`'${name}'`))).toEqual([]);
    const database = read('database/template.yaml');
    expect(database).toMatch(/GlobalClusterId:\n {4}Type: String\n {4}Default: book-reviews\n/);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation
    expect(database).toContain("DBClusterIdentifier: !Sub '${GlobalClusterId}-${AWS::Region}'");
    expect(found(/:cluster:([a-z0-9-]+)/g)).toEqual(['book-reviews-us-east-2']);
    expect(found(/--secret-id (\S+?)`?\s/g).filter((name) => !database.includes(`Name: ${name}\n`))).toEqual([]);
  });

  it('gives inputs that Preprocess takes, and options that the commands have', () => {
    const inputs = found(/--input '([^']+)'/g).map((text) => JSON.parse(text.replace('ACCOUNT', '000000000000')));
    expect(inputs.length).toBeGreaterThanOrEqual(3);
    for (const input of inputs) expect(preprocessInput.parse(input)).toEqual(input);
    const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
    expect(found(/npm run ([a-z:-]+)/g).filter((name) => !scripts.includes(name))).toEqual([]);
    const options = found(/npm run reconcile -- ((?:\\\n|[^#`\n])*)/g).flatMap((text) => found(/--([a-z-]+)/g, text));
    const has = (option: string) =>
      new RegExp(`^ +'?${option}'?: \\{ type:`, 'm').test(read('operations/reconcile.ts'));
    expect(new Set(options)).toEqual(new Set(['region', 'bucket', 'function', 'replay', 'file', 'lost-bucket']));
    expect([...options, 'since'].filter((option) => !has(option))).toEqual([]);
  });

  it('has a section for each situation, and links that lead somewhere', () => {
    const anchors = anchorsIn(page);
    for (const situation of [
      'switchover',
      'failover',
      'takeover',
      'failback',
      'reconcile',
      'replay',
      'failed',
      'rejected',
      'drain-that',
      'secret',
      'alarms',
      'three-commands',
    ]) {
      expect([situation, anchors.some((anchor) => anchor.includes(situation))]).toEqual([situation, true]);
    }
    for (const [, file = '', anchor = ''] of page.matchAll(/\]\(([a-z.]*)#([a-z0-9-]+)\)/g)) {
      const targets = file === '' ? anchors : anchorsIn(read(join('docs', file)));
      expect([anchor, targets.includes(anchor)]).toEqual([anchor, true]);
    }
  });

  it('tells of tests that there are', () => {
    const faults = ['tests/faults', 'local/faults'].flatMap((folder) =>
      readdirSync(join(projectDirectory, folder)).map((file) => read(join(folder, file))),
    );
    const section = page.split('\n## What was tried, and what not\n')[1] ?? '';
    const titles = section
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.includes('AWS CLI'))
      .flatMap((line) => found(/`(?:under )?([^`]+)`/g, line.split(' | ')[1]));
    expect(titles.length).toBeGreaterThan(8);
    expect(titles.filter((title) => !faults.some((text) => text.includes(title)))).toEqual([]);
  });
});
