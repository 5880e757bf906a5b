// The peak resident memory of this process.
import { existsSync, readFileSync } from 'node:fs';

/**
 * KiB. On Linux from /proc, which starts at zero with the program: what getrusage tells is inherited from the process that
 * started this one, so that a small child of a large process would look as large.
 */
export function peakRssKib(): number {
  const status = '/proc/self/status';
  const peak = existsSync(status) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1] : undefined;
  return peak === undefined ? process.resourceUsage().maxRSS : Number(peak);
}
