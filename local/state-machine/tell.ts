// What a Task state's end says of single sources, also where they travelled in a bundle.
import { endOf } from '../../functions/postprocess/finish-bundle.ts';
import {
  type BundleEnd,
  type BundleOutcome,
  type BundleProgress,
  type BundleTask,
  isAboutBundle,
  type WithdrawEach,
} from '../../functions/shared/bundle-contract.ts';
import type {
  ChunkProgress,
  ChunkTask,
  SourceEnd,
  SourceOutcome,
  WithdrawFirst,
} from '../../functions/shared/contract.ts';
import type { TaskEnd } from './state-machine.ts';

export type Told = { progress: ChunkProgress; task: ChunkTask } | { outcome: SourceOutcome; end: SourceEnd };

export function tell({ state, result, payload }: Pick<TaskEnd, 'state' | 'result' | 'payload'>): Told[] {
  const isBundle = isAboutBundle(payload);
  if (state === 'DB-processing') {
    return isBundle
      ? chunksOf(payload as BundleTask, result as BundleProgress)
      : [{ progress: result as ChunkProgress, task: payload as ChunkTask }];
  }
  // The rows of a failing source are withdrawn first. Its outcome comes with the next invocation.
  const isOutcome =
    state === 'Postprocess' && !('withdraw' in (result as SourceOutcome | WithdrawFirst | WithdrawEach));
  if (!isOutcome) return [];
  return isBundle
    ? outcomesOf(payload as BundleEnd, result as BundleOutcome)
    : [{ outcome: result as SourceOutcome, end: payload as SourceEnd }];
}

const chunksOf = ({ source: { objects }, startedAt = '' }: BundleTask, { results }: BundleProgress): Told[] =>
  results.flatMap((result, place) => {
    const object = objects[place];
    if (object === undefined || !('chunk' in result)) return [];
    const { source } = endOf(object, result, { startedAt });
    return [{ progress: result.chunk, task: { source, chunkIndex: 0, progress: null, startedAt } }];
  });

function outcomesOf({ source: { objects }, chunkResults, startedAt = '' }: BundleEnd, ended: BundleOutcome): Told[] {
  const exceptions = new Map(ended.exceptions.map((exception) => [exception.place, exception]));
  return (chunkResults?.[0]?.results ?? []).flatMap((result, place) => {
    const object = objects[place];
    if (object === undefined || !('sourceId' in result)) return [];
    const { outcome = 'completed' as const, reason } = exceptions.get(place) ?? {};
    const { sourceId } = result;
    return [
      {
        outcome: { sourceId, outcome, ...(reason !== undefined && { reason }) },
        end: endOf(object, result, { startedAt }),
      },
    ];
  });
}
