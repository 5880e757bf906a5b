// One Region on this machine: S3, Secrets Manager, the functions in their sandboxes, the state machine, and the way from an
// uploaded object to an execution; all of it as template.yaml says. It knows nothing of the database but what the
// template's parameters say of it.
//
//   const region = await startRegion({
//     name: 'us-east-1',
//     parameters: { DatabaseWriterEndpoint: '127.0.0.1:3307', ... },         // template parameters; defaults fill in the rest
//     secrets: { 'book-reviews/application': { username, password }, 'book-reviews/admin': { ... } },
//     log: console.error,
//   });
//   await region.migrate();
//   ...put objects under the pending prefix of region.s3.bucket...
//   await region.idle();            // every upload so far was noticed, and has had its execution's end
//   region.executions               // what ran
//   await region.stop();
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChunkProgress, ChunkTask, SourceEnd, SourceOutcome } from '../functions/shared/contract.ts';
import { pendingPrefix } from '../functions/shared/keys.ts';
import { keyPrefixOf, matchesPattern } from './events/event-pattern.ts';
import { applyInputTemplate } from './events/input-template.ts';
import { type ObjectCreatedEvent, objectCreatedEvent, queueRecord } from './events/object-created.ts';
import { createPipe } from './events/pipe.ts';
import { watchBucket } from './events/watch-bucket.ts';
import { sandboxEnvironment } from './lambda/environment.ts';
import { createFunction, type LambdaFunction } from './lambda/lambda-function.ts';
import {
  createStateMachine,
  type Execution,
  type LocalStateMachine,
  type TaskEnd,
} from './state-machine/state-machine.ts';
import { tell } from './state-machine/tell.ts';
import {
  createBucketIfMissing,
  type S3Access,
  s3ClientFor,
  s3FromEnvironment,
  startS3Server,
} from './storage/s3-server.ts';
import { type SecretsServer, startSecretsServer } from './storage/secrets-server.ts';
import { checkConcurrency } from './template/check-concurrency.ts';
import { readTemplate } from './template/read-template.ts';
import { type PipeDefinition, readStack, type Stack } from './template/stack.ts';

export type { Execution, TaskEnd };

const project = resolve(import.meta.dirname, '..');
/** Between two looks at the bucket. The embedded server tells of what is put; then it is for a listing that failed. */
const pollMs = { embedded: 5_000, other: 300 };
/** Step Functions' limit on the input of an execution. */
const maxInputCharacters = 262_144;

export interface RegionOptions {
  /** AWS's name of the Region, e.g. us-east-1. */
  name: string;
  /** Of template.yaml. VpcId and SubnetIds are given here if they are not. */
  parameters: Record<string, string>;
  /** Secrets Manager's content by secret name. */
  secrets: Record<string, { username: string; password: string }>;
  /** One line of text for a person: an execution's end, a listing that failed. */
  log: (line: string) => void;

  /** Of the servers on 127.0.0.1; a free one each by default. */
  ports?: { s3?: number; secrets?: number };
  /** An S3 server to use instead of the embedded one; by default the one that AWS_ENDPOINT_URL_S3 names, if any. */
  s3?: S3Access;
  accountId?: string;
  stackName?: string;
  templateFile?: string;
  /** Where the build put the bundles, `LogicalId/handler.cjs`. */
  buildDirectory?: string;
  /** Gets a file a function with all that its sandboxes write; those of an earlier run are replaced. */
  logDirectory?: string;
  /** Step Functions' retries wait this many times as long as the definition says. It is asked for at the start of each execution. */
  retryTimeFactor?: () => number;

  /** Each line that a sandbox writes: JSON log lines, embedded metrics, `platform.report` at an invocation's end. */
  onLogLine?: (entry: { logicalId: string; line: string }) => void;
  /** Each invocation by the state machine, failed or not. */
  onTaskEnd?: (end: TaskEnd) => void;
  /** DB-processing returned: `progress.done` says whether it is the chunk result or the chunk will be resumed. */
  onChunkResult?: (progress: ChunkProgress, task: ChunkTask, execution: Execution) => void;
  /** Postprocess returned. */
  onOutcome?: (outcome: SourceOutcome, end: SourceEnd, execution: Execution) => void;
  onExecutionEnd?: (execution: Execution) => void;

  /** Faults. Called before each invocation, by whomever; what it throws is the invocation's error (`name` is the error name). */
  beforeInvoke?: (logicalId: string, payload: unknown) => void | Promise<void>;
  /** Faults. Hands on an event to the queue: once, many times, later, never. */
  deliverEvent?: (event: ObjectCreatedEvent, enqueue: (event: ObjectCreatedEvent) => void) => void;
  /** Faults. Milliseconds that the next invocation has, where it is not the function's own time-out. */
  timeoutMs?: (logicalId: string) => number | undefined;
  /** Faults. Added to the environment of sandboxes that start from now on. */
  sandboxEnvironment?: (logicalId: string) => Record<string, string>;
}

