// The ends of all sources of a bundle: each is judged, reported and moved as a large source is, many at once.
import type {
  BundleEnd,
  BundleOutcome,
  IdentifiedResult,
  ObjectResult,
  SmallObject,
  WithdrawEach,
} from '../shared/bundle-contract.ts';
import type { SourceEnd, SourceOutcome, WithdrawRequest } from '../shared/contract.ts';
import { mapConcurrently } from '../shared/map-concurrently.ts';
import { type FinishDependencies, finishSource } from './finish-source.ts';

/** Below the SDK's 50 sockets. */
const sourcesAtOnce = 24;
/** A state's payload is at most 262,144 bytes. It holds the bundle, its results and the requests to withdraw. */
const maxStateBytes = 256_000;

type Withdraw = WithdrawRequest['withdraw'];

interface Dependencies extends FinishDependencies {
  /** Told of each source that got to its end. */
  onOutcome?: (outcome: SourceOutcome, end: SourceEnd) => void;
}

/**
 * May be repeated. A source that S3 does not let finish is pending, and the others are finished.
 * @returns `WithdrawEach` where rows of failing sources are to be withdrawn first
 */
export async function finishBundle(end: BundleEnd, deps: Dependencies): Promise<BundleOutcome | WithdrawEach> {
  const { objects, takenFrom } = end.source;
  const results = end.chunkResults?.[0]?.results ?? [];
  const former = end.withdrawn === undefined ? undefined : end.postprocess?.outcome;
  const counts = { completed: 0, failed: 0, pending: 0, ...former?.counts };
  const withdrawn = new Set(former?.withdraw.each.map(({ sourceId }) => sourceId));
  const places = former?.left ?? objects.map((_, place) => place);
  const asked: { place: number; withdraw: Withdraw }[] = [];

  await mapConcurrently(places, sourcesAtOnce, async (place) => {
    const object = objects[place] as SmallObject;
    const result = results[place];
    if (result === undefined || end.error !== undefined) {
      // Nobody knows which source it is. The next drain takes it up.
      counts.pending += 1;
      deps.log.warn('source pending', { key: object.key, errorName: end.error?.Error ?? 'no result' });
      return;
    }
    if (!isIdentified(result)) {
      if ('dropped' in result) noteDropped(object, result.dropped, counts, deps);
      return;
    }
    const sourceEnd = endOf(object, result, end, withdrawn);
    const outcome = await finish(sourceEnd, deps);
    if ('withdraw' in outcome) asked.push({ place, withdraw: outcome.withdraw });
    else {
      counts[outcome.outcome] += 1;
      deps.onOutcome?.(outcome, sourceEnd);
    }
  });
  if (asked.length > 0) return { withdraw: { each: fitting(asked, roomIn(end)) }, left: asked.map(({ place }) => place), counts };

  const alone = objects
    .filter((_, place) => 'alone' in (results[place] ?? {}))
    .map(({ key }) => ({ key, ...(takenFrom !== undefined && { takenFrom }) }));
  const worst = counts.failed > 0 ? 'failed' : counts.pending > 0 ? 'pending' : 'completed';
  return { outcome: worst, counts, ...(alone.length > 0 && { alone }) };
}

const isIdentified = (result: ObjectResult): result is IdentifiedResult => 'sourceId' in result;

/** A failure of S3 is this source's. It stays where it was. */
async function finish(end: SourceEnd, deps: Dependencies): ReturnType<typeof finishSource> {
  try {
    return await finishSource(end, deps);
  } catch (error) {
    const { key, sourceId } = end.source;
    const { name, message } = error as Error;
    deps.log.error('source pending', { key, sourceId, errorName: name, message });
    return { sourceId, outcome: 'pending', reason: name };
  }
}

function noteDropped(
  { key }: SmallObject,
  reason: string,
  counts: BundleOutcome['counts'],
  { log }: Pick<Dependencies, 'log'>,
): void {
  // DB-processing logged why it cannot be read. It must not go unnoticed, so the execution fails.
  if (reason === 'unreadable') counts.pending += 1;
  else log.warn('not a source', { key, reason });
}

/** As the end of a large source that is one chunk. */
function endOf(
  object: SmallObject,
  result: IdentifiedResult,
  { startedAt }: BundleEnd,
  withdrawn: ReadonlySet<string>,
): SourceEnd {
  const { sourceId, originBucket, checksum, format, uploadedAt } = result;
  const { key, etag, sizeBytes } = object;
  const source = {
    sourceId,
    originBucket,
    key,
    etag,
    sizeBytes,
    format,
    chunkBytes: Math.max(1, sizeBytes),
    chunkCount: 1,
    checksum,
    ...(uploadedAt !== undefined && { uploadedAt }),
  };
  return {
    source,
    ...('chunk' in result ? { chunkResults: [result.chunk] } : { error: result.error }),
    ...(startedAt !== undefined && { startedAt }),
    ...(withdrawn.has(sourceId) && { withdrawn: { rows: 0 } }),
  };
}

const roomIn = ({ postprocess: _, ...state }: BundleEnd): number =>
  maxStateBytes - Buffer.byteLength(JSON.stringify(state)) - 6 * state.source.objects.length;

/** At least one. The others are asked for in the next round. */
function fitting(asked: readonly { withdraw: Withdraw }[], bytes: number): Withdraw[] {
  let room = bytes;
  return asked
    .map(({ withdraw }) => withdraw)
    .filter((withdraw, index) => {
      room -= Buffer.byteLength(JSON.stringify(withdraw)) + 1;
      return index === 0 || room >= 0;
    });
}
