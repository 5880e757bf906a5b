// Everything that a run starts is stopped at its end, whatever the end is: done, failed, Ctrl-C or SIGTERM, also while
// something is still starting.

/** The run was asked to stop. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

export interface Scope {
  /** Aborted with an InterruptedError at the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  /**
   * Starts something and sees to it that `stop` runs at the end, in the reverse order. When the run is interrupted while it
   * starts, the run ends at once and the stop comes as soon as the start is through.
   */
  use<T>(start: () => Promise<T>, stop: (started: T) => Promise<void> | void): Promise<T>;
  /** What `pending` gives, or the InterruptedError, whichever comes first. */
  unlessInterrupted<T>(pending: Promise<T>): Promise<T>;
}

const interruptedStatus = 130;

/**
 * Runs `run` and stops what it used. Returns the exit status: what `run` returned, or 130 after an interruption.
 * @throws what `run` threw, after everything is stopped.
 */
export async function runWithScope(
  run: (scope: Scope) => Promise<number>,
  say: (line: string) => void,
): Promise<number> {
  const interruption = new AbortController();
  const stops: (() => Promise<void>)[] = [];
  let stopping = false;
  const onSignal = () => {
    if (interruption.signal.aborted || stopping) {
      say('Still stopping; nothing is left behind once this is through.');
      return;
    }
    say('Stopping: removing the containers and processes of this run ...');
    interruption.abort(new InterruptedError('interrupted'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);

  const { signal } = interruption;
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {}); // an interruption that nobody waits for at the moment is seen at the next wait

  const scope: Scope = {
    signal,
    use(start, stop) {
      if (signal.aborted) return Promise.reject(signal.reason);
      const pending = start();
      stops.push(async () => {
        const started = await pending.then(
          (value) => ({ value }),
          () => null, // a start that fails cleans up after itself
        );
        if (started) await stop(started.value);
      });
      return Promise.race([pending, aborted]);
    },
    unlessInterrupted: (pending) => Promise.race([pending, aborted]),
  };

  let failure: unknown;
  let status = 0;
  try {
    status = await run(scope);
  } catch (error) {
    failure = error;
  }
  stopping = true;
  for (const stop of stops.reverse()) {
    await stop().catch((error: Error) => {
      say(`Could not stop everything: ${error.message}`);
      failure ??= error;
    });
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, onSignal);
  if (signal.aborted) {
    say('Stopped: every container and process of this run is gone.');
    return interruptedStatus;
  }
  if (failure !== undefined) throw failure;
  return status;
}
