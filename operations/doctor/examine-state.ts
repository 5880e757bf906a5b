// Checks the parts that bring uploads to the state machine: the state of each, as AWS tells it to the caller.
import { type Finding, fine, unknown, wrong } from '../../functions/doctor/finding.ts';
import { type Ask, AwsError } from '../aws-cli.ts';
import type { StackResource } from '../stack-resources.ts';

/** The pipe takes a message within seconds. If one waits longer than this, nobody takes it. */
const oldestSeconds = 300;
const redeploy = 'Deploy this version: sam build && sam deploy.';
const restore = 'The template has it at work: find out who changed it, then put it back or deploy the stack again.';

interface Part {
  what: string;
  logicalId: string;
  /** What the caller must be allowed to do. */
  actions: string[];
  /** A parameter can leave it out. */
  isOptional?: boolean;
  examine(ask: Ask, id: string, now: Date): Promise<Finding>;
}

const inState = (what: string, state: string, wanted: string, advice = restore) =>
  state === wanted ? fine(what, wanted) : wrong(what, state, advice);

/** `meanwhile` says what happens to events that the rule does not see. */
const rule = (what: string, meanwhile: string) => async (ask: Ask, name: string) => {
  const { State } = (await ask('events', 'describe-rule', '--name', name)) as { State: string };
  if (State === 'DISABLED') return wrong(what, State, `${restore} ${meanwhile}`);
  const { Targets = [] } = (await ask('events', 'list-targets-by-rule', '--rule', name)) as { Targets?: unknown[] };
  return Targets.length > 0 ? fine(what, State) : wrong(what, `${State}, but it has no target`, restore);
};

const pipe =
  (what: string) =>
  async (ask: Ask, name: string): Promise<Finding> => {
    const answer = (await ask('pipes', 'describe-pipe', '--name', name)) as {
      CurrentState: string;
      DesiredState?: string;
      StateReason?: string;
    };
    const { CurrentState, DesiredState = 'RUNNING', StateReason } = answer;
    if (CurrentState === 'RUNNING') return fine(what, CurrentState);
    const wanted = DesiredState === CurrentState ? '' : `, wanted ${DesiredState}`;
    const seen = `${CurrentState}${wanted}${StateReason ? `: ${StateReason}` : ''}`;
    const advice = `Mend what the reason says, then: aws pipes start-pipe --name ${name}. Uploads wait in the queue until then.`;
    return wrong(what, seen, advice);
  };

