import { describe, expect, it } from '@jest/globals';
import type { StartedTestContainer } from 'testcontainers';
import { startContainer } from '../../../local/database/start-container.ts';

const taken = new Error('(HTTP code 500) server error - listen tcp4 127.0.0.1:32857: bind: address already in use');
const started = {} as StartedTestContainer;

/** A container that fails with these errors, one after the other, before it starts. */
function containerThatFailsWith(...errors: Error[]) {
  let starts = 0;
  return {
    starts: () => starts,
    start: async () => {
      starts += 1;
      const error = errors.shift();
      if (error) throw error;
      return started;
    },
  };
}

describe('a container with a published port', () => {
  it('is started again where a connection was at the port that Docker picked', async () => {
    const container = containerThatFailsWith(taken, taken);
    await expect(startContainer(container)).resolves.toBe(started);
    expect(container.starts()).toBe(3);
  });

  it('fails where that goes on, and at once for any other reason', async () => {
    await expect(startContainer(containerThatFailsWith(taken, taken, taken))).rejects.toBe(taken);
    const container = containerThatFailsWith(new Error('no such image'));
    await expect(startContainer(container)).rejects.toThrow('no such image');
    expect(container.starts()).toBe(1);
  });
});
