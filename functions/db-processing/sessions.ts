// The sessions of one invocation: opened when there is work for them, each with one statement at a time, and what to do
// when one of them fails. No driver pool: its set-up hook cannot be awaited, and a session must be set up before it is used.
import { TransientDatabaseError } from '../shared/errors.ts';
import type { Session } from '../shared/mysql.ts';
import { adviceFor } from '../shared/mysql-errors.ts';

export interface RetryLimits {
  attempts: number;
  /** Longest pause after the first failed attempt; doubled each time up to `maxPauseMs`; the pause is a random part of it. */
  firstPauseMs: number;
  maxPauseMs: number;
}

export const defaultRetryLimits: RetryLimits = { attempts: 8, firstPauseMs: 100, maxPauseMs: 5_000 };
/** An attempt is not begun with less time than this. */
const leastAttemptMs = 2_000;

export interface Sessions {
  /**
   * Runs `work` on a session that has nothing else to do, as soon as there is one. What fails in a way that passes is
   * run again, on a new session if need be, so `work` must be safe to repeat.
   * @throws {TransientDatabaseError} when attempts or time run out; {ConfigurationError} and others at once
   */
  use<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
  /** Resolves when a session is open before there is work for it, or when that failed, which is then for the work to meet. */
  prepare(): Promise<void>;
  /** Every session that is open and idle. */
  idle(): readonly Session[];
  /** Also while statements run, after an error elsewhere: what they did may be repeated. */
  close(): Promise<void>;
}

export function createSessions(
  openSession: () => Promise<Session>,
  connections: number,
  remainingMs: () => number,
  limits: RetryLimits = defaultRetryLimits,
): Sessions {
  let limit = connections;
  /** Open or being opened. */
  let open = 0;
  let closed = false;
  let prepared: Promise<void> | undefined;
  const established = new Set<Session>();
  const idle: Session[] = [];
  const waiting: (() => void)[] = [];
  const wakeOne = () => waiting.shift()?.();

  const acquire = async (): Promise<Session> => {
    for (;;) {
      if (closed) throw new TransientDatabaseError('the invocation ends');
      const session = idle.pop();
      if (session) return session;
      if (open < limit) break;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    open += 1;
    try {
      const session = await openSession();
      established.add(session);
      if (closed) await session.close();
      return session;
    } catch (error) {
      open -= 1;
      // The server has no room for one more, but others of this invocation work: they will do.
      if (adviceFor(error) === 'fewer' && open > 0) limit = open;
      wakeOne();
      throw error;
    }
  };
  const release = (session: Session) => {
    idle.push(session);
    wakeOne();
  };
  const discard = async (session: Session) => {
    open -= 1;
    established.delete(session);
    wakeOne();
    await session.close();
  };

  return {
    async use(work) {
      for (let attempt = 1; ; attempt += 1) {
        let session: Session | undefined;
        try {
          session = await acquire();
          const result = await work(session);
          release(session);
          return result;
        } catch (error) {
          const advice = adviceFor(error);
          if (session) {
            if (advice === 'repeat') release(session);
            else await discard(session);
          }
          if (advice === 'fail' || closed) throw error;
          const pauseMs = Math.random() * Math.min(limits.maxPauseMs, limits.firstPauseMs * 2 ** (attempt - 1));
          if (attempt >= limits.attempts || remainingMs() < pauseMs + leastAttemptMs) {
            throw new TransientDatabaseError(`gave up after ${attempt} attempts: ${(error as Error).message}`, {
              cause: error,
            });
          }
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
      }
    },
    prepare: () => {
      prepared = acquire().then(release, () => {});
      return prepared;
    },
    idle: () => idle,
    async close() {
      closed = true;
      for (const wake of waiting.splice(0)) wake();
      // There may have been no work for it.
      await prepared;
      await Promise.all([...established].map((session) => session.close()));
    },
  };
}
