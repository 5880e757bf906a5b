// `npm run deploy` and `npm run undeploy` as a user runs them, with programs that stand in for sam and aws.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callsIn, writeFakeProgram } from '../../support/fake-program.ts';
import { projectDirectory } from '../../support/template.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'deploy-'));
  const example = readFileSync(join(projectDirectory, 'samconfig.toml'), 'utf8');
  writeFileSync(join(directory, 'filled.toml'), example.replaceAll(/(vpc|subnet|rtb)-0+(\d)/g, '$1-0abc$2'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(projectDirectory, `operations/${command}.ts`), '--config-file', join(directory, 'filled.toml'), ...args],
    { encoding: 'utf8', env: { HOME: directory, PATH: [directory, '/usr/bin', '/bin'].join(delimiter) } },
  );
  return { status, output: stdout + stderr };
}

const stackWith = (outputs: Record<string, string>) => {
  const Outputs = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  return { stdout: JSON.stringify({ Stacks: [{ StackStatus: 'CREATE_COMPLETE', Outputs }] }) };
};
function writePrograms(samDeploy = {}): void {
  writeFakeProgram(directory, 'sam', [
    ['^deploy', samDeploy],
    ['MigrateFunction', { stdout: '{"applied": [], "alreadyApplied": ["0001"], "applicationUser": "unchanged"}' }],
    ['DoctorFunction', { stdout: '{"findings": [{"what": "secret", "ok": true, "seen": "fine"}]}' }],
    ['^list resources', { stdout: '[]' }],
  ]);
  writeFakeProgram(directory, 'aws', [
    [
      'describe-stacks --stack-name book-reviews-database',
      stackWith({ SecretKeyId: 'k', DatabaseWriterEndpoint: 'w' }),
    ],
    ['describe-stacks', stackWith({ ReviewBucketName: 'bucket', KeyId: 'key' })],
    ['list-change-sets', { stdout: '{"Summaries": []}' }],
  ]);
}

describe('npm run deploy', () => {
  it('calls sam and aws as they are called by hand, and has the status of Doctor', () => {
    writePrograms();
    const { status, output } = run('deploy', '--yes');
    // The stack of the fake has no resources, which Doctor finds.
    expect([status, output]).toEqual([1, expect.stringContaining('Doctor says above what is not well.')]);
    expect(output).toContain('"applicationUser":"unchanged"');
    const calls = callsIn(directory);
    const configured = ['--config-file', join(directory, 'filled.toml'), '--config-env'];
    const answers = ['--no-confirm-changeset', '--no-fail-on-empty-changeset', '--parameter-overrides'];
    const deployments = calls.filter(([program, verb]) => program === 'sam' && verb === 'deploy');
    // The key of the secondary's database is known, so the primary's is deployed once.
    expect(deployments.map((call) => call[5])).toEqual([
      'database-us-east-1',
      'database-us-east-2',
      'us-east-1',
      'us-east-2',
      'us-east-1',
    ]);
    for (const call of deployments) expect(call.slice(1, 9)).toEqual(['deploy', ...configured, call[5], ...answers]);
    expect(deployments[0]).toEqual(expect.arrayContaining(['PeerRegion=us-east-2', 'PeerKeyId=k']));
    expect(deployments[4]).toEqual(
      expect.arrayContaining(['DatabaseWriterEndpoint=w', 'SecretKeyId=k', 'PeerBucketName=bucket', 'PeerKeyId=key']),
    );
    expect(calls).toContainEqual(['sam', 'build', ...configured, 'us-east-1']);
  }, 60_000);

  it('stops with the status 1 where sam fails', () => {
    writePrograms({ status: 3 });
    const { status, output } = run('deploy', '--yes');
    expect([status, output]).toEqual([1, expect.stringContaining('ended with status 3')]);
    expect(callsIn(directory).filter(([program]) => program === 'sam')).toHaveLength(1);
  });

  it('names what stands in the way: no program, no file, a wrong option', () => {
    writeFakeProgram(directory, 'sam', []);
    expect(run('deploy')).toEqual({ status: 1, output: expect.stringMatching(/AWS CLI/) });
    expect(run('deploy', '--config-file', join(directory, 'none.toml')).status).toBe(1);
    expect(run('deploy', '--frobnicate')).toEqual({
      status: 2,
      output: expect.stringContaining('npm run deploy -- --help'),
    });
  });
});

describe('npm run undeploy', () => {
  it('has sam delete a stack, and says where the stack is still there', () => {
    writePrograms();
    const { status, output } = run('undeploy', '--yes');
    expect([status, output]).toEqual([
      1,
      expect.stringContaining('the stack book-reviews in us-east-2 was not deleted'),
    ]);
    const deletion = [
      'delete',
      '--config-file',
      join(directory, 'filled.toml'),
      '--config-env',
      'us-east-2',
      '--no-prompts',
    ];
    expect(callsIn(directory)).toContainEqual(['sam', ...deletion]);
  });

  it('ends well where nothing is left', () => {
    const stderr =
      'An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id x does not exist';
    writeFakeProgram(directory, 'sam', []);
    writeFakeProgram(directory, 'aws', [['describe-stacks', { stderr, status: 254 }]]);
    expect(run('undeploy', '--yes')).toEqual({ status: 0, output: expect.stringContaining('All stacks are gone.') });
    expect(callsIn(directory).filter(([program]) => program === 'sam')).toEqual([]);
  });
});
