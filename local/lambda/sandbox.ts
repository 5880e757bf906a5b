// One sandbox: a child process that has a function's bundle loaded and takes one invocation at a time.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { compiledRuntime } from './compiled-runtime.ts';
import { invocationError } from './invocation-error.ts';
import type { InvokeMessage, SandboxMessage } from './messages.ts';

const runtimeFile = compiledRuntime();

export interface SandboxOptions {
  functionArn: string;
  timeoutSeconds: number;
  memoryMegabytes: number;
  /** The whole environment. The sandbox inherits nothing. */
  environment: Record<string, string>;
  /** Called with each line that the sandbox writes to its standard output or error. */
  log: (line: string) => void;
  /** Ends the sandbox at once, also while it starts. */
  signal: AbortSignal;
}

export interface SandboxReport {
  requestId: string;
  durationMs: number;
  /** The sandbox's peak resident memory. Undefined if it ended before it could report it. */
  maxRssKib?: number;
}

export interface Sandbox {
  pid: number;
  /** From the process's start until the bundle was loaded. */
  initMs: number;
  invocations: number;
  alive(): boolean;
  /** JSON in, JSON out. `timeoutMs`: where it is not the function's own. @throws {InvocationError} */
  invoke(payload: string, report: (report: SandboxReport) => void, timeoutMs?: number): Promise<string>;
  /** Ends the process at once, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
}

/**
 * Node's flags as Lambda's runtime derives them from the memory size; they count for more than those in NODE_OPTIONS. The process is a group of
 * its own, so that Ctrl-C in the terminal does not end sandboxes before the simulation has decided what to do with them.
 */
const startProcess = ({ memoryMegabytes, environment }: SandboxOptions) =>
  spawn(
    process.execPath,
    [
      '--expose-gc',
      `--max-semi-space-size=${Math.floor(memoryMegabytes * 0.05)}`,
      `--max-old-space-size=${Math.floor(memoryMegabytes * 0.9)}`,
      runtimeFile,
    ],
    { env: environment, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
  );

/** Calls `log` with whole lines; a rest without a newline when the stream ends. */
function forwardLines(stream: NodeJS.ReadableStream | null, log: (line: string) => void) {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) log(line);
  });
  stream?.on('end', () => rest && log(rest));
}

/** Lambda's words for the end of the process. */
const exitReason = (child: ChildProcess) =>
  child.signalCode
    ? `Runtime exited with error: signal: ${child.signalCode}`
    : `Runtime exited with error: exit status ${child.exitCode}`;

/** Resolves when the process has ended and all its output has been read. `onExit` may be called earlier, and more than once. */
const goneOf = (child: ChildProcess, onExit: () => void) =>
  new Promise<void>((resolve) => {
    child.once('exit', onExit);
    child.once('close', () => resolve());
    child.once('error', () => {
      onExit();
      if (child.pid === undefined) resolve();
    });
  });

/** The reason for a missing answer. `timedOutMs`: the time-out, if the invocation took too long. */
function endOf(requestId: string, child: ChildProcess, timedOutMs: number | undefined): Error {
  const text =
    timedOutMs === undefined ? exitReason(child) : `Task timed out after ${(timedOutMs / 1000).toFixed(2)} seconds`;
  const name = timedOutMs === undefined ? 'Runtime.ExitError' : 'Sandbox.Timedout';
  return invocationError(name, `RequestId: ${requestId} Error: ${text}`);
}

/** @throws {InvocationError} when the bundle cannot be loaded, under the name of what it threw. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const startedAt = performance.now();
  const child = startProcess(options);
  forwardLines(child.stdout, options.log);
  forwardLines(child.stderr, options.log);

  // The sandbox owes `ready` first, and then an answer to each invocation. Its end settles this too.
  let settle: ((answer: SandboxMessage | 'exited') => void) | undefined;
  const nextAnswer = () =>
    new Promise<SandboxMessage | 'exited'>((resolve) => {
      settle = resolve;
    });
  child.on('message', (message) => settle?.(message as SandboxMessage));
  const gone = goneOf(child, () => settle?.('exited'));
  const alive = () => child.exitCode === null && child.signalCode === null && child.connected;
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };

  const end = () => void child.kill('SIGKILL');
  options.signal.addEventListener('abort', end, { once: true });
  void gone.then(() => options.signal.removeEventListener('abort', end));
  // Lambda repeats an initialization that takes too long. It does so within the invocation, under the function's time-out.
  const initTimer = setTimeout(end, options.timeoutSeconds * 1000);
  const first = options.signal.aborted ? 'exited' : await nextAnswer();
  clearTimeout(initTimer);
  if (options.signal.aborted) await kill();
  if (first === 'exited') throw invocationError('Runtime.ExitError', exitReason(child));
  if (first.kind === 'init-failed') {
    await kill();
    throw invocationError(first.error.errorType, first.error.errorMessage, first.error.trace);
  }

  const sandbox: Sandbox = {
    pid: child.pid ?? -1,
    initMs: performance.now() - startedAt,
    invocations: 0,
    alive,
    kill,
    invoke: async (payload, report, timeoutMs = options.timeoutSeconds * 1000) => {
      sandbox.invocations += 1;
      const requestId = randomUUID();
      const invokedAt = performance.now();
      const { functionArn } = options;
      const message: InvokeMessage = { requestId, payload, deadline: Date.now() + timeoutMs, functionArn };
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        child.kill('SIGKILL');
      }, timeoutMs);
      const answered = nextAnswer();
      child.send(message, (error) => error && child.kill('SIGKILL'));
      const answer = alive() ? await answered : 'exited';
      clearTimeout(timer);
      const ended = { requestId, durationMs: performance.now() - invokedAt };
      if (answer === 'exited' || !('maxRssKib' in answer)) {
        await kill();
        report(ended);
        throw endOf(requestId, child, timedOut ? timeoutMs : undefined);
      }
      report({ ...ended, maxRssKib: answer.maxRssKib });
      if (answer.kind === 'returned') return answer.result;
      throw invocationError(answer.error.errorType, answer.error.errorMessage, answer.error.trace);
    },
  };
  return sandbox;
}
