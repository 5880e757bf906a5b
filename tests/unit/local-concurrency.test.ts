import { describe, expect, it } from '@jest/globals';
import { checkConcurrency } from '../../local/template/check-concurrency.ts';
import type { Stack } from '../../local/template/stack.ts';

const stack = (reserved: number, connections: number, sources: number, chunks: number) =>
  ({
    functions: {
      DbProcessingFunction: {
        reservedConcurrency: reserved,
        environment: { DATABASE_CONNECTIONS: String(connections) },
      },
      PreprocessFunction: { environment: { SOURCE_CONCURRENCY: String(sources) } },
    },
    stateMachine: { substitutions: { ChunkConcurrency: String(chunks) } },
    forwardedSessionsCap: 100,
  }) as unknown as Stack;

describe('the concurrency of a Region', () => {
  it('is fine where an execution stays within the reserved concurrency, and the sessions within the cap', () => {
    expect(checkConcurrency(stack(8, 6, 2, 4))).toBeNull();
    expect(checkConcurrency(stack(10, 10, 2, 5))).toBeNull();
  });

  it('is refused where there can be more sessions than a secondary may forward', () => {
    expect(() => checkConcurrency(stack(8, 13, 2, 4))).toThrow('104 sessions, of 100');
  });

  it('is said to throttle where an execution invokes more than may run', () => {
    expect(checkConcurrency(stack(8, 6, 4, 8))).toMatch(/up to 32 times at once, of which 8/);
  });
});
