// Small files in the formats that people have, and how each should end.
import { readFileSync } from 'node:fs';

const folder = new URL('../fixtures/everyday/', import.meta.url);

export interface ExpectedEnd {
  outcome: 'completed' | 'failed';
  rows: number;
  /** Of a completed file. */
  rejected?: number;
  /** The report of a failed file has one of these words, in any case. */
  say?: string[];
}

export interface EverydayFile extends ExpectedEnd {
  name: string;
  bytes: () => Buffer;
}

/** All of them, for `it.each`: pairs of a name and a file. */
export function everydayFiles(): [string, EverydayFile][] {
  const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<string, ExpectedEnd>;
  return Object.entries(expected).map(([name, end]) => [
    name,
    { name, ...end, bytes: () => readFileSync(new URL(encodeURIComponent(name), folder)) },
  ]);
}

/** Whether a report says one of the words that are expected of it. */
export function saysWhy({ say = [] }: ExpectedEnd, report: string): boolean {
  return say.some((word) => report.toLowerCase().includes(word.toLowerCase()));
}
