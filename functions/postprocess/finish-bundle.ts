// The ends of all sources of a bundle: each is judged, reported and moved as a large source is, many at once.
import {
  type AloneObject,
  type BundleEnd,
  type BundleOutcome,
  type Exception,
  type IdentifiedResult,
  type ObjectHeaders,
  type ObjectResult,
  type SmallObject,
  sourceOf,
  type WithdrawEach,
} from '../shared/bundle-contract.ts';
import type { SourceEnd, SourceOutcome, WithdrawRequest } from '../shared/contract.ts';
import { mapConcurrently } from '../shared/map-concurrently.ts';
import { type Copied, copyQuickly, deleteCopied } from './finish-quickly.ts';
import { type FinishDependencies, finishSource, outcomeOf } from './finish-source.ts';

/** Below the SDK's 50 sockets. */
const sourcesAtOnce = 24;
/** A state's payload is at most 262,144 bytes. It holds the bundle, its results and the requests to withdraw. */
const maxStateBytes = 256_000;

type Withdraw = WithdrawRequest['withdraw'];

/** A source of the bundle that has to be finished. */
interface End {
  place: number;
  end: SourceEnd;
  headers: ObjectHeaders | undefined;
}

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
  const exceptions: Exception[] = [...(former?.exceptions ?? [])];
  let completed = former?.completed ?? 0;
  const withdrawn = new Map(
    end.withdrawn?.result.each.map((result, index) => [former?.left[index], { rows: result.rows, result }]),
  );
  const places = former?.left ?? objects.map((_, place) => place);
  const ends: End[] = [];
  for (const place of places) {
    const object = objects[place] as SmallObject;
    const result = results[place];
    if (result === undefined || end.error !== undefined) {
      // Nobody knows which source it is. The next drain takes it up.
      const reason = end.error?.Error ?? 'no result';
      exceptions.push({ place, outcome: 'pending', reason });
      deps.log.warn('source pending', { key: object.key, errorName: reason });
    } else if (isIdentified(result)) {
      const headers = 'headers' in result ? result.headers : undefined;
      ends.push({ place, end: endOf(object, result, end, withdrawn.get(place)), headers });
    } else if ('dropped' in result) noteDropped(object, result.dropped, place, exceptions, deps);
  }

  const asked: { place: number; withdraw: Withdraw }[] = [];
  for (const [index, outcome] of (await finishEach(ends, deps)).entries()) {
    const { place, end: sourceEnd } = ends[index] as End;
    if ('withdraw' in outcome) {
      asked.push({ place, withdraw: outcome.withdraw });
      continue;
    }
    deps.onOutcome?.(outcome, sourceEnd);
    if (outcome.outcome === 'completed') completed += 1;
    else exceptions.push({ place, outcome: outcome.outcome, ...(outcome.reason && { reason: outcome.reason }) });
  }
  if (asked.length > 0) {
    const left = asked.map(({ place }) => place);
    return { withdraw: { each: fitting(asked, roomIn(end)) }, left, completed, exceptions };
  }
  const alone: AloneObject[] = [];
  let room = end.source.aloneBytes ?? Number.POSITIVE_INFINITY;
  for (const [place, { key }] of objects.entries()) {
    if (end.error !== undefined || !('alone' in (results[place] ?? {}))) continue;
    const object = { key, ...(takenFrom !== undefined && { takenFrom }) };
    room -= Buffer.byteLength(JSON.stringify(object)) + 1;
    // The next drain takes up what does not fit.
    if (room < 0) exceptions.push({ place, outcome: 'pending', reason: 'goes alone' });
    else alone.push(object);
  }
  const left = alone.length > 0 ? 'alone' : 'nothing';
  return { outcome: worstOf(exceptions), completed, exceptions, left, alone };
}

function worstOf(exceptions: readonly Exception[]): BundleOutcome['outcome'] {
  if (exceptions.length === 0) return 'completed';
  return exceptions.some(({ outcome }) => outcome === 'failed') ? 'failed' : 'pending';
}

const isIdentified = (result: ObjectResult): result is IdentifiedResult => 'sourceId' in result;

/** First all that can be done quickly. One request deletes for all. */
async function finishEach(
  ends: readonly End[],
  deps: Dependencies,
): Promise<Awaited<ReturnType<typeof finishSource>>[]> {
  const copies = await mapConcurrently(ends, sourcesAtOnce, ({ end, headers }) =>
    orPending(end, deps, () => copyQuickly(end, headers, deps)),
  );
  const copied = copies.filter((copy) => copy !== null && 'movedTo' in copy);
  // If the request fails, each source deletes its object.
  const deleted = await deleteCopied(copied, deps).catch((error: Error) => {
    deps.log.warn('pending objects were not deleted together', { errorName: error.name, message: error.message });
    return new Set<Copied>();
  });
  return mapConcurrently(copies, sourcesAtOnce, async (copy, index) => {
    const { end } = ends[index] as End;
    if (copy !== null && 'outcome' in copy) return copy;
    if (copy !== null && deleted.has(copy)) return outcomeOf(end, 'completed', copy.movedTo, null, deps);
    return orPending(end, deps, () => finishSource(end, deps));
  });
}

/** A failure of S3 is this source's. It stays where it was. */
async function orPending<T>({ source }: SourceEnd, { log }: Dependencies, finish: () => Promise<T>) {
  try {
    return await finish();
  } catch (error) {
    const { key, sourceId } = source;
    const { name, message } = error as Error;
    log.error('source pending', { key, sourceId, errorName: name, message });
    return { sourceId, outcome: 'pending' as const, reason: name };
  }
}

function noteDropped(
  { key }: SmallObject,
  reason: string,
  place: number,
  exceptions: Exception[],
  { log }: Pick<Dependencies, 'log'>,
): void {
  // DB-processing logged why it cannot be read. It must not go unnoticed, so the execution fails.
  if (reason === 'unreadable') exceptions.push({ place, outcome: 'pending', reason });
  else log.warn('not a source', { key, reason });
}

/** As the end of a large source that is one chunk. */
export function endOf(
  object: SmallObject,
  result: IdentifiedResult,
  { startedAt }: Pick<BundleEnd, 'startedAt'>,
  withdrawn?: SourceEnd['withdrawn'],
): SourceEnd {
  return {
    source: sourceOf(object, result),
    ...('chunk' in result ? { chunkResults: [result.chunk] } : { error: result.error }),
    ...(startedAt !== undefined && { startedAt }),
    ...(withdrawn !== undefined && { withdrawn }),
  };
}

/** An exception, whose reason has at most 80 characters, and a place that is left. */
const exceptionBytes = 140;

const roomIn = ({ postprocess: _, ...state }: BundleEnd): number =>
  maxStateBytes - Buffer.byteLength(JSON.stringify(state)) - exceptionBytes * state.source.objects.length;

/** The first ones, at least one. The others are asked for in the next round. */
function fitting(asked: readonly { withdraw: Withdraw }[], bytes: number): Withdraw[] {
  let room = bytes;
  const each: Withdraw[] = [];
  for (const { withdraw } of asked) {
    room -= Buffer.byteLength(JSON.stringify(withdraw)) + 1;
    if (each.length > 0 && room < 0) break;
    each.push(withdraw);
  }
  return each;
}