export interface Region {
  name: string;
  bucket: string;
  s3: { endpoint: string; accessKeyId: string; secretAccessKey: string; sessionToken?: string; bucket: string };
  secretsEndpoint: string;
  secrets: Pick<SecretsServer, 'put' | 'fail'>;
  /** What the template says, resolved: environments, names, limits. */
  stack: Stack;
  /** By logical id: to look at sandboxes, or to end one. */
  functions: Record<string, LambdaFunction>;
  /** Invokes MigrateFunction. @throws {InvocationError} */
  migrate(): Promise<unknown>;
  /** @throws {InvocationError} whose `name` is the error's, and whose message is JSON: { errorType, errorMessage, trace } */
  invoke(logicalId: string, payload: unknown): Promise<unknown>;
  /** By hand or by a schedule: a drain with `{}`. Await its `ended`. */
  startExecution(input: unknown): Execution;
  /** All since the start, in order. */
  executions: Execution[];
  /** Resolves when the bucket was looked at, no event is queued, no execution and no invocation runs. */
  idle(): Promise<void>;
  /** Ends and awaits all that the Region has started. May be called more than once. */
  stop(): Promise<void>;
}

/** Resolves within about a second. @throws {Error} naming what is missing: a bundle, a parameter, a port that is taken. */
export async function startRegion(options: RegionOptions): Promise<Region> {
  const { name, log } = options;
  const accountId = options.accountId ?? '000000000000';
  const templateFile = options.templateFile ?? join(project, 'template.yaml');
  // Stops in the reverse order of the starts: first new work, then the workers, then the servers that they talk to.
  await using started = new AsyncDisposableStack();
  const stack = readStack(readTemplate(await readFile(templateFile, 'utf8')), {
    region: name,
    accountId,
    stackName: options.stackName ?? 'book-reviews',
    parameters: { VpcId: 'vpc-local', SubnetIds: 'subnet-local', ...options.parameters },
  });
  const slower = checkConcurrency(stack);
  if (slower !== null) log(`${name} ${slower}`);

  const storage = await startStorage(stack, accountId, options, started);
  const { s3, secrets } = storage;
  const functions = await createFunctions(stack, storage, options, started);
  const invoke = async (logicalId: string, payload: unknown): Promise<unknown> => {
    const invoked = functions[logicalId];
    if (!invoked) throw new Error(`template.yaml has no function ${logicalId}`);
    await options.beforeInvoke?.(logicalId, payload);
    return invoked.invoke(payload);
  };
  const definition = await readFile(resolve(dirname(templateFile), stack.stateMachine.definitionUri), 'utf8');
  const machine = createMachine(stack, definition, invoke, options);
  started.defer(machine.stop);
  const { waiting, watch } = startEvents(stack, accountId, storage, machine, options, started);

  const running = started.move();
  let stopping: Promise<void> | undefined;
  return {
    name,
    bucket: stack.bucket,
    s3: { endpoint: s3.endpoint, ...s3.credentials, bucket: stack.bucket },
    secretsEndpoint: secrets.endpoint,
    secrets: { put: secrets.put, fail: secrets.fail },
    stack,
    functions,
    migrate: () => invoke('MigrateFunction', {}),
    invoke,
    startExecution: machine.start,
    executions: machine.executions,
    idle: async () => {
      await watch.look();
      while (waiting() > 0 || machine.running() > 0) await sleep(20);
    },
    stop() {
      stopping ??= running.disposeAsync().catch((cause: unknown) => {
        throw new Error(`${name}: could not stop all of the Region`, { cause });
      });
      return stopping;
    },
  };
}

interface Storage {
  s3: S3Access;
  client: ReturnType<typeof s3ClientFor>;
  /** Undefined if the Region uses an S3 server that runs anyway. */
  embedded: Awaited<ReturnType<typeof startS3Server>> | undefined;
  secrets: SecretsServer;
}

/** Starts one server after the other, although they are independent: if one fails, those before it can be stopped. */
async function startStorage(
  stack: Stack,
  accountId: string,
  { name, ports, secrets: content, s3: ofOptions }: RegionOptions,
  started: AsyncDisposableStack,
): Promise<Storage> {
  const given = ofOptions ?? (await s3FromEnvironment(process.env));
  const secrets = await startSecretsServer({ region: name, accountId, port: ports?.secrets ?? 0, secrets: content });
  started.defer(secrets.stop);
  const embedded = given ? undefined : await startS3Server(ports?.s3 ?? 0);
  if (embedded) started.defer(async () => void (await embedded.stop()));
  const s3 = given ?? (embedded as S3Access);
  const client = s3ClientFor(s3, name);
  started.defer(() => client.destroy());
  await createBucketIfMissing(client, stack.bucket);
  return { s3, client, embedded, secrets };
}

