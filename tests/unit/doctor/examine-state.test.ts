import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { AwsError } from '../../../operations/aws-cli.ts';
import { actionsAsked, chainNames, examineState } from '../../../operations/doctor/examine-state.ts';
import { projectDirectory, template } from '../../support/template.ts';

const now = new Date('2026-11-26T12:00:00Z');
const queue = 'https://sqs.us-east-1.amazonaws.com/000000000000/uploads';
const deadLetters = `${queue}-dead`;

const resources = [
  ['UploadRule', 'rule'],
  ['FailedFileRule', 'failed-rule'],
  ['UploadQueue', queue],
  ['UploadDeadLetterQueue', deadLetters],
  ['UploadPipe', 'pipe'],
  ['SmallBatchPipe', 'small-batch-pipe'],
  ['StateMachine', 'arn:ingest'],
  ['DrainMachine', 'arn:drain'],
  ['DrainSchedule', 'schedule'],
  ['DailySummarySchedule', '-'],
  ['ExecutionAlarm', 'book-reviews-ExecutionAlarm-1'],
  ['ErrorAlarm', 'book-reviews-ErrorAlarm-2'],
].map(([LogicalResourceId = '', PhysicalResourceId = '']) => ({ LogicalResourceId, PhysicalResourceId }));

/** What AWS answers in a healthy Region, by the words of the command up to its first flag, and for a queue with its address. */
const healthy: Record<string, unknown> = {
  'events describe-rule': { State: 'ENABLED' },
  'events list-targets-by-rule': { Targets: [{ Id: 'UploadQueue' }] },
  [`sqs get-queue-attributes ${queue}`]: {
    Attributes: { ApproximateNumberOfMessages: '2', ApproximateNumberOfMessagesNotVisible: '1' },
  },
  [`sqs get-queue-attributes ${deadLetters}`]: {
    Attributes: { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' },
  },
  'cloudwatch get-metric-statistics': { Datapoints: [{ Timestamp: '2026-11-26T11:59:00Z', Maximum: 3 }] },
  'pipes describe-pipe': { CurrentState: 'RUNNING', DesiredState: 'RUNNING' },
  'stepfunctions describe-state-machine': { status: 'ACTIVE' },
  'scheduler get-schedule': { State: 'ENABLED' },
  'cloudwatch describe-alarms': { MetricAlarms: [] },
};

async function findingsWith(changed: Record<string, unknown> = {}, of = resources) {
  const answers = { ...healthy, ...changed };
  const ask = async (...command: string[]) => {
    const words = command.slice(0, 2).join(' ');
    const address = command[command.indexOf('--queue-url') + 1] ?? '';
    const answer = answers[words.startsWith('sqs') ? `${words} ${address}` : words];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return examineState(of, ask, now);
}
const wrongWith = async (...given: Parameters<typeof findingsWith>) =>
  (await findingsWith(...given)).filter(({ ok }) => ok !== true);

describe('the way from an upload to the state machine', () => {
  it('is ok where each part is there and at work', async () => {
    const findings = await findingsWith();
    expect(findings.map(({ what, ok }) => [what, ok])).toEqual(chainNames.map((what) => [what, true]));
    expect(findings.find(({ what }) => what === 'queue')?.seen).toBe('3 messages, the oldest 3 s old');
  });

  it.each([
    ['rule', 'events describe-rule', { State: 'DISABLED' }, 'DISABLED'],
    ['rule', 'events list-targets-by-rule', { Targets: [] }, 'no target'],
    ['pipe', 'pipes describe-pipe', { CurrentState: 'STOPPED', DesiredState: 'STOPPED' }, 'STOPPED'],
    [
      'pipe',
      'pipes describe-pipe',
      { CurrentState: 'START_FAILED', DesiredState: 'RUNNING', StateReason: 'the role may not receive' },
      'START_FAILED, wanted RUNNING: the role may not receive',
    ],
    ['queue', 'cloudwatch get-metric-statistics', { Datapoints: [{ Timestamp: 'x', Maximum: 301 }] }, '301 s'],
    [
      'dead letters',
      `sqs get-queue-attributes ${deadLetters}`,
      { Attributes: { ApproximateNumberOfMessages: '4', ApproximateNumberOfMessagesNotVisible: '0' } },
      '4 messages',
    ],
    ['state machine', 'stepfunctions describe-state-machine', { status: 'DELETING' }, 'DELETING'],
    ['drain schedule', 'scheduler get-schedule', { State: 'DISABLED' }, 'DISABLED'],
    [
      'alarms',
      'cloudwatch describe-alarms',
      { MetricAlarms: [{ AlarmName: 'book-reviews-ErrorAlarm-2', StateUpdatedTimestamp: '2026-11-26T11:00:00Z' }] },
      'ErrorAlarm',
    ],
  ])('is not ok in the %s where %s answers %j', async (what, command, answer, seen) => {
    const found = await wrongWith({ [command]: answer });
    expect(found[0]).toMatchObject({ what, ok: false, seen: expect.stringContaining(seen) });
    expect(found[0]?.advice).toMatch(/\.$/);
    // The same question is asked about both machines, rules and pipes.
    expect(found).toHaveLength(['state machine', 'rule', 'pipe'].includes(what) ? 2 : 1);
  });

  it('is not ok where a part is in the template only, in neither, or was deleted by hand', async () => {
    const without = resources.map((one) =>
      one.LogicalResourceId === 'UploadPipe' ? { ...one, PhysicalResourceId: '-' } : one,
    );
    expect(await wrongWith({}, without)).toMatchObject([{ what: 'pipe', ok: false, seen: 'not in the stack' }]);
    const missing = (await wrongWith({}, [])).map(({ what }) => what);
    const machines = ['state machine', 'drain machine'];
    const pipes = ['pipe', 'pipe for long keys'];
    expect(missing).toEqual(['rule', 'failed file rule', 'queue', 'dead letters', ...pipes, ...machines, 'alarms']);
    const gone = new AwsError('ResourceNotFoundException', 'describe-pipe', 'Pipe pipe does not exist');
    expect(await wrongWith({ 'pipes describe-pipe': gone })).toMatchObject([
      { what: 'pipe', ok: false, seen: expect.stringContaining('ResourceNotFoundException') },
      { what: 'pipe for long keys', ok: false },
    ]);
  });

  it('says what a disabled rule keeps from happening, of each rule', async () => {
    const found = await wrongWith({ 'events describe-rule': { State: 'DISABLED' } });
    expect(found.map(({ what, advice }) => [what, advice?.match(/(Uploads|Nobody) .*/)?.[0]])).toEqual([
      ['rule', 'Uploads wait for the next drain until then.'],
      ['failed file rule', 'Nobody is told of failed files until then.'],
    ]);
  });

  it('says that there is no schedule if the parameters turn it off, and judges one that exists', async () => {
    const found = await findingsWith();
    expect(found.find(({ what }) => what === 'summary schedule')).toMatchObject({ ok: true, seen: 'none' });
  });

  it('cannot be told where the caller lacks a permission, and the permission is named', async () => {
    const denied = new AwsError('AccessDeniedException', 'DescribePipe', 'not authorized');
    expect(await wrongWith({ 'pipes describe-pipe': denied })).toMatchObject([
      { what: 'pipe', ok: null, seen: 'AccessDeniedException', advice: expect.stringContaining('pipes:DescribePipe') },
      { what: 'pipe for long keys', ok: null },
    ]);
  });

  it('takes a queue without a recent measurement of its age for young', async () => {
    expect(await wrongWith({ 'cloudwatch get-metric-statistics': { Datapoints: [] } })).toEqual([]);
  });

  it('asks only for what docs/deployment.md has the caller allowed', () => {
    const page = readFileSync(join(projectDirectory, 'docs/deployment.md'), 'utf8');
    const section = page.split('`npm run doctor` needs these permissions')[1]?.split('\n## ')[0] ?? '';
    const listed = [...section.matchAll(/`((?:\w+):[A-Z]\w+)`/g)].map(([, action]) => action);
    expect(actionsAsked.length).toBeGreaterThan(7);
    for (const action of actionsAsked) expect(listed).toContain(action);
  });

  it('looks at parts that the template has', () => {
    for (const { LogicalResourceId } of resources) {
      expect([LogicalResourceId, LogicalResourceId in template.Resources]).toEqual([LogicalResourceId, true]);
    }
  });
});