/** Messages that wait or are being handed over. */
async function depthOf(ask: Ask, url: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
  const { Attributes } = (await ask(
    'sqs',
    'get-queue-attributes',
    '--queue-url',
    url,
    '--attribute-names',
    ...names,
  )) as {
    Attributes: Record<string, string>;
  };
  return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

/** Seconds, the most of the last ten minutes; 0 where SQS has reported none. */
async function ageOf(ask: Ask, url: string, now: Date): Promise<number> {
  const start = new Date(now.getTime() - 600_000);
  const { Datapoints = [] } = (await ask(
    ...[
      'cloudwatch',
      'get-metric-statistics',
      '--namespace',
      'AWS/SQS',
      '--metric-name',
      'ApproximateAgeOfOldestMessage',
    ],
    ...['--dimensions', `Name=QueueName,Value=${url.split('/').at(-1)}`, '--statistics', 'Maximum', '--period', '60'],
    ...['--start-time', start.toISOString(), '--end-time', now.toISOString()],
  )) as { Datapoints?: { Timestamp: string; Maximum: number }[] };
  const newest = Datapoints.toSorted((a, b) => a.Timestamp.localeCompare(b.Timestamp)).at(-1);
  return newest?.Maximum ?? 0;
}

async function queue(ask: Ask, url: string, now: Date): Promise<Finding> {
  const [depth, age] = [await depthOf(ask, url), await ageOf(ask, url, now)];
  if (depth === 0) return fine('queue', 'empty');
  const seen = `${depth} messages, the oldest ${age} s old`;
  const advice =
    'The pipe does not take them: see pipe. What waits longer than the pipe is at work ends in the dead letters.';
  return age > oldestSeconds ? wrong('queue', seen, advice) : fine('queue', seen);
}

async function deadLetters(ask: Ask, url: string): Promise<Finding> {
  const depth = await depthOf(ask, url);
  if (depth === 0) return fine('dead letters', 'none');
  const advice =
    'Start a drain: it takes up the files that these messages name. Then read a message for its error, and purge the queue.';
  return wrong('dead letters', `${depth} messages`, advice);
}

const machine = (what: string) => async (ask: Ask, arn: string) => {
  const { status } = (await ask('stepfunctions', 'describe-state-machine', '--state-machine-arn', arn)) as {
    status: string;
  };
  return inState(what, status, 'ACTIVE', redeploy);
};

const schedule = (what: string) => async (ask: Ask, name: string) => {
  const { State } = (await ask('scheduler', 'get-schedule', '--name', name)) as { State: string };
  return inState(what, State, 'ENABLED');
};

const ruleActions = ['events:DescribeRule', 'events:ListTargetsByRule'];
const describeMachine = ['states:DescribeStateMachine'];
const parts: Part[] = [
  {
    what: 'rule',
    logicalId: 'UploadRule',
    actions: ruleActions,
    examine: rule('rule', 'Uploads wait for the next drain until then.'),
  },
  {
    what: 'failed file rule',
    logicalId: 'FailedFileRule',
    actions: ruleActions,
    examine: rule('failed file rule', 'Nobody is told of failed files until then.'),
  },
  {
    what: 'queue',
    logicalId: 'UploadQueue',
    actions: ['sqs:GetQueueAttributes', 'cloudwatch:GetMetricStatistics'],
    examine: queue,
  },
  {
    what: 'dead letters',
    logicalId: 'UploadDeadLetterQueue',
    actions: ['sqs:GetQueueAttributes'],
    examine: deadLetters,
  },
  { what: 'pipe', logicalId: 'UploadPipe', actions: ['pipes:DescribePipe'], examine: pipe('pipe') },
  {
    what: 'pipe for long keys',
    logicalId: 'SmallBatchPipe',
    actions: ['pipes:DescribePipe'],
    examine: pipe('pipe for long keys'),
  },
  { what: 'state machine', logicalId: 'StateMachine', actions: describeMachine, examine: machine('state machine') },
  { what: 'drain machine', logicalId: 'DrainMachine', actions: describeMachine, examine: machine('drain machine') },
  {
    what: 'drain schedule',
    logicalId: 'DrainSchedule',
    actions: ['scheduler:GetSchedule'],
    isOptional: true,
    examine: schedule('drain schedule'),
  },
  {
    what: 'summary schedule',
    logicalId: 'DailySummarySchedule',
    actions: ['scheduler:GetSchedule'],
    isOptional: true,
    examine: schedule('summary schedule'),
  },
];
const alarmsAction = 'cloudwatch:DescribeAlarms';

/** The checked parts of the stack, in the order of the findings. */
export const chainNames = [...parts.map(({ what }) => what), 'alarms'];

/** All permissions that the caller needs for it. */
export const actionsAsked = [...new Set([...parts.flatMap(({ actions }) => actions), alarmsAction])];

/** @returns a finding for each of `chainNames`, also for those that AWS does not answer */
export async function examineState(resources: StackResource[], ask: Ask, now: Date): Promise<Finding[]> {
  const findings = parts.map(async ({ what, logicalId, actions, isOptional, examine }) => {
    const id = idOf(resources, logicalId);
    if (id === undefined) return isOptional ? fine(what, 'none') : wrong(what, 'not in the stack', redeploy);
    return answered(what, actions, () => examine(ask, id, now));
  });
  return Promise.all([...findings, answered('alarms', [alarmsAction], () => alarms(resources, ask))]);
}

const idOf = (resources: StackResource[], logicalId: string) =>
  resources.find((one) => one.LogicalResourceId === logicalId && one.PhysicalResourceId !== '-')?.PhysicalResourceId;

async function alarms(resources: StackResource[], ask: Ask): Promise<Finding> {
  const ofStack = resources.filter(
    ({ LogicalResourceId, PhysicalResourceId }) => LogicalResourceId.endsWith('Alarm') && PhysicalResourceId !== '-',
  );
  if (ofStack.length === 0) return wrong('alarms', 'none in the stack', redeploy);
  const names = ofStack.map(({ PhysicalResourceId }) => PhysicalResourceId);
  const { MetricAlarms = [] } = (await ask(
    ...['cloudwatch', 'describe-alarms', '--state-value', 'ALARM', '--alarm-names', ...names],
  )) as { MetricAlarms?: { AlarmName: string; StateUpdatedTimestamp?: string }[] };
  if (MetricAlarms.length === 0) return fine('alarms', `none of ${names.length} is raised`);
  const raised = MetricAlarms.map(({ AlarmName, StateUpdatedTimestamp }) => {
    const known = ofStack.find(({ PhysicalResourceId }) => PhysicalResourceId === AlarmName)?.LogicalResourceId;
    return `${known ?? AlarmName} since ${StateUpdatedTimestamp ?? 'a time that AWS does not tell'}`;
  });
  return wrong('alarms', raised.join(', '), 'docs/operations.md says for each alarm what to do.');
}

async function answered(what: string, actions: string[], examine: () => Promise<Finding>): Promise<Finding> {
  try {
    return await examine();
  } catch (error) {
    if (!(error instanceof AwsError)) return unknown(what, (error as Error).message);
    if (/AccessDenied|Unauthorized|AuthorizationError/.test(error.code)) {
      return {
        ...unknown(what, error.code),
        advice: `Whoever asks needs ${actions.join(' and ')} (docs/deployment.md).`,
      };
    }
    return wrong(what, `${error.code}: ${error.message}`, redeploy);
  }
}
