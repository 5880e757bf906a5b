// Logs in with the secret, also while the password is being changed.
import type { CredentialSource, Credentials } from './database-credentials.ts';
import { serverError } from './mysql-errors.ts';

export interface WaitLimits {
  firstPauseMs: number;
  /** Each pause is twice the one before, up to this. */
  maxPauseMs: number;
  /** The bound of all pauses together. */
  withinMs: number;
  /** Time that the invocation keeps for its work. */
  leastRemainingMs: number;
}

/** How long a caller waits. Tests set the clock and the pause. */
export interface Patience {
  remainingMs: () => number;
  limits?: WaitLimits;
  now?: () => number;
  pause?: (ms: number) => Promise<void>;
}

/** A minute is long enough for a person with two commands, and for the replication of secret and user to the other Region. */
const defaultLimits: WaitLimits = {
  firstPauseMs: 1_000,
  maxPauseMs: 10_000,
  withinMs: 60_000,
  leastRemainingMs: 60_000,
};
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const isRefused = (error: unknown) => (error as { errno?: number }).errno === serverError.loginRefused;

/**
 * Runs `attempt` with the secret. After a refusal it reads the secret again and tries once more. A password changes in two places, one
 * after the other, so a caller with patience pauses and tries again. The order of the two changes does not matter.
 * @throws the error of `attempt`. It throws a refusal only when the patience is over
 */
export async function logIn<Result>(
  source: CredentialSource,
  attempt: (credentials: Credentials) => Promise<Result>,
  patience?: Patience,
): Promise<Result> {
  const { remainingMs, limits = defaultLimits, now = Date.now, pause = sleep } = patience ?? { remainingMs: () => 0 };
  const giveUpAtMs = now() + Math.min(limits.withinMs, remainingMs() - limits.leastRemainingMs);
  let credentials = await source.read();
  for (let round = 0; ; round += 1) {
    try {
      return await attempt(credentials);
    } catch (error) {
      if (!isRefused(error)) throw error;
      if (round > 0) {
        const pauseMs = Math.min(limits.maxPauseMs, limits.firstPauseMs * 2 ** (round - 1));
        if (now() + pauseMs > giveUpAtMs) throw error;
        await pause(pauseMs);
      }
      credentials = await source.renew(credentials);
    }
  }
}
