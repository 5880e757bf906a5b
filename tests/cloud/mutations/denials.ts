// What the emulator refused to a role, read in its log.
import { open, stat } from 'node:fs/promises';
import type { Cloud } from '../cloud.ts';

/** A place in the emulator's log. */
export const endOfLog = async ({ emulator }: Cloud): Promise<number> => (await stat(emulator.logFile)).size;

/** Actions that the role, by its name in IAM, was refused after a place in the log. Each as often as it was refused. */
export async function deniedSince({ emulator }: Cloud, from: number, role: string): Promise<string[]> {
  const file = await open(emulator.logFile);
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    return deniedIn(buffer.toString(), role);
  } finally {
    await file.close();
  }
}

export const deniedIn = (log: string, role: string): string[] =>
  [...log.matchAll(/ IAM (?:Implicit)?Deny (\S+) on \S+ by (\S+)$/gm)]
    .filter(([, , name]) => name === role)
    .map(([, action = '']) => action);
