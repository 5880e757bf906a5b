// Asks before a command makes a change that nobody can undo.
import { createInterface } from 'node:readline/promises';
import { OptionError } from './command-line.ts';

/** @throws {OptionError} if nobody is there to answer */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new OptionError('add --yes: nobody is here to answer a question');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
