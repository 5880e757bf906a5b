import { describe, expect, it } from '@jest/globals';
import { InterruptedError, openScope, runUntilSignal } from '../../../local/demo/interruption.ts';

const start = (stopped: string[], name: string) => ({
  start: async () => name,
  stop: (what: string) => void stopped.push(what),
});

describe('a resource of a run', () => {
  it('is stopped in the reverse order, also if one of them fails to stop', async () => {
    const stopped: string[] = [];
    const scope = openScope();
    for (const name of ['a', 'b', 'c']) {
      const { start: begin, stop } = start(stopped, name);
      await scope.use(begin, (what) => {
        if (what === 'b') throw new Error('b will not stop');
        stop(what);
      });
    }
    await expect(scope.stop()).rejects.toThrow('b will not stop');
    expect(stopped).toEqual(['c', 'a']);
  });

  it('is stopped also when the run is interrupted while it starts', async () => {
    const stopped: string[] = [];
    const scope = openScope();
    let finishStart = (_: string) => {};
    const slow = scope.use(
      () =>
        new Promise<string>((resolve) => {
          finishStart = resolve;
        }),
      (what) => void stopped.push(what),
    );
    scope.interrupt();
    await expect(slow).rejects.toThrow(InterruptedError);
    const end = scope.stop();
    expect(stopped).toEqual([]);
    finishStart('slow');
    await end;
    expect(stopped).toEqual(['slow']);
  });

  it('is not started any more after an interruption', async () => {
    const scope = openScope();
    scope.interrupt();
    let began = false;
    await expect(
      scope.use(
        async () => {
          began = true;
        },
        () => {},
      ),
    ).rejects.toThrow(InterruptedError);
    expect(began).toBe(false);
  });
});

describe('a run', () => {
  it('gives its own status, and passes on what it throws once everything is stopped', async () => {
    const stopped: string[] = [];
    expect(
      await runUntilSignal(
        async () => 1,
        () => {},
      ),
    ).toBe(1);
    const failing = runUntilSignal(
      async (scope) => {
        await scope.use(
          async () => 'a',
          (what) => void stopped.push(what),
        );
        throw new Error('no');
      },
      () => {},
    );
    await expect(failing).rejects.toThrow('no');
    expect(stopped).toEqual(['a']);
  });
});
