// The arithmetic of template.yaml (at DbProcessingFunction), checked with the values that a Region starts with.
import type { Stack } from './stack.ts';

/**
 * @returns what will be slower than it need be, in words, or null if nothing will.
 * @throws {Error} if DB-processing could ask for more sessions than a secondary may forward.
 */
export function checkConcurrency({ functions, stateMachine, forwardedSessionsCap }: Stack): string | null {
  const ingest = functions.DbProcessingFunction;
  const invocations = ingest?.reservedConcurrency ?? Number.POSITIVE_INFINITY;
  const connections = Number(ingest?.environment.DATABASE_CONNECTIONS ?? 1);
  if (forwardedSessionsCap !== undefined && invocations * connections > forwardedSessionsCap) {
    throw new Error(
      `${invocations} invocations of DB-processing with ${connections} connections each can need ${invocations * connections} sessions, of ${forwardedSessionsCap} that may be forwarded`,
    );
  }
  const sources = functions.PreprocessFunction?.environment.SOURCE_CONCURRENCY;
  const chunks = Number(sources ?? 1) * Number(stateMachine.substitutions.ChunkConcurrency ?? 1);
  if (chunks <= invocations) return null;
  return `an execution invokes DB-processing up to ${chunks} times at once, of which ${invocations} may run: the others are throttled, and retried`;
}
