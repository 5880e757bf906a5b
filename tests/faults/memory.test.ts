// Memory of an ingest in a separate process. Nothing that a file holds may pile up in it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const most = 300;

async function ingest(kind: string, mib: number) {
  const { stdout } = await promisify(execFile)(
    'node_modules/.bin/node',
    ['local/faults/ingest-memory.ts', kind, String(mib)],
    { env: { ...process.env, NODE_OPTIONS: '' } },
  );
  return JSON.parse(stdout) as { peakRssMib: number; lines: number; rejectedByReason: object; done: boolean };
}

describe(`stays below ${most} MiB`, () => {
  it('for a file of 2 GiB', async () => {
    const { peakRssMib, ...end } = await ingest('lines', 2048);
    expect(end).toMatchObject({ lines: 2 * 1024 ** 2, rejectedByReason: {}, done: true });
    expect(peakRssMib).toBeLessThan(most);
  });

  it('for 1 GiB without a newline, which is one rejected record', async () => {
    const { peakRssMib, ...end } = await ingest('line', 1024);
    expect(end).toMatchObject({ lines: 1, rejectedByReason: { 'line-too-long': 1 }, done: true });
    expect(peakRssMib).toBeLessThan(most);
  });

  it('for a gzip bomb, a thousand times as large as its file', async () => {
    const { peakRssMib, ...end } = await ingest('bomb', 1024);
    expect(end).toMatchObject({ lines: 1, rejectedByReason: { 'line-too-long': 1 }, done: true });
    expect(peakRssMib).toBeLessThan(most);
  });

  it('for compressed reviews', async () => {
    const { peakRssMib, ...end } = await ingest('gzip', 256);
    expect(end).toMatchObject({ lines: 256 * 1024, rejectedByReason: {}, done: true });
    expect(peakRssMib).toBeLessThan(most);
  });
});
