// Runs executions of the shipped state machine; its Task states invoke the Region's functions.
import { randomUUID } from 'node:crypto';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { adaptDefinition, renderDefinition, taskStateNames } from './render-definition.ts';

/** Step Functions' limit on what goes into a state, a function or out of it. */
const maxPayloadBytes = 256 * 1024;

export interface Execution {
  id: string;
  input: unknown;
  /** Milliseconds since the epoch. */
  startedAt: number;
  endedAt?: number;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  output?: unknown;
  error?: string;
  cause?: string;
  /** States entered so far, those of child executions too: what Step Functions bills. Without retries. */
  transitions: number;
  /** What each Task state returned so far, by the state's name, in the order of their ends; retried failures are not in it. */
  results: Record<string, unknown[]>;
  /** Resolves when the execution has ended, however it ended. */
  ended: Promise<void>;
}

/** One invocation by a Task state. */
export interface TaskEnd {
  execution: Execution;
  state: string;
  functionArn: string;
  payload: unknown;
  startedAt: number;
  durationMs: number;
  /** Absent where the invocation failed. */
  result?: unknown;
  /** Its `name` is what Retry and Catch see; the state may yet be retried. */
  error?: Error;
}

export interface StateMachineOptions {
  name: string;
  arn: string;
  /** The shipped file's text, before substitution. */
  definition: string;
  substitutions: Record<string, string>;
  /** Retries of an execution that starts now wait this many times as long as the definition says. */
  retryTimeFactor: () => number;
  /** @throws {Error} whose `name` is the Error that Retry and Catch see, and whose message is the Cause */
  invoke: (functionArn: string, payload: unknown) => Promise<unknown>;
  onTaskEnd: (end: TaskEnd) => void;
  onExecutionEnd: (execution: Execution) => void;
}

export interface LocalStateMachine {
  /** In the order of their starts. */
  executions: Execution[];
  start(input: unknown): Execution;
  /** Executions that run, and invocations that run on after their execution has ended. */
  running(): number;
  /** Aborts what runs. */
  stop(): Promise<void>;
}

/** An error that neither Retry nor Catch sees, as Step Functions has it for limits and for what was aborted. */
const terminal = (name: string, message: string) =>
  Object.assign(new Error(message), { name, isRetryable: false, isCatchable: false });

function assertPayloadFits(value: unknown, what: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (bytes > maxPayloadBytes) {
    throw terminal('States.DataLimitExceeded', `${what} has ${bytes} bytes; the limit is ${maxPayloadBytes}`);
  }
}

/**
 * Aborts the run if a payload between two states is too large. It reads the log of events, which would grow until the end otherwise.
 * `read` resolves to the error, if any, when the log has ended.
 */
function watchPayloads(run: ReturnType<StateMachine['run']>, onEntered: () => void) {
  let oversize: Error | undefined;
  const read = async () => {
    for await (const event of run.eventLogs) {
      if (event.type === 'StateEntered') onEntered();
      if (event.type !== 'StateExited' || oversize) continue;
      try {
        assertPayloadFits(event.state.output, `the output of ${event.state.name}`);
      } catch (error) {
        oversize = error as Error;
        run.abort();
      }
    }
    return oversize;
  };
  return { read: read(), oversize: () => oversize };
}

/** Invokes the function of a Task state. `running` counts such calls, which may outlive their execution. */
async function runTask(
  execution: Execution,
  state: string,
  parameters: unknown,
  options: Pick<StateMachineOptions, 'invoke' | 'onTaskEnd'>,
  running: { count: number },
) {
  const { FunctionName: functionArn, Payload: payload } = parameters as { FunctionName: string; Payload: unknown };
  const started = { execution, state, functionArn, payload, startedAt: Date.now() };
  const since = performance.now();
  running.count += 1;
  try {
    assertPayloadFits(payload, `the input of ${state}`);
    const result = await options.invoke(functionArn, payload);
    assertPayloadFits(result, `the result of ${state}`);
    execution.results[state] = [...(execution.results[state] ?? []), result];
    options.onTaskEnd({ ...started, durationMs: performance.now() - since, result });
    return { ExecutedVersion: '$LATEST', Payload: result, StatusCode: 200 };
  } catch (thrown) {
    const error = thrown as Error;
    const seen =
      error.name === 'Function.ResponseSizeTooLarge' ? terminal('States.DataLimitExceeded', error.message) : error;
    options.onTaskEnd({ ...started, durationMs: performance.now() - since, error: seen });
    throw seen;
  } finally {
    running.count -= 1;
  }
}

/** The interpreter for each factor by which retries wait. */
function createInterpreters(rendered: ReturnType<typeof renderDefinition>): (retryTimeFactor: number) => StateMachine {
  const definitionOf = (value: unknown) => value as StateMachineDefinition;
  // It validates the definition as shipped. It runs an adapted one, where a retry's interval need not be a whole number.
  new StateMachine(definitionOf(rendered));
  const adapted = new Map<number, StateMachine>();
  return (factor) => {
    const machine =
      adapted.get(factor) ??
      new StateMachine(definitionOf(adaptDefinition(rendered, factor)), { validationOptions: { noValidate: true } });
    adapted.set(factor, machine);
    return machine;
  };
}

/** @throws {Error} if the rendered definition is not valid. */
export function createStateMachine(options: StateMachineOptions): LocalStateMachine {
  const rendered = renderDefinition(options.definition, options.substitutions);
  const tasks = taskStateNames(rendered);
  const machineOf = createInterpreters(rendered);
  const executions: Execution[] = [];
  const aborts = new Map<string, () => void>();
  const tasksRunning = { count: 0 };

  const start = (input: unknown): Execution => {
    const id = randomUUID();
    const began = { id, input, startedAt: Date.now(), status: 'RUNNING' as const };
    const execution: Execution = { ...began, transitions: 0, results: {}, ended: Promise.resolve() };
    executions.push(execution);
    const run = machineOf(options.retryTimeFactor()).run(JSON.parse(JSON.stringify(input)), {
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(
          tasks.map((state) => [
            state,
            (parameters: unknown) =>
              ('StateMachineArn' in (parameters as object)
                ? { ExecutionArn: start((parameters as { Input: unknown }).Input).id }
                : runTask(execution, state, parameters, options, tasksRunning)) as never,
          ]),
        ),
      },
      context: {
        Execution: { Id: `${options.arn.replace(':stateMachine:', ':execution:')}:${id}`, Name: id, RoleArn: '' },
        StateMachine: { Id: options.arn, Name: options.name },
      } as never,
    });
    aborts.set(id, run.abort);

    const end = (status: Execution['status'], rest: Partial<Execution>) => {
      Object.assign(execution, { ...rest, status, endedAt: Date.now() });
      aborts.delete(id);
      options.onExecutionEnd(execution);
    };
    const payloads = watchPayloads(run, () => {
      execution.transitions += 1;
    });
    execution.ended = run.result.then(
      async (output) => {
        const oversize = await payloads.read;
        if (oversize) end('FAILED', { error: oversize.name, cause: oversize.message });
        else end('SUCCEEDED', { output });
      },
      (thrown: Error) => {
        const error = payloads.oversize() ?? (thrown.cause as Error | undefined) ?? thrown;
        const aborted = error.name === 'ExecutionAbortedError';
        end(aborted ? 'ABORTED' : 'FAILED', { error: error.name, cause: error.message });
      },
    );
    return execution;
  };

  return {
    executions,
    start,
    running: () => aborts.size + tasksRunning.count,
    stop: async () => {
      for (const abort of aborts.values()) abort();
      await Promise.all(executions.map(({ ended }) => ended));
    },
  };
}
