// Writes the output of the functions and the simulation to one file per Region, away from the output for people.
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

export interface RegionLog {
  path: string;
  write(line: string): void;
  close(): Promise<void>;
}

/** A new file per run. */
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
