// What AWS has of a stack now. Nothing else remembers how far a deployment came, so a second run continues where the first one stopped.
import { type Ask, AwsError } from '../aws-cli.ts';
import type { StackConfig } from './samconfig.ts';

export interface StackState {
  status: string;
  outputs: Record<string, string>;
}

interface Described {
  Stacks: { StackStatus: string; Outputs?: { OutputKey: string; OutputValue: string }[] }[];
}

/** @returns undefined if there is no such stack */
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

/** If the user answers no, sam still exits with 0. The change set then still exists and can be executed. */
export async function hasWaitingChangeSet(ask: Ask, { stackName }: StackConfig): Promise<boolean> {
  const { Summaries = [] } = (await ask('cloudformation', 'list-change-sets', '--stack-name', stackName)) as {
    Summaries?: { ExecutionStatus?: string; ChangeSetName?: string }[];
  };
  return Summaries.some(
    ({ ExecutionStatus, ChangeSetName = '' }) => ExecutionStatus === 'AVAILABLE' && ChangeSetName.startsWith('samcli-'),
  );
}
