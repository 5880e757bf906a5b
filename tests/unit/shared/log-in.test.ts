import { describe, expect, it } from '@jest/globals';
import type { CredentialSource, Credentials } from '../../../functions/shared/database-credentials.ts';
import { logIn } from '../../../functions/shared/log-in.ts';

const limits = { firstPauseMs: 10, maxPauseMs: 40, withinMs: 1_000, leastRemainingMs: 100 };

/** A database and a secret with a password each, and a clock that only pauses move. */
function world({ inDatabase = 'new', inSecret = 'new', remainingMs = 900_000 } = {}) {
  const state = { inDatabase, inSecret, nowMs: 0, reads: 0, attempts: 0, pauses: [] as number[] };
  let current: Credentials | undefined;
  const fetch = async () => {
    state.reads += 1;
    current = { username: 'u', password: state.inSecret };
    return current;
  };
  const source: CredentialSource = {
    read: async () => current ?? fetch(),
    renew: async (refused) => (current === refused ? fetch() : (current ?? fetch())),
  };
  const attempt = async ({ password }: Credentials) => {
    state.attempts += 1;
    if (password !== state.inDatabase) throw Object.assign(new Error('denied'), { errno: 1045 });
    return `session of ${password}`;
  };
  /** Called when a pause ends. */
  let afterPause: () => void = () => {};
  const pause = async (ms: number) => {
    state.pauses.push(ms);
    state.nowMs += ms;
    afterPause();
  };
  const patience = { remainingMs: () => remainingMs - state.nowMs, limits, pause, now: () => state.nowMs };
  return {
    state,
    source,
    attempt,
    patience,
    onPause: (change: () => void) => {
      afterPause = change;
    },
  };
}

describe('a log-in', () => {
  it('takes the secret once where it is right', async () => {
    const { state, source, attempt, patience } = world();
    expect(await logIn(source, attempt, patience)).toBe('session of new');
    expect(state).toMatchObject({ reads: 1, attempts: 1, pauses: [] });
  });

  it('reads the secret again at once where it was changed together with the database', async () => {
    const { state, source, attempt, patience } = world({ inSecret: 'old' });
    await source.read();
    state.inSecret = 'new';
    expect(await logIn(source, attempt, patience)).toBe('session of new');
    expect(state).toMatchObject({ reads: 2, attempts: 2, pauses: [] });
  });

  it('waits for the secret where the password was changed in the database first', async () => {
    const { state, source, attempt, patience, onPause } = world({ inSecret: 'old' });
    onPause(() => {
      if (state.pauses.length === 3) state.inSecret = 'new';
    });
    expect(await logIn(source, attempt, patience)).toBe('session of new');
    expect(state.pauses).toEqual([10, 20, 40]);
  });

  it('waits for the database where the secret was changed first', async () => {
    const { state, source, attempt, patience, onPause } = world({ inDatabase: 'old' });
    onPause(() => {
      state.inDatabase = 'new';
    });
    expect(await logIn(source, attempt, patience)).toBe('session of new');
    expect(state.pauses).toHaveLength(1);
  });

  it('gives up with the refusal of the server after its patience', async () => {
    const { state, source, attempt, patience } = world({ inSecret: 'wrong' });
    await expect(logIn(source, attempt, patience)).rejects.toMatchObject({ errno: 1045 });
    expect(state.nowMs).toBeGreaterThan(limits.withinMs - limits.maxPauseMs);
    expect(state.nowMs).toBeLessThanOrEqual(limits.withinMs);
  });

  it('leaves the invocation the time that it needs to end', async () => {
    const { state, source, attempt, patience } = world({ inSecret: 'wrong', remainingMs: 175 });
    await expect(logIn(source, attempt, patience)).rejects.toMatchObject({ errno: 1045 });
    expect(state.pauses).toEqual([10, 20, 40]);
  });

  it('does not wait where nobody is patient, as for a person who asks', async () => {
    const { state, source, attempt } = world({ inSecret: 'wrong' });
    await expect(logIn(source, attempt)).rejects.toMatchObject({ errno: 1045 });
    expect(state).toMatchObject({ reads: 2, attempts: 2 });
  });

  it('does not repeat other errors', async () => {
    const { state, source, patience } = world();
    const lost = async () => {
      state.attempts += 1;
      throw Object.assign(new Error('lost'), { code: 'ECONNRESET' });
    };
    await expect(logIn(source, lost, patience)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(state).toMatchObject({ attempts: 1, pauses: [] });
  });
});
