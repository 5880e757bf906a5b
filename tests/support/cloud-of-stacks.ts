// Stacks in memory, as far as `npm run deploy` sees them: sam changes them, and the AWS CLI is asked about them.
import { isDeepStrictEqual } from 'node:util';
import { AwsError } from '../../operations/aws-cli.ts';
import type { Pair, StackConfig } from '../../operations/deploy/samconfig.ts';
import type { Tools } from '../../operations/deploy/tools.ts';

interface Stack {
  status: string;
  parameters: Record<string, string>;
  /** Change sets that nobody has executed. */
  waiting: string[];
}

const databaseOutputs = (region: string) => ({
  GlobalClusterId: 'book-reviews',
  DatabaseWriterEndpoint: `writer.${region}`,
  DatabaseReaderEndpoint: `reader.${region}`,
  DatabasePort: '3306',
  DatabaseSecurityGroupId: `sg-${region}`,
  SecretKeyId: `secret-key-${region}`,
});
const applicationOutputs = (region: string) => ({ ReviewBucketName: `bucket-${region}`, KeyId: `key-${region}` });

/** `answer` says what becomes of the next call of sam with this config environment; without it, sam does as it is told. */
export function cloudOfStacks({ primary, secondary }: Pair) {
  const configs = [primary, secondary].flatMap(({ database, application }) =>
    database ? [database, application] : [application],
  );
  const stacks = new Map<string, Stack>();
  const calls: string[][] = [];
  const answers = new Map<string, 'no' | 'fail'>();
  const keyOf = ({ region, stackName }: Pick<StackConfig, 'region' | 'stackName'>) => `${region}/${stackName}`;
  const outputsOf = (key: string) => {
    const [region = '', name = ''] = key.split('/');
    return name.endsWith('-database') ? databaseOutputs(region) : applicationOutputs(region);
  };

  function deploy(key: string, env: string, args: string[]): void {
    const stack = stacks.get(key) ?? { status: 'REVIEW_IN_PROGRESS', parameters: {}, waiting: [] };
    if (stack.status.startsWith('ROLLBACK')) throw new Error(`${key} can not be updated`);
    stacks.set(key, stack);
    const given = args.slice(args.indexOf('--parameter-overrides') + 1).map((one) => one.split(/=(.*)/s));
    const parameters = { ...stack.parameters, ...Object.fromEntries(given) };
    // Without a change, sam removes the change set and asks nothing.
    if (stack.status !== 'REVIEW_IN_PROGRESS' && isDeepStrictEqual(parameters, stack.parameters)) return;
    const answer = answers.get(env);
    answers.delete(env);
    if (answer === 'no') {
      stack.waiting.push(`samcli-deploy${calls.length}`);
      return;
    }
    if (answer === 'fail') {
      if (stack.status === 'REVIEW_IN_PROGRESS') stack.status = 'ROLLBACK_COMPLETE';
      throw new Error('sam deploy ended with status 1');
    }
    // AWS removes all other change sets of the stack when it executes one.
    stacks.set(key, { status: 'CREATE_COMPLETE', parameters, waiting: [] });
  }

  const tools: Tools = {
    sam: async (...args) => {
      calls.push(args);
      const env = args[args.indexOf('--config-env') + 1] ?? '';
      const config = configs.find(({ configEnv }) => configEnv === env);
      if (!config) throw new Error(`no config environment ${env}`);
      if (args[0] === 'deploy') deploy(keyOf(config), env, args);
      if (args[0] === 'delete' && answers.get(env) !== 'no') stacks.delete(keyOf(config));
    },
    askIn: (region) => async (_, command, __, stackName) => {
      const key = keyOf({ region, stackName: stackName ?? '' });
      const stack = stacks.get(key);
      if (!stack) throw new AwsError('ValidationError', 'DescribeStacks', `Stack with id ${stackName} does not exist`);
      if (command === 'list-change-sets') {
        return {
          Summaries: stack.waiting.map((ChangeSetName) => ({ ExecutionStatus: 'AVAILABLE', ChangeSetName })),
        };
      }
      const outputs = stack.status === 'CREATE_COMPLETE' ? Object.entries(outputsOf(key)) : [];
      const Outputs = outputs.map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
      return { Stacks: [{ StackStatus: stack.status, Outputs }] };
    },
    migrate: async (region) => {
      calls.push(['migrate', region]);
      return { applied: [] };
    },
    doctor: async (region) => {
      calls.push(['doctor', region]);
      return true;
    },
    say: () => {},
  };
  return { tools, stacks, calls, answers, steps: () => calls.map(stepOf) };
}

/** A call in short: `deploy us-east-1`. */
const stepOf = (args: string[]) =>
  `${args[0]} ${args.includes('--config-env') ? args[args.indexOf('--config-env') + 1] : args[1]}`;
