import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { OptionError } from '../../../operations/command-line.ts';
import { deployAll } from '../../../operations/deploy/deploy-all.ts';
import { StoppedError } from '../../../operations/deploy/deploy-stack.ts';
import { parseDeployOptions, parseUndeployOptions } from '../../../operations/deploy/options.ts';
import { placeholdersIn, readPair, withOverrides } from '../../../operations/deploy/samconfig.ts';
import { undeployAll } from '../../../operations/deploy/undeploy-all.ts';
import { cloudOfStacks } from '../../support/cloud-of-stacks.ts';
import { parameterOverrides, projectDirectory } from '../../support/template.ts';

const example = readFileSync(join(projectDirectory, 'samconfig.toml'), 'utf8');
/** As somebody fills it in. What the outputs replace stays as it is. */
const filled = example.replaceAll(/(vpc|subnet|rtb)-0+(\d)/g, '$1-0abc$2');
const options = { configFile: 'samconfig.toml', yes: true, replicates: true };
const pair = (withDatabase = true) => readPair(filled, withDatabase);

const allSteps = [
  'deploy database-us-east-1',
  'deploy database-us-east-2',
  'deploy database-us-east-1',
  'build us-east-1',
  'deploy us-east-1',
  // A new version needs its tables at once: until then files stay pending.
  'migrate us-east-1',
  'deploy us-east-2',
  'deploy us-east-1',
  'doctor us-east-1',
  'doctor us-east-2',
];

describe('samconfig.toml', () => {
  it('says the Regions, their roles, the stacks and the parameters', () => {
    const { primary, secondary } = pair();
    expect([primary.region, primary.application.stackName, primary.database?.stackName]).toEqual([
      'us-east-1',
      'book-reviews',
      'book-reviews-database',
    ]);
    expect(secondary.database?.overrides).toContain('Role=secondary');
    const given = readPair(example, true).secondary.application.overrides;
    expect(Object.fromEntries(given.map((one) => one.split(/=(.*)/s)))).toMatchObject(parameterOverrides('us-east-2'));
  });

  it('may have a value with quotes and line breaks in it', () => {
    const line = String.raw`"DatabaseCaPem=\"-----BEGIN CERTIFICATE-----\\nMIIB\"",`;
    const { primary } = readPair(
      filled.replace('"DailySummary=disabled",', `"DailySummary=disabled",\n  ${line}`),
      true,
    );
    expect(primary.application.overrides).toContain(String.raw`DatabaseCaPem="-----BEGIN CERTIFICATE-----\nMIIB"`);
  });

  it.each([
    ['no Region is primary', filled.replace('Role=primary', 'Role=secondary')],
    ['both are primary', filled.replace('Role=secondary', 'Role=primary')],
    ['a Region has no database', filled.replaceAll('database-us-east-2', 'database-us-west-2')],
    ['a list cannot be read', filled.replace('"DailySummary=disabled",', 'DailySummary = disabled')],
    ['there is one Region', filled.replaceAll('[us-east-2.deploy', '[us-east-2.other')],
  ])('is refused where %s', (_, text) => expect(() => readPair(text, true)).toThrow(OptionError));

  it('has placeholders until somebody fills it in', () => {
    expect(placeholdersIn(['VpcId=vpc-00000000000000001', 'A=a.example.com', 'B=vpc-0a1b2c3d4e5f'])).toEqual([
      'VpcId',
      'A',
    ]);
    const calls = cloudOfStacks(readPair(example, true));
    return expect(deployAll(readPair(example, true), options, calls.tools)).rejects.toThrow(/us-east-1: .*VpcId/);
  });

  it('gives way to an output of the same name', () => {
    expect(withOverrides(['A=1', 'B=2'], ['B=3', 'C=4'])).toEqual(['A=1', 'B=3', 'C=4']);
  });
});

