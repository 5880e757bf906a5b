// Mutations are run by hand (tests/faults/mutate.ts); that each is still for this code is cheap to know.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { mutated, mutations } from '../../faults/mutations.ts';
import { protections } from '../../faults/protections.ts';

describe('a protection that can be taken out', () => {
  it.each(mutations.map((one) => [one.what, one] as const))(
    'still stands where it is edited: %s',
    (_what, mutation) => {
      for (const [file, text] of mutated(mutation, (path) => readFileSync(path, 'utf8'))) {
        expect(text).not.toBe(readFileSync(file, 'utf8'));
      }
    },
  );

  it('is there for each named fault', () => {
    const caught = new Set(mutations.flatMap(({ caughtBy }) => caughtBy));
    const described = Object.keys(protections).filter((kind) => !caught.has(`under ${kind}`));
    // Tests of their own show these: too few sessions, events of one key, a second event, throttling for minutes. A late event needs
    // nothing. The checksum also notices a small body that is short.
    expect(described.sort()).toEqual([
      'database-forwarding-saturated',
      'event-late',
      'event-out-of-order',
      'event-twice',
      'lambda-throttled',
      's3-body-short-of-small',
    ]);
  });
});