/** Each function with a log file that holds all that its sandboxes write. */
async function createFunctions(
  stack: Stack,
  { s3, secrets }: Storage,
  options: RegionOptions,
  started: AsyncDisposableStack,
): Promise<Record<string, LambdaFunction>> {
  const buildDirectory = options.buildDirectory ?? join(project, '.aws-sam/build');
  const logDirectory = options.logDirectory ?? join(project, 'local/.state/logs', options.name);
  await mkdir(logDirectory, { recursive: true });
  const functions: Record<string, LambdaFunction> = {};
  for (const definition of Object.values(stack.functions)) {
    const { logicalId } = definition;
    const file = createWriteStream(join(logDirectory, `${logicalId}.log`));
    started.defer(() => new Promise((resolve) => file.end(resolve)));
    functions[logicalId] = createFunction(definition, {
      environment: () =>
        sandboxEnvironment(definition, {
          region: options.name,
          taskRoot: join(buildDirectory, logicalId),
          s3Endpoint: s3.endpoint,
          secretsEndpoint: secrets.endpoint,
          credentials: s3.credentials,
          extra: options.sandboxEnvironment?.(logicalId) ?? {},
        }),
      timeoutMs: options.timeoutMs && (() => options.timeoutMs?.(logicalId)),
      log: (line) => {
        // A sandbox may still write while it is being stopped.
        if (!file.writableEnded) file.write(`${line}\n`);
        options.onLogLine?.({ logicalId, line });
      },
    });
  }
  started.defer(async () => void (await Promise.all(Object.values(functions).map((one) => one.stop()))));
  return functions;
}

function createMachine(
  { stateMachine, functions }: Stack,
  definition: string,
  invoke: (logicalId: string, payload: unknown) => Promise<unknown>,
  options: RegionOptions,
): LocalStateMachine {
  const idByArn = new Map(Object.values(functions).map(({ arn, logicalId }) => [arn, logicalId]));
  return createStateMachine({
    name: stateMachine.name,
    arn: stateMachine.arn,
    definition,
    substitutions: stateMachine.substitutions,
    retryTimeFactor: options.retryTimeFactor ?? (() => 0.02),
    invoke: (functionArn, payload) => invoke(idByArn.get(functionArn) ?? functionArn, payload),
    onTaskEnd: (end) => {
      options.onTaskEnd?.(end);
      if (end.error) return;
      for (const told of tell(end)) {
        if ('progress' in told) options.onChunkResult?.(told.progress, told.task, end.execution);
        else options.onOutcome?.(told.outcome, told.end, end.execution);
      }
    },
    onExecutionEnd: (execution) => {
      const seconds = (((execution.endedAt ?? 0) - execution.startedAt) / 1000).toFixed(2);
      const why = execution.error ? `: ${execution.error}` : '';
      options.log(`${options.name} execution ${execution.id} ${execution.status} after ${seconds} s${why}`);
      options.onExecutionEnd?.(execution);
    },
  });
}

/** From the bucket to the state machine: notices uploads, matches them with the rule, and batches them in the pipe. */
function startEvents(
  stack: Stack,
  accountId: string,
  { client, embedded }: Storage,
  machine: LocalStateMachine,
  { name, log, deliverEvent }: RegionOptions,
  started: AsyncDisposableStack,
) {
  const start = (batch: object[]) => void machine.start(batch);
  const { smallBatchPipe } = stack;
  const windowOf = ({ batchSize, batchingWindowSeconds }: PipeDefinition) => ({
    batchSize,
    windowMs: batchingWindowSeconds * 1000,
  });
  const small = smallBatchPipe && createPipe<object>(windowOf(smallBatchPipe), start);
  // An input that is too long starts nothing. Its messages come to the other queue, after some attempts that are left out here.
  const pipe = createPipe<object>(windowOf(stack.pipe), (batch) => {
    const fits = small === null || JSON.stringify(batch).length <= maxInputCharacters;
    if (fits) start(batch);
    else for (const one of batch) small.put(one);
  });
  started.defer(() => {
    pipe.stop();
    small?.stop();
  });
  const enqueue = (event: ObjectCreatedEvent) =>
    pipe.put(
      applyInputTemplate(
        stack.pipe.inputTemplate,
        queueRecord(event, { queueArn: stack.queue.arn, region: name }),
      ) as object,
    );
  const deliver = deliverEvent ?? ((event, next) => next(event));
  let lastProblem = '';
  // A rule that names only what it leaves out would have the whole bucket listed after each upload.
  const prefix = keyPrefixOf(stack.eventPattern) || pendingPrefix;
  const watch = watchBucket({
    client,
    bucket: stack.bucket,
    prefix,
    pollMs: embedded ? pollMs.embedded : pollMs.other,
    onCreated: (object) => {
      const event = objectCreatedEvent(object, { region: name, accountId, bucket: stack.bucket });
      if (matchesPattern(stack.eventPattern, event)) deliver(event, enqueue);
    },
    onError: ({ message }) => {
      if (message !== lastProblem) log(`${name} the bucket could not be listed: ${message}`);
      lastProblem = message;
    },
  });
  started.defer(watch.stop);
  embedded?.onPut((path) => path.startsWith(`/${stack.bucket}/${prefix}`) && watch.lookSoon());
  return { waiting: () => pipe.waiting() + (small?.waiting() ?? 0), watch };
}
