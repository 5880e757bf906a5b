// Decides how many statements an invocation keeps in flight: enough to fill the round trip, but none that would only wait at a busy
// server. A single statement takes the time of its travel and its work. Any time beyond that is waiting for other statements. So an
// invocation opens sessions, which are scarce in a secondary, because of distance and not because the server is busy.
import type { RegionRole } from '../shared/mysql.ts';

export interface StatementsInFlight {
  /** The current limit. */
  limit(): number;
  /** A session was opened with a Region of this role. */
  reached(role: RegionRole): void;
  /** A statement was answered, milliseconds after it was sent. */
  answered(ms: number): void;
}

/** The start value: one statement is at the server while the next one travels. */
const atFirst = 2;
/** One statement is at the server while the next one is made. Several would block each other, and cost more CPU per row. */
const mostInPrimary = 1;
/** Weight of the latest answer in the average. */
const latest = 0.2;

/**
 * `most`: sessions that the invocation may have.
 * The rule is that of TCP Vegas, and the target is one waiting statement. Of `limit` statements, `limit * quickest / usual` travel or
 * work.
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
      // One step per round of answers. Until a statement waits for the first time, one step per answer.
      const step = isFirstRise ? 1 : (1 - waiting) / limit;
      limit = Math.min(most, Math.max(1, limit + step));
    },
  };
}
