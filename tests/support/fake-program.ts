// Programs that stand in for others: they note how they were called and answer as a test says.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Answer {
  stdout?: string;
  stderr?: string;
  status?: number;
}

/**
 * Writes an executable `name` into `directory`. It answers with the first of `answers` whose pattern fits its arguments, joined by
 * spaces, and else with nothing and status 0.
 */
export function writeFakeProgram(directory: string, name: string, answers: [pattern: string, answer: Answer][]): void {
  mkdirSync(directory, { recursive: true });
  const calls = JSON.stringify(join(directory, 'calls.jsonl'));
  const program = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync(${calls}, JSON.stringify([${JSON.stringify(name)}, ...args]) + '\\n');
const [, answer = {}] = ${JSON.stringify(answers)}.find(([pattern]) => new RegExp(pattern).test(args.join(' '))) ?? [];
process.stdout.write(answer.stdout ?? '');
process.stderr.write(answer.stderr ?? '');
process.exitCode = answer.status ?? 0;
`;
  writeFileSync(join(directory, name), program);
  chmodSync(join(directory, name), 0o755);
}

/** All calls of the fake programs in `directory`, in their order: name and arguments. */
export function callsIn(directory: string): string[][] {
  try {
    const lines = readFileSync(join(directory, 'calls.jsonl'), 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as string[]);
  } catch {
    return [];
  }
}
