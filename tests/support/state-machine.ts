// Runs the shipped state machine with plain functions in the places of the three Lambda functions.
import { readFileSync } from 'node:fs';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';

const file = new URL('../../statemachine/book-reviews.asl.json', import.meta.url);

/** The shipped file with every substitution that template.yaml makes, so that it is JSON. */
export function renderDefinition(): StateMachineDefinition {
  const arn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
  const values: Record<string, string> = {
    AWSPartition: 'aws',
    PreprocessFunctionArn: arn('preprocess'),
    DbProcessingFunctionArn: arn('db-processing'),
    PostprocessFunctionArn: arn('postprocess'),
    ChunkConcurrency: '4',
  };
  const text = readFileSync(file, 'utf8').replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  return JSON.parse(text) as StateMachineDefinition;
}

/** Gets a function's payload, returns its result, or throws an error whose name the state machine may match; each test knows its payloads. */
// biome-ignore lint/suspicious/noExplicitAny: each test names the payload that it expects
export type Invoke = (payload: any) => unknown;

export interface Functions {
  preprocess: Invoke;
  dbProcessing: Invoke;
  postprocess: Invoke;
  /** DB-processing, where rows are to be withdrawn. */
  withdraw?: Invoke;
  /** Gets the input of an execution that goes on with a long drain. */
  startSuccessor?: Invoke;
}

/** An error as the state machine sees it: by its name. */
export const named = (name: string, message = 'made by a test') => Object.assign(new Error(message), { name });

/** Retries wait 1 ms here. @returns the execution's output @throws what the execution failed with: `{ Error, Cause }` in its cause */
export async function runStateMachine(
  input: unknown,
  functions: Functions,
  definition = renderDefinition(),
  /** Told of each state that is entered, in child executions too. */
  onEntered?: (state: string) => void,
): Promise<unknown> {
  const task =
    (invoke: Invoke) =>
    async ({ Payload }: { Payload: unknown }) =>
      // What crosses the border of a Lambda function is JSON.
      JSON.parse(JSON.stringify({ Payload: await invoke(structuredClone(Payload)) }));
  const handlers = {
    Preprocess: task(functions.preprocess),
    'Read range': task(functions.preprocess),
    Identify: task(functions.preprocess),
    'DB-processing': task(functions.dbProcessing),
    'Withdraw rows': task(functions.dbProcessing),
    Postprocess: task(functions.postprocess),
    'Start successor': async ({ Input }: { Input: unknown }) => functions.startSuccessor?.(Input) ?? {},
    ...(functions.withdraw && { 'Withdraw rows': task(functions.withdraw) }),
  };
  const waits = Object.fromEntries(Object.keys(handlers).map((state) => [state, 1]));
  const { result, eventLogs } = new StateMachine(definition).run(input as never, {
    context: { StateMachine: { Id: 'arn:aws:states:us-east-1:123456789012:stateMachine:test', Name: 'test' } } as never,
    overrides: { taskResourceLocalHandlers: handlers as never, retryIntervalOverrides: waits },
  });
  if (onEntered === undefined) return result;
  for await (const logged of eventLogs) if (logged.type === 'StateEntered') onEntered(logged.state.name);
  return result;
}
