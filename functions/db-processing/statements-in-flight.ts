// How many statements an invocation keeps in flight: as many batches as it can make while one is on its way. In a primary
// that is few; across an ocean, where a statement mostly travels, it is as many as the forwarding cap leaves room for. So
// sessions, which are scarce there, are opened for distance and not for a server that is slow because it is busy.
import type { RegionRole } from '../shared/mysql.ts';

export interface StatementsInFlight {
  /** At the moment. */
  limit(): number;
  /** Of one statement, at the moment. */
  batchRows(): number;
  /** A batch was made; milliseconds since the last one was handed over. */
  made(ms: number): void;
  /** A statement was answered by a Region of this role, milliseconds after it was sent. */
  answered(ms: number, role: RegionRole): void;
}

/** One statement is with the server while the next batch is made; also before the first answer, when nothing is known. */
const least = 2;
/** Without a way to travel: more wait for the server's cores, and cost it more CPU a row. */
const mostInPrimary = 2;
/** There, a statement that fits into the caches of the server's core costs it a tenth less a row. */
const mostRowsInPrimary = 250;

/**
 * `most`: sessions that the invocation may have; `mostRows`: of a statement, where it travels far. The quickest answer so far
 * counts, since the others waited for each other as well; batches are made as quickly as they are on average.
 */
export function createStatementsInFlight(most: number, mostRows: number): StatementsInFlight {
  let quickestMs = Number.POSITIVE_INFINITY;
  let madeMs = 0;
  let batches = 0;
  let bound = most;
  let boundRows = Math.min(mostRows, mostRowsInPrimary);
  return {
    batchRows: () => boundRows,
    limit() {
      if (batches === 0 || quickestMs === Number.POSITIVE_INFINITY) return Math.min(least, most);
      const meanMs = Math.max(madeMs / batches, 0.1);
      return Math.min(bound, Math.max(least, 1 + Math.ceil(quickestMs / meanMs)));
    },
    made(ms) {
      madeMs += ms;
      batches += 1;
    },
    answered(ms, role) {
      bound = role === 'primary' ? Math.min(most, mostInPrimary) : most;
      boundRows = role === 'primary' ? Math.min(mostRows, mostRowsInPrimary) : mostRows;
      quickestMs = Math.min(quickestMs, ms);
    },
  };
}
