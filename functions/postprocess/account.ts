// Proves by arithmetic that every byte of a source belongs to a line, and every line to a count.
import type { ChunkProgress, Source } from '../shared/contract.ts';

/** lines = inserted + alreadyPresent + rejected + blank, over the whole source. */
export interface Totals {
  lines: number;
  inserted: number;
  alreadyPresent: number;
  rejected: number;
  blank: number;
  rejectedByReason: Record<string, number>;
  unknownFields: number;
  /** Values that did not fit, by column. */
  misfits: Record<string, number>;
  /** Reviews by their record format. */
  recordFormats: Record<string, number>;
}

export type Account = { totals: Totals } | { violations: string[] };

type Planned = Pick<Source, 'sizeBytes' | 'format' | 'chunkBytes' | 'chunkCount'>;

/** Adds the chunk results up, in any order. A violation names the chunk and the numbers that disagree. */
export function accountFor(source: Planned, chunkResults: readonly ChunkProgress[]): Account {
  const results = [...chunkResults].sort((one, other) => one.chunkIndex - other.chunkIndex);
  const violations = [
    ...missingChunks(source, results),
    ...results.flatMap(countsThatDisagree),
    ...(source.format === 'lines'
      ? gaps(source, results)
      : results.flatMap((result) => missingBeginning(source, result))),
  ];
  return violations.length > 0 ? { violations } : { totals: addUp(results) };
}

function missingChunks({ chunkCount }: Planned, results: readonly ChunkProgress[]): string[] {
  const violations: string[] = [];
  const seen = new Map<number, number>();
  for (const { chunkIndex, done } of results) {
    seen.set(chunkIndex, (seen.get(chunkIndex) ?? 0) + 1);
    if (!done) violations.push(`chunk ${chunkIndex} is not done`);
    if (chunkIndex >= chunkCount) violations.push(`chunk ${chunkIndex} was never planned`);
  }
  for (let index = 0; index < chunkCount; index++) {
    const times = seen.get(index) ?? 0;
    if (times !== 1) violations.push(`chunk ${index} has ${times} results`);
  }
  return violations;
}

function countsThatDisagree(result: ChunkProgress): string[] {
  const { chunkIndex, lines, inserted, alreadyPresent, rejected, blank, rejectedByReason } = result;
  const violations: string[] = [];
  const accounted = inserted + alreadyPresent + rejected + blank;
  if (lines !== accounted) violations.push(`chunk ${chunkIndex}: ${lines} lines, ${accounted} accounted for`);
  const reasons = sum(Object.values(rejectedByReason));
  if (rejected !== reasons) violations.push(`chunk ${chunkIndex}: ${rejected} rejected, ${reasons} by reason`);
  return violations;
}

/** gzip and an array are one chunk. Its offsets are not those of the object. An array's offsets are the ordinals of its elements. */
function missingBeginning(
  { format }: Planned,
  { chunkIndex, ownedFrom, ownedTo, lines, container }: ChunkProgress,
): string[] {
  // Before the first value there may be blanks, and before the first row of a table its header.
  const mayBeginLater = /\b(values|csv|tsv)$/.test(container ?? '');
  const begins = lines === 0 ? ownedFrom === null : ownedFrom === 0 || (mayBeginLater && ownedFrom !== null);
  const complete = format !== 'array' || (ownedTo ?? 0) === lines;
  return begins && complete ? [] : [`chunk ${chunkIndex}: ${lines} lines in [${ownedFrom}, ${ownedTo}) of ${format}`];
}

/** Finds lines between two chunks, or lines that two chunks counted. The owned ranges must join without a gap or an overlap. */
function gaps({ sizeBytes, chunkBytes }: Planned, results: readonly ChunkProgress[]): string[] {
  const violations: string[] = [];
  let expected = 0;
  let expectedIsLowerBound = false;
  for (const { chunkIndex, ownedFrom, ownedTo, openEnd, lines } of results) {
    if (ownedFrom === null || ownedTo === null) {
      if (ownedFrom !== ownedTo || lines > 0) violations.push(`chunk ${chunkIndex}: ${lines} lines without a range`);
      continue;
    }
    const start = chunkIndex * chunkBytes;
    if (lines === 0 || ownedTo <= ownedFrom) {
      violations.push(`chunk ${chunkIndex}: ${lines} lines in [${ownedFrom}, ${ownedTo})`);
    }
    if (ownedFrom < start || ownedFrom >= Math.min(start + chunkBytes, sizeBytes)) {
      violations.push(`chunk ${chunkIndex}: owns a line at ${ownedFrom}, outside of its bytes`);
    }
    if (expectedIsLowerBound ? ownedFrom < expected : ownedFrom !== expected) {
      violations.push(`chunk ${chunkIndex}: begins at ${ownedFrom}, the lines before it end at ${expected}`);
    }
    expected = ownedTo;
    expectedIsLowerBound = openEnd;
  }
  if (expectedIsLowerBound ? expected > sizeBytes : expected !== sizeBytes) {
    violations.push(`lines end at ${expected} of ${sizeBytes} bytes`);
  }
  return violations;
}

function addUp(results: readonly ChunkProgress[]): Totals {
  return {
    lines: sum(results.map((result) => result.lines)),
    inserted: sum(results.map((result) => result.inserted)),
    alreadyPresent: sum(results.map((result) => result.alreadyPresent)),
    rejected: sum(results.map((result) => result.rejected)),
    blank: sum(results.map((result) => result.blank)),
    rejectedByReason: sumByName(results.map((result) => result.rejectedByReason)),
    unknownFields: sum(results.map((result) => result.unknownFields)),
    misfits: sumByName(results.map((result) => result.misfits)),
    recordFormats: sumByName(results.map((result) => result.recordFormats)),
  };
}

function sumByName(counts: readonly (Record<string, number> | undefined)[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((some) => Object.entries(some ?? {}))) {
    sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