describe('npm run deploy', () => {
  it('deploys everything in the order in which each stack needs the others', async () => {
    const { tools, steps } = cloudOfStacks(pair());
    expect(await deployAll(pair(), options, tools)).toBe(true);
    expect(steps()).toEqual(allSteps);
  });

  it("hands each stack's outputs to the next one", async () => {
    const { tools, stacks } = cloudOfStacks(pair());
    await deployAll(pair(), options, tools);
    expect(stacks.get('us-east-1/book-reviews-database')?.parameters).toMatchObject({
      Role: 'primary',
      PeerRegion: 'us-east-2',
      PeerKeyId: 'secret-key-us-east-2',
    });
    for (const [region, peer] of [
      ['us-east-1', 'us-east-2'],
      ['us-east-2', 'us-east-1'],
    ] as const) {
      expect(stacks.get(`${region}/book-reviews`)?.parameters).toMatchObject({
        DatabaseWriterEndpoint: `writer.${region}`,
        DatabaseSecurityGroupId: `sg-${region}`,
        SecretKeyId: `secret-key-${region}`,
        PeerBucketName: `bucket-${peer}`,
        PeerKeyId: `key-${peer}`,
        VpcId: `vpc-0abc${region.at(-1)}`,
      });
    }
  });

  it('has sam ask about each change set, unless --yes is given', async () => {
    for (const yes of [true, false]) {
      const { tools, calls } = cloudOfStacks(pair());
      await deployAll(pair(), { ...options, yes }, tools);
      const deployments = calls.filter(([verb]) => verb === 'deploy');
      expect(deployments.every((args) => args.includes(yes ? '--no-confirm-changeset' : '--confirm-changeset'))).toBe(
        true,
      );
      expect(deployments.every((args) => args.includes('--no-fail-on-empty-changeset'))).toBe(true);
    }
  });

  it.each([...new Set(allSteps.filter((step) => step.startsWith('deploy ')).map((step) => step.slice(7)))])(
    'stops where the change of %s is answered with no, and goes on in the next run',
    async (env) => {
      const { tools, steps, answers, stacks } = cloudOfStacks(pair());
      answers.set(env, 'no');
      await expect(deployAll(pair(), options, tools)).rejects.toThrow(StoppedError);
      expect(steps().at(-1)).toBe(`deploy ${env}`);
      expect(await deployAll(pair(), options, tools)).toBe(true);
      expect(stacks.get('us-east-1/book-reviews')?.parameters).toMatchObject({ PeerBucketName: 'bucket-us-east-2' });
    },
  );

  it('stops where the second change of a stack is answered with no', async () => {
    const { tools, answers, steps } = cloudOfStacks(pair());
    const migrate = async (region: string) => {
      answers.set('us-east-1', 'no');
      return { applied: [], region };
    };
    await expect(deployAll(pair(), options, { ...tools, migrate })).rejects.toThrow(StoppedError);
    expect(steps().at(-1)).toBe('deploy us-east-1');
  });

  it('is not stopped by the change set of an earlier no, where there is nothing to change now', async () => {
    const { tools, answers } = cloudOfStacks(pair());
    await deployAll(pair(), options, tools);
    const changed = readPair(filled.replace('DailySummary=disabled', 'DailySummary=enabled'), true);
    answers.set('us-east-1', 'no');
    await expect(deployAll(changed, options, tools)).rejects.toThrow('was not made');
    expect(await deployAll(pair(), options, tools)).toBe(true);
  });

  it('deletes what a failed creation left, and makes it then', async () => {
    const { tools, answers, calls, steps } = cloudOfStacks(pair());
    answers.set('us-east-2', 'fail');
    await expect(deployAll(pair(), options, tools)).rejects.toThrow('sam deploy ended with status 1');
    calls.length = 0;
    expect(await deployAll(pair(), options, tools)).toBe(true);
    expect(steps()).toEqual([
      'deploy database-us-east-1',
      'deploy database-us-east-2',
      'build us-east-1',
      'deploy us-east-1',
      'migrate us-east-1',
      'delete us-east-2',
      ...allSteps.slice(6),
    ]);
  });

  it('does not touch a stack that somebody else is changing', async () => {
    const { tools, stacks, calls } = cloudOfStacks(pair());
    stacks.set('us-east-1/book-reviews-database', { status: 'UPDATE_IN_PROGRESS', parameters: {}, waiting: [] });
    await expect(deployAll(pair(), options, tools)).rejects.toThrow(/UPDATE_IN_PROGRESS/);
    expect(calls).toEqual([]);
  });

  it('has Migrate run in the other Region after a switchover', async () => {
    const { tools, steps } = cloudOfStacks(pair());
    const errorMessage = 'this Region is secondary: its database takes no DDL, and write forwarding forwards none.';
    const migrate = async (region: string, stackName: string) => {
      const answer = await tools.migrate(region, stackName);
      return region === 'us-east-1' ? { errorType: 'ConfigurationError', errorMessage } : answer;
    };
    expect(await deployAll(pair(), options, { ...tools, migrate })).toBe(true);
    expect(steps().slice(4, 8)).toEqual([
      'deploy us-east-1',
      'migrate us-east-1',
      'deploy us-east-2',
      'migrate us-east-2',
    ]);
  });

  it('stops where Migrate fails, and tells where Doctor finds something', async () => {
    const { tools } = cloudOfStacks(pair());
    const migrate = async () => ({ errorType: 'ConfigurationError' });
    await expect(deployAll(pair(), options, { ...tools, migrate })).rejects.toThrow('Migrate failed');
    const doctor = async (region: string) => region === 'us-east-1';
    expect(await deployAll(pair(), options, { ...tools, doctor })).toBe(false);
  });

  it('leaves the databases out where there is one, and the replication where nobody wants it', async () => {
    const own = readPair(
      filled.replaceAll('.example.com', '.example.org').replaceAll(/(sg|0000-0+)-?0{10,}(\d)/g, '$1-a$2'),
      false,
    );
    const { tools, steps, stacks } = cloudOfStacks(own);
    await deployAll(own, { ...options, replicates: false }, tools);
    expect(steps()).toEqual([...allSteps.slice(3, 7), ...allSteps.slice(8)]);
    const { parameters = {} } = stacks.get('us-east-2/book-reviews') ?? {};
    expect(parameters.DatabaseWriterEndpoint).toBe('writer.us-east-2.example.org');
    expect(parameters).not.toHaveProperty('PeerBucketName');
  });
});

