// Nothing is called done before it is readable in this Region: for all sources of a bundle at once.
import { IncompleteIngestError } from '../../shared/errors.ts';
import { defaultReadBackLimits } from '../read-back.ts';
import type { Sessions } from '../sessions.ts';
import { countRowsOfEach } from './ledger-of-many.ts';
import type { ParsedSource } from './parse-small.ts';

/**
 * Resolves when this Region reads all rows of each source. The session that wrote reads first, and waits for its own writes then. A
 * session that broke waits for nothing, so counts that are too low are read again for a while.
 * @returns sources with more rows than their lines make, and how many they have
 * @throws {IncompleteIngestError} where counts stay too low
 */
export async function readBackEach(
  written: readonly ParsedSource[],
  sessions: Sessions,
  remainingMs: () => number,
  limits = defaultReadBackLimits,
): Promise<Map<ParsedSource, number>> {
  if (written.length === 0) return new Map();
  const statementMs = () => Math.min(limits.statementMs, Math.max(1, remainingMs()));
  const giveUpAt = Date.now() + Math.min(limits.withinMs, remainingMs());
  const sources = written.map(({ source }) => source);
  for (;;) {
    const counts = await sessions.use((session) => countRowsOfEach(session, sources, statementMs()));
    const readable = ({ source }: ParsedSource) => counts.get(source.sourceId) ?? 0;
    const short = written.filter((one) => readable(one) < one.rows);
    if (short.length === 0) {
      const surplus = written.filter((one) => readable(one) > one.rows);
      return new Map(surplus.map((one) => [one, readable(one)]));
    }
    if (Date.now() + limits.pauseMs >= giveUpAt) {
      throw new IncompleteIngestError(`${short.length} of ${written.length} sources have fewer rows than were written`);
    }
    await new Promise((resolve) => setTimeout(resolve, limits.pauseMs));
  }
}
