// Runs one pass: uploads files in all Regions at once, and waits for each file's outcome. The events do the rest.

import { setTimeout as sleep } from 'node:timers/promises';
import { pendingPrefix } from '../../functions/shared/keys.ts';
import type { UploadedFile } from './evidence.ts';
import type { LocalRegion } from './two-regions.ts';

export interface PassEnd {
  /** From the first upload to the last outcome. */
  durationMs: number;
  outcomes: { completed: number; failed: number; pending: number };
}

export interface PassOptions {
  /** Puts one file under the pending prefix. */
  upload: (region: LocalRegion, file: UploadedFile) => Promise<unknown>;
  /** Numbers of finished lines and files so far. */
  advance?: (region: string, lines: number, files: number) => void;
  /** Describes a file that did not complete, or an execution that failed. */
  onFailure?: (line: string) => void;
  signal: AbortSignal;
}

const uploadsAtOnce = 4;
/** If outcomes are missing and nothing happens in a Region for this time, they will not come any more. */
const givenUpAfterMs = 10_000;

/** The pass of one Region. It also ends if files have no outcome. The proofs then report them. */
export async function ingest(local: LocalRegion, files: UploadedFile[], options: PassOptions): Promise<PassEnd> {
  const { upload, advance, onFailure, signal } = options;
  const outcomes = new Map<string, keyof PassEnd['outcomes']>();
  const linesByChunk = new Map<string, number>();
  const begun = performance.now();
  let lastOutcome = begun;
  let lines = 0;

  local.listeners = Object.assign(local.listeners, {
    onChunkResult: (progress, { source, chunkIndex }) => {
      const chunk = `${source.sourceId} ${chunkIndex}`;
      lines += progress.lines - (linesByChunk.get(chunk) ?? 0);
      linesByChunk.set(chunk, progress.lines);
      advance?.(local.name, lines, outcomes.size);
    },
    onOutcome: ({ outcome, reason }, { source }) => {
      if (outcome !== 'completed') onFailure?.(`${local.name}: ${source.key} ${outcome}: ${reason}`);
      outcomes.set(source.key, outcome);
      lastOutcome = performance.now();
      advance?.(local.name, lines, outcomes.size);
    },
    onExecutionEnd: ({ id, status, error }) => {
      // The outcomes of the sources were already reported.
      if (status === 'FAILED' && error !== 'SourcesNotCompleted')
        onFailure?.(`${local.name}: execution ${id} failed: ${error}`);
    },
  } satisfies LocalRegion['listeners']);

  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      signal.throwIfAborted();
      await upload(local, file);
    }
  };
  await Promise.all(Array.from({ length: uploadsAtOnce }, worker));

  const ended = () => files.every(({ name }) => outcomes.has(pendingPrefix + name));
  for (let quietSince = performance.now(); !ended(); await sleep(100, undefined, { signal })) {
    const askedAt = performance.now();
    const before = local.region.executions.length;
    await local.region.idle();
    signal.throwIfAborted();
    const somethingRan = local.region.executions.length > before || performance.now() - askedAt > 1_000;
    if (somethingRan) quietSince = performance.now();
    else if (performance.now() - quietSince > givenUpAfterMs) break;
  }
  // The last outcomes come one or two steps before the end of their executions.
  await local.region.idle();

  const count = (wanted: string) => [...outcomes.values()].filter((outcome) => outcome === wanted).length;
  return {
    durationMs: Math.round(lastOutcome - begun),
    outcomes: { completed: count('completed'), failed: count('failed'), pending: count('pending') },
  };
}
