// One function of a Region. It uses warm sandboxes first, and limits concurrency.
import type { FunctionDefinition } from '../template/stack.ts';
import { invocationError } from './invocation-error.ts';
import { type Sandbox, type SandboxReport, startSandbox } from './sandbox.ts';

/** Lambda's limit on a synchronous response. */
const maxResponseBytes = 6 * 1024 * 1024;

export interface LambdaFunction {
  definition: FunctionDefinition;
  /** JSON values in and out. @throws {InvocationError} */
  invoke(payload: unknown): Promise<unknown>;
  /** The live sandboxes, for code that ends one or reads its memory. */
  sandboxes(): { pid: number; busy: boolean; invocations: number; initMs: number; kill(): Promise<void> }[];
  /** Ends all sandboxes. Running invocations fail with Runtime.ExitError. */
  stop(): Promise<void>;
}

/**
 * `log` gets what the sandboxes write, and a line of JSON for each invocation's end, of Lambda's type `platform.report`.
 * `environment` is asked for at each sandbox's start.
 */
export function createFunction(
  definition: FunctionDefinition,
  {
    environment,
    log,
    timeoutMs,
  }: {
    environment: () => Record<string, string>;
    log: (line: string) => void;
    /** Faults. An invocation's time, where it is not the function's own. */
    timeoutMs?: (() => number | undefined) | undefined;
  },
): LambdaFunction {
  const pool = createPool(definition, environment, log);
  let running = 0;
  return {
    definition,
    invoke: async (payload) => {
      if (pool.isEnding()) throw invocationError('Runtime.ExitError', 'the simulation stops');
      if (running >= (definition.reservedConcurrency ?? Number.POSITIVE_INFINITY)) {
        throw invocationError('Lambda.TooManyRequestsException', 'Rate Exceeded.');
      }
      running += 1;
      try {
        const { sandbox, cold } = await pool.take();
        try {
          const onEnd = (report: SandboxReport) => log(reportLine(sandbox, cold, definition.memoryMegabytes, report));
          const result = await sandbox.invoke(JSON.stringify(payload ?? null), onEnd, timeoutMs?.());
          if (Buffer.byteLength(result) > maxResponseBytes) {
            throw invocationError(
              'Function.ResponseSizeTooLarge',
              `Response payload size exceeded ${maxResponseBytes} bytes.`,
            );
          }
          return JSON.parse(result);
        } finally {
          pool.giveBack(sandbox);
        }
      } finally {
        running -= 1;
      }
    },
    sandboxes: pool.list,
    stop: pool.stop,
  };
}

/** The sandboxes of one function. */
function createPool(
  definition: FunctionDefinition,
  environment: () => Record<string, string>,
  log: (line: string) => void,
) {
  const all = new Set<Sandbox>();
  // Last in, first out, as in Lambda, so that a sandbox that is not needed stays idle.
  const idle: Sandbox[] = [];
  const starting = new Set<Promise<Sandbox>>();
  const ending = new AbortController();

  const takeWarm = (): Sandbox | undefined => {
    for (let sandbox = idle.pop(); sandbox; sandbox = idle.pop()) {
      if (sandbox.alive()) return sandbox;
      all.delete(sandbox);
    }
    return undefined;
  };

  const startOne = async (): Promise<Sandbox> => {
    const start = startSandbox({
      functionArn: definition.arn,
      timeoutSeconds: definition.timeoutSeconds,
      memoryMegabytes: definition.memoryMegabytes,
      environment: environment(),
      log,
      signal: ending.signal,
    });
    starting.add(start);
    try {
      const sandbox = await start;
      all.add(sandbox);
      return sandbox;
    } finally {
      starting.delete(start);
    }
  };

  return {
    take: async () => {
      const warm = takeWarm();
      return { sandbox: warm ?? (await startOne()), cold: !warm };
    },
    giveBack: (sandbox: Sandbox) => {
      if (sandbox.alive()) idle.push(sandbox);
      else all.delete(sandbox);
    },
    isEnding: () => ending.signal.aborted,
    list: () =>
      [...all]
        .filter((sandbox) => sandbox.alive())
        .map((sandbox) => ({
          pid: sandbox.pid,
          busy: !idle.includes(sandbox),
          invocations: sandbox.invocations,
          initMs: sandbox.initMs,
          kill: sandbox.kill,
        })),
    stop: async () => {
      ending.abort();
      await Promise.allSettled(starting);
      await Promise.all([...all].map((sandbox) => sandbox.kill()));
      all.clear();
    },
  };
}

/** The line that Lambda logs at an invocation's end. */
function reportLine(sandbox: Sandbox, cold: boolean, memoryMegabytes: number, report: SandboxReport): string {
  return JSON.stringify({
    time: new Date().toISOString(),
    type: 'platform.report',
    record: {
      requestId: report.requestId,
      metrics: {
        durationMs: Number(report.durationMs.toFixed(2)),
        ...(cold && { initDurationMs: Number(sandbox.initMs.toFixed(2)) }),
        memorySizeMB: memoryMegabytes,
        ...(report.maxRssKib !== undefined && { maxMemoryUsedMB: Math.ceil(report.maxRssKib / 1024) }),
      },
    },
  });
}
