// The fixed ports of Regions that stay, and a check that they are free.
import { createServer } from 'node:net';
import { OptionError } from '../../operations/command-line.ts';
import { regionNames } from './options.ts';

export interface RegionPorts {
  writer: number;
  reader: number;
  s3: number;
  secrets: number;
}

export type Ports = Record<string, RegionPorts>;

export function fixedPorts(base: number): Ports {
  const from = (first: number): RegionPorts => ({
    writer: first,
    reader: first + 1,
    s3: first + 2,
    secrets: first + 3,
  });
  return { [regionNames.primary]: from(base + 10), [regionNames.secondary]: from(base + 20) };
}

/** @throws {OptionError} naming the ports that are in use. */
export async function checkFree(ports: Ports): Promise<void> {
  const all = Object.values(ports).flatMap((region) => Object.values(region));
  const taken = (await Promise.all(all.map(async (port) => ((await isFree(port)) ? [] : [port])))).flat();
  if (taken.length === 0) return;
  throw new OptionError(
    `port ${taken.join(', ')} is in use by another program; choose others with --port-base N or BOOK_REVIEWS_PORT_BASE`,
  );
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
