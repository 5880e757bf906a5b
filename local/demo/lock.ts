// Allows one demo, or one pair of local Regions, at a time per checkout. A lock file names the running process. The file survives a
// crash, so it identifies the process exactly, and the next run takes it over when that process is gone.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Holder {
  pid: number;
  /** When the kernel started the process, because a pid alone may be reused. Empty if unknown. */
  started: string;
  command: string;
}

/** Another run has the lock. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}

/**
 * Takes the lock file `run.lock` in `directory` and returns how to give it back.
 * @throws {LockedError} naming the process that has it.
 */
export function takeLock(directory: string, command: string): () => void {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'run.lock');
  const own = `${path}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, started: startOf(process.pid), command } satisfies Holder));
  try {
    while (!linked(own, path)) {
      const holder = holderOf(path);
      if (holder === undefined) continue; // given back in between
      if (holder !== null && isRunning(holder)) {
        throw new LockedError(
          `'${holder.command}' is already running here with process id ${holder.pid}. Let it end, or stop it with Ctrl-C or 'kill ${holder.pid}'.`,
        );
      }
      // Left by a crash. Renaming is what only one of several starters can do; it may have moved a lock taken in between,
      // which then goes back.
      const aside = `${path}.stale.${process.pid}`;
      try {
        renameSync(path, aside);
      } catch {
        continue;
      }
      const moved = holderOf(aside);
      if (moved && isRunning(moved)) linked(aside, path);
      rmSync(aside, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => {
    if (holderOf(path)?.pid === process.pid) rmSync(path, { force: true });
  };
}

/** Gives the file `from` the name `path`, atomically, and only if nothing has that name. */
function linked(from: string, path: string): boolean {
  try {
    linkSync(from, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined: no such file. Null: not a lock of this code. */
function holderOf(path: string): Holder | null | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8'));
    return Number.isInteger(holder?.pid) ? holder : null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : null;
  }
}

function isRunning({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startOf(pid) === started;
}

/** Clock ticks since boot at which a process started, from /proc; empty on systems without it. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
