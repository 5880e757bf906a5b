// Nothing is called done before it is readable in this Region.
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
  /** How long a count that is too low is read again. */
  withinMs: number;
  pauseMs: number;
  /** For one statement; in session mode a read first waits for replication. */
  statementMs: number;
}

export const defaultReadBackLimits: ReadBackLimits = { withinMs: 15_000, pauseMs: 200, statementMs: 15_000 };
/** Left over for the end of the invocation. */
const leastRemainingMs = 2_000;

/**
 * Resolves when this Region reads `expected` rows in the segment.
 * First each session that wrote reads, which in session mode makes it wait for its own writes. That is not enough by
 * itself: a session that broke waits for nothing, nor does one whose rows were all there already, because an upsert
 * that changes nothing is no transaction. So a count that is too low is not a loss yet, and is read again for a while.
 * @throws {IncompleteIngestError} when the count stays too low
 * @throws {SurplusRowsError} where there are more rows: an earlier version read the file otherwise
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
  // A session takes one at a time, and none is idle twice before all are at work.
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
