import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LockedError, takeLock } from '../../../local/demo/lock.ts';

describe('the lock of a run', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is refused while its holder runs, and names it', () => {
    takeLock(directory, 'npm run demo');
    expect(() => takeLock(directory, 'npm run local')).toThrow(LockedError);
    expect(() => takeLock(directory, 'npm run local')).toThrow(
      `'npm run demo' is already running here with process id ${process.pid}`,
    );
  });

  it('can be taken again once it was given back, and leaves no file', () => {
    takeLock(directory, 'npm run demo')();
    takeLock(directory, 'npm run demo')();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is taken over from a process that is gone', () => {
    writeFileSync(
      join(directory, 'run.lock'),
      JSON.stringify({ pid: 2 ** 22 + 1, started: '1', command: 'npm run demo' }),
    );
    takeLock(directory, 'npm run demo')();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is taken over where its holder’s process id went to another process', () => {
    if (process.platform !== 'linux') return; // start times come from /proc
    writeFileSync(
      join(directory, 'run.lock'),
      JSON.stringify({ pid: process.pid, started: '1', command: 'npm run demo' }),
    );
    takeLock(directory, 'npm run demo')();
  });

  it('is taken over where the file is cut off', () => {
    writeFileSync(join(directory, 'run.lock'), '{"pid":');
    takeLock(directory, 'npm run demo')();
  });

  it('stays when it went to another in the meantime', () => {
    const giveBack = takeLock(directory, 'npm run demo');
    writeFileSync(join(directory, 'run.lock'), JSON.stringify({ pid: process.pid + 1, started: '1', command: 'x' }));
    giveBack();
    expect(readdirSync(directory)).toEqual(['run.lock']);
  });
});