describe('npm run undeploy', () => {
  const removal = [
    'delete us-east-2',
    'delete us-east-1',
    'deploy database-us-east-2',
    'delete database-us-east-2',
    'deploy database-us-east-1',
    'delete database-us-east-1',
  ];

  it('removes all stacks, in the order of docs/deployment.md', async () => {
    const { tools, calls, steps, stacks } = cloudOfStacks(pair());
    await deployAll(pair(), options, tools);
    calls.length = 0;
    await undeployAll(pair(), options, tools);
    expect(steps()).toEqual(removal);
    expect([...stacks.keys()]).toEqual([]);
    const page =
      readFileSync(join(projectDirectory, 'docs/deployment.md'), 'utf8').split('\n## Removing it\n')[1] ?? '';
    const documented = [...page.matchAll(/sam (deploy|delete) --config-env (\S+)/g)].map(
      ([, verb, env]) => `${verb} ${env}`,
    );
    expect(steps()).toEqual(documented);
  });

  it('ends the protection and, with empty values, the replication of the secrets', async () => {
    const { tools, calls } = cloudOfStacks(pair());
    await deployAll(pair(), options, tools);
    calls.length = 0;
    await undeployAll(pair(), options, tools);
    const given = calls
      .filter(([verb]) => verb === 'deploy')
      .map((args) => args.slice(args.indexOf('--parameter-overrides') + 1));
    expect(given).toEqual([
      ['DeletionProtection=false'],
      ["PeerRegion=''", "PeerKeyId=''", 'DeletionProtection=false'],
    ]);
  });

  it('stops where the user says no, and goes on in the next run', async () => {
    const { tools, calls, answers, steps, stacks } = cloudOfStacks(pair());
    await deployAll(pair(), options, tools);
    calls.length = 0;
    answers.set('us-east-1', 'no');
    await expect(undeployAll(pair(), options, tools)).rejects.toThrow(/was not deleted/);
    expect(steps()).toEqual(removal.slice(0, 2));
    answers.clear();
    await undeployAll(pair(), options, tools);
    expect(steps().slice(2)).toEqual(removal.slice(1));
    expect(stacks.size).toBe(0);
  });

  it('does nothing where nothing is', async () => {
    const { tools, calls } = cloudOfStacks(pair());
    await undeployAll(pair(), options, tools);
    expect(calls).toEqual([]);
  });
});

describe('the options', () => {
  it('are few, and each has a default', () => {
    expect(parseDeployOptions([])).toEqual({
      configFile: 'samconfig.toml',
      yes: false,
      hasOwnDatabase: false,
      replicates: true,
    });
    expect(parseUndeployOptions(['--yes', '--own-database'])).toMatchObject({ yes: true, hasOwnDatabase: true });
    expect([parseDeployOptions(['--help']), parseUndeployOptions(['--help'])]).toEqual([null, null]);
    expect(() => parseDeployOptions(['--region', 'x'])).toThrow(OptionError);
    expect(() => parseUndeployOptions(['--no-replication'])).toThrow(OptionError);
  });
});
