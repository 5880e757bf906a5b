// Writes on each container who started it. So a later start can tell leftovers of a crash from containers in use.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

export const labels = { project: 'book-reviews.label', starter: 'book-reviews.starter' } as const;

/** `host pid start`. A pid alone may be reused, and means nothing on another machine that shares the engine. */
export function thisStarter(): string {
  return `${hostname()} ${process.pid} ${startOf(process.pid) ?? ''}`;
}

/** @returns false only if the starter ran on this machine and is gone. */
export function mayBeAlive(starter: string): boolean {
  const [host, pid, ...start] = starter.split(' ');
  if (host !== hostname()) return true;
  return startOf(Number(pid)) === start.join(' ');
}

/** When a running program started, in the unit of the system. Undefined if it has ended. */
function startOf(pid: number): string | undefined {
  try {
    // Field 22. Count from the end of the name, which may have spaces and parentheses.
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
