// Finds the process with the local end of a TCP connection, so that a fault can end the sandbox whose statement it met.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** @param pids candidates. @returns undefined if none of them has it, and on systems without /proc. */
export function pidOfPort(port: number, pids: readonly number[]): number | undefined {
  try {
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    const inodes = new Set<string>();
    for (const table of ['tcp', 'tcp6']) {
      for (const line of readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1)) {
        const fields = line.trim().split(/\s+/);
        if (fields[1]?.endsWith(`:${hex}`)) inodes.add(`socket:[${fields[9]}]`);
      }
    }
    return pids.find((pid) => readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(linkOf(`/proc/${pid}/fd/${fd}`))));
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
