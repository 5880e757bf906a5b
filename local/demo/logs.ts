// What the functions and the simulation write goes to a file a Region, out of the way of what a person reads.
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

export interface RegionLog {
  path: string;
  write(line: string): void;
  close(): Promise<void>;
}

/** A new file each run. */
export function openLog(directory: string, region: string): RegionLog {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${region}.log`);
  const file = createWriteStream(path);
  return {
    path,
    write: (line) => {
      if (!file.writableEnded) file.write(`${line}\n`);
    },
    close: async () => {
      file.end();
      await finished(file);
    },
  };
}
