// What AWS has of a stack now. Nothing else remembers how far a deployment came, so a second run goes on where the first one stopped.
import { type Ask, AwsError } from '../aws-cli.ts';
import type { StackConfig } from './samconfig.ts';

export interface StackState {
  status: string;
  outputs: Record<string, string>;
}

interface Described {
  Stacks: { StackStatus: string; Outputs?: { OutputKey: string; OutputValue: string }[] }[];
}

/** @returns undefined where there is no such stack */
export async function readStackState(ask: Ask, { stackName }: StackConfig): Promise<StackState | undefined> {
  try {
    const { Stacks } = (await ask('cloudformation', 'describe-stacks', '--stack-name', stackName)) as Described;
    const [stack] = Stacks;
    if (!stack || stack.StackStatus === 'DELETE_COMPLETE') return undefined;
    const outputs = (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
    return { status: stack.StackStatus, outputs: Object.fromEntries(outputs) };
  } catch (error) {
    if (error instanceof AwsError && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** The change sets of sam that nobody has executed. sam leaves one behind, and ends well, where its question was answered with no. */
export async function waitingChangeSets(ask: Ask, { stackName }: StackConfig): Promise<string[]> {
  const { Summaries = [] } = (await ask('cloudformation', 'list-change-sets', '--stack-name', stackName)) as {
    Summaries?: { ExecutionStatus?: string; ChangeSetName?: string }[];
  };
  return Summaries.filter(({ ExecutionStatus }) => ExecutionStatus === 'AVAILABLE')
    .map(({ ChangeSetName = '' }) => ChangeSetName)
    .filter((name) => name.startsWith('samcli-'));
}
