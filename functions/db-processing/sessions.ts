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
   * Runs `work` on a session that has nothing else to do, as soon as there is one. A passing failure repeats it, on a new
   * session if need be, so `work` must be safe to repeat. A server that has no room for the session is no failure: the work
   * waits for as long as there is time.
   * @throws {TransientDatabaseError} when attempts or time run out; {ConfigurationError} and others at once
   */
  use<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
  /** Every session that is open and idle. */
  idle(): readonly Session[];
  /** Also while statements run or sessions open, after an error elsewhere: the statements may be repeated. */
  close(): Promise<void>;
}

export function createSessions(
  openSession: () => Promise<Session>,
  connections: number,
  remainingMs: () => number,
  limits: RetryLimits = defaultRetryLimits,
): Sessions {
  const pool = createPool(openSession, connections);
  return {
    async use(work) {
      let failures = 0;
      let pauses = 0;
      for (;;) {
        let session: Session | undefined;
        try {
          session = await pool.acquire();
          const result = await work(session);
          pool.release(session);
          return result;
        } catch (error) {
          const advice = adviceFor(error);
          if (session) {
            if (advice === 'repeat') pool.release(session);
            else await pool.discard(session, error);
          }
          const closed = pool.isClosed();
          if (advice === 'fail' || closed) throw error;
          if (advice !== 'fewer') failures += 1;
          const pauseMs = Math.random() * Math.min(limits.maxPauseMs, limits.firstPauseMs * 2 ** pauses);
          pauses += 1;
          if (failures >= limits.attempts || remainingMs() < pauseMs + leastAttemptMs) {
            throw new TransientDatabaseError(`gave up after ${pauses} attempts: ${(error as Error).message}`, {
              cause: error,
            });
          }
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
      }
    },
    idle: pool.idle,
    close: pool.close,
  };
}

/** Who has which session. Opens at most `connections` sessions, and fewer if the server has no room for them. */
function createPool(openSession: () => Promise<Session>, connections: number) {
  let limit = connections;
  /** Open or being opened. */
  let open = 0;
  const opener = createOpener(openSession);
  const idle: Session[] = [];
  /** Each gets a session, or null with a place for one more. The first to wait is the first to get one, or its work would starve. */
  const waiting: ((session: Session | null) => void)[] = [];
  const openOne = async (): Promise<Session> => {
    try {
      return await opener.open();
    } catch (error) {
      leave(error);
      throw error;
    }
  };
  const acquire = async (): Promise<Session> => {
    const mayGoOn = () => {
      if (opener.isClosed()) throw new TransientDatabaseError('the invocation ends');
    };
    mayGoOn();
    const session = idle.pop();
    if (session !== undefined) return session;
    if (open < limit) {
      open += 1;
      return openOne();
    }
    const next = await new Promise<Session | null>((resolve) => waiting.push(resolve));
    mayGoOn();
    return next ?? openOne();
  };
  const release = (session: Session) => {
    const next = waiting.shift();
    if (next) next(session);
    else idle.push(session);
  };
  /** One session less is open. Where the server has no room for it, the others of this invocation will do. */
  const leave = (error: unknown) => {
    open -= 1;
    if (adviceFor(error) === 'fewer') limit = Math.max(1, Math.min(limit, open));
    const next = open < limit ? waiting.shift() : undefined;
    if (next) {
      open += 1;
      next(null);
    }
  };
  const discard = async (session: Session, error: unknown) => {
    leave(error);
    await opener.discard(session);
  };

  return {
    acquire,
    release,
    discard,
    isClosed: opener.isClosed,
    idle: () => idle,
    close: () =>
      opener.close(() => {
        for (const wake of waiting.splice(0)) wake(null);
      }),
  };
}

/** Opens sessions, and knows all that are open or being opened. */
function createOpener(openSession: () => Promise<Session>) {
  let closed = false;
  const established = new Set<Session>();
  const openings = new Set<Promise<unknown>>();
  return {
    async open(): Promise<Session> {
      const opening = openSession();
      openings.add(opening);
      try {
        const session = await opening;
        established.add(session);
        if (closed) await session.close();
        return session;
      } finally {
        openings.delete(opening);
      }
    },
    async discard(session: Session): Promise<void> {
      established.delete(session);
      await session.close();
    },
    isClosed: () => closed,
    /** Closes all sessions, and those that are being opened. `wakeWaiting` runs in between: nobody can get a session then. */
    async close(wakeWaiting: () => void): Promise<void> {
      closed = true;
      wakeWaiting();
      await Promise.allSettled(openings);
      await Promise.all([...established].map((session) => session.close()));
    },
  };
}
