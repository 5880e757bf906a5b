// Deploys or deletes one stack by sam. sam asks the user.

import { nameOf, type Override, type StackConfig } from './samconfig.ts';
import { readStackState, type StackState, waitingChangeSets } from './stacks.ts';
import type { Tools } from './tools.ts';

/** How sam is called. */
export interface SamOptions {
  configFile: string;
  /** sam does not ask. */
  yes: boolean;
}

/** The user said no, or something else stands in the way. Nothing is lost: the same command continues from here. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

export interface Deployed {
  outputs: Record<string, string>;
}

/** The state after a failed creation. Such a stack can only be deleted. */
const isLeftover = ({ status }: StackState) => /^(ROLLBACK_COMPLETE|ROLLBACK_FAILED|DELETE_FAILED)$/.test(status);
const isBusy = ({ status }: StackState) => status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';

/**
 * Deploys one stack, if there is anything to change. sam shows the change set and asks.
 * @throws {StoppedError} if the user said no, or the stack is not ready
 */
export async function deployStack(
  stack: StackConfig,
  overrides: Override[],
  options: SamOptions,
  tools: Tools,
): Promise<Deployed> {
  const ask = tools.askIn(stack.region);
  const before = await readStackState(ask, stack);
  refuseBusy(stack, before);
  // A change set that waits since an earlier no says nothing about this run.
  let waiting: string[] = [];
  if (before && isLeftover(before)) {
    tools.say(`${nameIn(stack)} is ${before.status}: a failed creation left it. It is deleted first.`);
    await deleteStack(stack, options, tools);
  } else if (before) waiting = await waitingChangeSets(ask, stack);
  const answers = options.yes ? ['--no-confirm-changeset'] : ['--confirm-changeset'];
  await tools.sam(
    ...['deploy', ...environmentOf(stack, options), ...answers, '--no-fail-on-empty-changeset'],
    ...(overrides.length > 0 ? ['--parameter-overrides', ...overrides] : []),
  );
  const after = await readStackState(ask, stack);
  const isNew = (changeSet: string) => !waiting.includes(changeSet);
  if (!after || after.status === 'REVIEW_IN_PROGRESS' || (await waitingChangeSets(ask, stack)).some(isNew)) {
    throw new StoppedError(`the change of ${nameIn(stack)} was not made`);
  }
  return { outputs: after.outputs };
}

/** Deletes one stack, if it is there. sam asks. @throws {StoppedError} if it is still there afterwards */
export async function deleteStack(stack: StackConfig, options: SamOptions, tools: Tools): Promise<void> {
  const ask = tools.askIn(stack.region);
  const before = await readStackState(ask, stack);
  if (!before) return tools.say(`${nameIn(stack)} is not there.`);
  refuseBusy(stack, before);
  await tools.sam('delete', ...environmentOf(stack, options), ...(options.yes ? ['--no-prompts'] : []));
  if (await readStackState(ask, stack)) throw new StoppedError(`${nameIn(stack)} was not deleted`);
}

function refuseBusy(stack: StackConfig, state: StackState | undefined): void {
  if (state && isBusy(state)) throw new StoppedError(`${nameIn(stack)} is ${state.status}: wait for its end`);
}

const environmentOf = ({ configEnv }: StackConfig, { configFile }: SamOptions) => [
  ...['--config-file', configFile, '--config-env', configEnv],
];

const nameIn = ({ stackName, region }: StackConfig) => `the stack ${stackName} in ${region}`;

/** An output as a parameter. @throws {StoppedError} if the stack has no such output */
export function overrideOf(parameter: string, outputs: Record<string, string>, output = parameter): Override {
  const value = outputs[output];
  if (value === undefined) throw new StoppedError(`no stack has the output ${output}, which ${parameter} takes`);
  return `${parameter}=${value}`;
}

/** The database's outputs that have the names of parameters of the application. */
export const forApplication = (outputs: Record<string, string>): Override[] =>
  Object.entries(outputs)
    .map(([name, value]) => `${name}=${value}`)
    .filter((one) => /^(Database\w+|SecretKeyId)$/.test(nameOf(one)));
