// How many statements an invocation keeps in flight: as many as travel, and not those that would only wait at a busy server.
// What a statement takes alone is its travel and its work; what it takes beyond that, it waited for others. So sessions, which
// are scarce in a secondary, are opened for distance, and not for a server that is slow because it is busy.
import type { RegionRole } from '../shared/mysql.ts';

export interface StatementsInFlight {
  /** At the moment. */
  limit(): number;
  /** A session was opened with a Region of this role. */
  reached(role: RegionRole): void;
  /** A statement was answered, milliseconds after it was sent. */
  answered(ms: number): void;
}

/** Before much is known: one is with the server while the next one begins its way. */
const atFirst = 2;
/** One is with the server while the next one is made. Several of an invocation's cost a server more CPU a row, as they are in each other's way. */
const mostInPrimary = 1;
/** Weight of the latest answer in what an answer takes at present. */
const latest = 0.2;

/**
 * `most`: sessions that the invocation may have.
 * The rule is TCP Vegas's, with one statement that waits as the target: of `limit` statements, those that are on their way or
 * at work are `limit * quickest / usual`.
 */
export function createStatementsInFlight(most: number): StatementsInFlight {
  let quickestMs = Number.POSITIVE_INFINITY;
  let usualMs = 0;
  let limit = Math.min(atFirst, most);
  let isFirstRise = true;
  let bound = most;
  return {
    limit: () => Math.min(bound, Math.max(1, Math.floor(limit))),
    reached(role) {
      bound = role === 'primary' ? mostInPrimary : most;
    },
    answered(ms) {
      usualMs = quickestMs === Number.POSITIVE_INFINITY ? ms : usualMs + latest * (ms - usualMs);
      quickestMs = Math.min(quickestMs, ms);
      const waiting = limit * (1 - quickestMs / usualMs);
      if (waiting > 1) isFirstRise = false;
      // A whole step for a whole round of answers; until statements wait for the first time, one for each answer.
      const step = isFirstRise ? 1 : (1 - waiting) / limit;
      limit = Math.min(most, Math.max(1, limit + step));
    },
  };
}
