// Stops everything that a run has started when the run ends: by success, failure, Ctrl-C or SIGTERM, even during a start.

/** The run was asked to stop. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

export interface Scope {
  /** Aborted with an InterruptedError by `interrupt`. */
  signal: AbortSignal;
  interrupt(): void;
  /**
   * Starts something, and makes sure that `stop` runs at the end, in reverse order. If the run is interrupted during the start, the wait
   * ends at once, and the stop comes as soon as the start is complete.
   */
  use<T>(start: () => Promise<T>, stop: (started: T) => Promise<void> | void): Promise<T>;
  /** What `pending` gives, or the InterruptedError, whichever comes first. */
  unlessInterrupted<T>(pending: Promise<T>): Promise<T>;
  /**
   * Stops everything that was used, in reverse order, and starts nothing more. A failure does not keep the rest from stopping.
   * @throws {Error} the failure, at the end; a SuppressedError if there were several
   */
  stop(): Promise<void>;
}

export function openScope(): Scope {
  const interruption = new AbortController();
  const { signal } = interruption;
  const stops = new AsyncDisposableStack();
  let stopping: Promise<void> | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {}); // an interruption that nobody waits for at the moment is seen at the next wait
  return {
    signal,
    interrupt: () => interruption.abort(new InterruptedError('interrupted')),
    use(start, stop) {
      if (signal.aborted) return Promise.reject(signal.reason);
      if (stops.disposed) return Promise.reject(new InterruptedError('the run is stopping'));
      const pending = start();
      stops.defer(async () => {
        const started = await pending.then(
          (value) => ({ value }),
          () => null, // a start that fails cleans up after itself
        );
        if (started) await stop(started.value);
      });
      return Promise.race([pending, aborted]);
    },
    unlessInterrupted: (pending) => Promise.race([pending, aborted]),
    stop() {
      stopping ??= stops.disposeAsync();
      return stopping;
    },
  };
}

const interruptedStatus = 130;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const crashes = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Runs `run`, which a signal interrupts, and stops what it used. Returns the exit status: what `run` returned, or 130 after
 * an interruption.
 * @throws what `run` threw, or an error that no one caught, after everything is stopped.
 */
export async function runUntilSignal(
  run: (scope: Scope) => Promise<number>,
  say: (line: string) => void,
): Promise<number> {
  const scope = openScope();
  let stopping = false;
  const onSignal = () => {
    if (stopping) {
      say('Still stopping; nothing is left behind once this is through.');
      return;
    }
    stopping = true;
    say('Stopping: removing the containers and processes of this run ...');
    scope.interrupt();
  };
  const uncaught: unknown[] = [];
  const onUncaught = (error: unknown) => {
    uncaught.push(error);
    scope.interrupt();
  };
  for (const name of signals) process.on(name, onSignal);
  for (const name of crashes) process.on(name, onUncaught);
  let outcome: { status: number } | { failure: unknown };
  try {
    outcome = { status: await run(scope) };
  } catch (failure) {
    outcome = { failure };
  }
  stopping = true;
  try {
    await scope.stop();
  } catch (failure) {
    say(`Could not stop everything: ${(failure as Error).message}`);
    if ('status' in outcome) outcome = { failure };
  }
  for (const name of signals) process.off(name, onSignal);
  for (const name of crashes) process.off(name, onUncaught);
  if (uncaught.length > 0) throw uncaught[0];
  if (scope.signal.aborted) {
    say('Stopped: every container and process of this run is gone.');
    return interruptedStatus;
  }
  if ('failure' in outcome) throw outcome.failure;
  return outcome.status;
}
