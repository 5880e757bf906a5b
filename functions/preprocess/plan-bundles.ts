// Which small objects travel together. Arithmetic alone: nothing is read.
import type { Bundle, BundlePage, Item, SmallObject } from '../shared/bundle-contract.ts';
import type { Source, UnidentifiedSource } from '../shared/contract.ts';
import { groupWithin } from '../shared/group-within.ts';

/** Of one bundle. Its content is in memory at once. */
export const maxBundleObjects = 250;
export const maxBundleBytes = 8 * 1024 ** 2;
/**
 * A state's payload is at most 262,144 bytes. Postprocess gets the objects and their results at once. 30 KiB are left for what else the state
 * holds, such as withdrawals (functions/postprocess/finish-bundle.ts).
 */
export const maxBundleJsonBytes = 230_000;
/** What a result takes: that of an ordinary file is about 600 bytes. DB-processing measures what it really takes. */
export const resultBytes = 680;
/** A state's payload, less what the state holds that is neither the page nor an object that goes alone. */
const stateBytes = 250_000;
/** What an item has around its source or its objects. */
const itemBytes = 150;
/** Fewer objects than this are not spread over several invocations. */
const leastSpread = 50;

export interface BundleSettings {
  /** Larger objects have a child execution of their own. */
  smallBytes: number;
  /** Large sources at once. */
  sourceConcurrency: number;
  /** Chunks of each at once. */
  chunkConcurrency: number;
}

/** A page's items: the large sources first, then the small objects in bundles. */
export function planBundles(
  found: readonly (Source | UnidentifiedSource | SmallObject)[],
  { takenFrom, isBatch }: { takenFrom?: string | undefined; isBatch: boolean },
  { sourceConcurrency, chunkConcurrency }: Omit<BundleSettings, 'smallBytes'>,
): Pick<BundlePage, 'items' | 'concurrency'> {
  const large: (Source | UnidentifiedSource)[] = [];
  const small: SmallObject[] = [];
  for (const one of found) {
    if ('format' in one) large.push(one);
    else small.push(one);
  }
  const invocations = sourceConcurrency * chunkConcurrency;
  // A drain has all invocations. Batches come many at once, so each of them takes as few as it can.
  const fewest = Math.ceil(small.length / maxBundleObjects);
  const count = isBatch ? fewest : Math.max(fewest, Math.min(invocations, Math.ceil(small.length / leastSpread)));
  const bundles = pack(small, Math.ceil(small.length / count));
  // The page and the objects of all its bundles that go alone come together in one state.
  const pageBytes = Buffer.byteLength(JSON.stringify([large, bundles])) + itemBytes * (large.length + bundles.length);
  const aloneBytes = Math.max(0, Math.floor((stateBytes - pageBytes) / bundles.length));
  const items: Item[] = [
    ...large.map((source) => ({ source })),
    ...bundles.map((objects): Item => {
      const bundle: Bundle = { objects, chunkCount: 1, aloneBytes, ...(takenFrom !== undefined && { takenFrom }) };
      return { source: bundle };
    }),
  ];
  // Many batches come at once, and their executions do not know of each other. So bundles that take a moment take turns.
  const bytes = small.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const areTurns = isBatch && large.length === 0 && bytes <= maxBundleBytes;
  return { items, concurrency: areTurns ? 1 : itemsAtOnce(items, invocations, chunkConcurrency) };
}

/** How many items may run at once, whichever these are. A bundle needs one invocation, and a large source one for each chunk. */
function itemsAtOnce(items: readonly Item[], invocations: number, chunkConcurrency: number): number {
  const needs = items
    .map(({ source }) => Math.min(chunkConcurrency, partsOf(source)))
    .sort((one, other) => other - one);
  let left = invocations;
  let count = 0;
  for (const need of needs) {
    left -= need;
    if (left < 0) break;
    count += 1;
  }
  return Math.max(1, count === needs.length ? invocations : count);
}

const partsOf = (source: Item['source']) =>
  'rangeCount' in source ? Math.max(source.rangeCount, source.chunkCount) : source.chunkCount;

const pack = (objects: readonly SmallObject[], most: number): SmallObject[][] =>
  groupWithin(objects, [most, maxBundleBytes, maxBundleJsonBytes], (object) => [
    1,
    object.sizeBytes,
    Buffer.byteLength(JSON.stringify(object)) + 1 + resultBytes,
  ]);
