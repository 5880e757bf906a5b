// Waits until rows can be read in this Region. Only then is their chunk done.
import { IncompleteIngestError, SurplusRowsError } from '../shared/errors.ts';
import { countReviews } from './review-store.ts';
import type { Sessions } from './sessions.ts';

export interface Segment {
  sourceId: string;
  /** First offset. */
  from: number;
  /** After the last offset. */
  to: number;
}

export interface ReadBackLimits {
  /** How long to repeat a count that is too low. */
  withinMs: number;
  pauseMs: number;
  /** Time for one statement. In session mode, a read first waits for replication. */
  statementMs: number;
}

export const defaultReadBackLimits: ReadBackLimits = { withinMs: 15_000, pauseMs: 200, statementMs: 15_000 };
/** Time to leave for the end of the invocation. */
const leastRemainingMs = 2_000;

/**
 * Resolves when this Region reads `expected` rows in the segment.
 * First each session that wrote also reads. In session mode, it then waits for its writes. This is not enough. A session that broke
 * waits for nothing. A session whose rows were all there already does not wait either, because an upsert that changes nothing is no
 * transaction. So a count that is too low is not yet a loss, and is repeated for a while.
 * @throws {IncompleteIngestError} when the count stays too low
 * @throws {SurplusRowsError} if there are more rows, because an earlier version read the file in another way
 */
export async function readBack(
  sessions: Sessions,
  segment: Segment,
  expected: number,
  remainingMs: () => number,
  limits: ReadBackLimits = defaultReadBackLimits,
): Promise<void> {
  const statementMs = () => Math.min(limits.statementMs, Math.max(1, remainingMs() - leastRemainingMs));
  const mine = sessions.idle().filter((session) => session.role === 'secondary').length;
  // A session takes one statement at a time, so all sessions are busy before any of them gets a second one.
  const ownWrites = { ...segment, to: segment.from + 1 };
  await Promise.all(
    Array.from({ length: mine }, () => sessions.use((session) => countReviews(session, ownWrites, statementMs()))),
  );

  const giveUpAt = Date.now() + Math.min(limits.withinMs, remainingMs() - leastRemainingMs);
  for (;;) {
    const readable = await sessions.use((session) => countReviews(session, segment, statementMs()));
    if (readable === expected) return;
    if (readable > expected) {
      throw new SurplusRowsError(
        `offsets ${segment.from} to ${segment.to}: ${readable} rows readable, and the file makes ${expected} of them`,
      );
    }
    if (Date.now() + limits.pauseMs >= giveUpAt) {
      throw new IncompleteIngestError(
        `offsets ${segment.from} to ${segment.to}: ${readable} rows readable, ${expected} written or found there`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, limits.pauseMs));
  }
}
