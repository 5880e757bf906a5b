// How much longer one of two versions takes, from pairs of measurements that were taken right after each other.

/** Milliseconds of the same work by both versions. */
export interface Pair {
  before: number;
  now: number;
}

export interface Comparison {
  pairs: number;
  /** Median milliseconds. */
  before: number;
  now: number;
  /** Time now by time before: the geometric mean of all pairs, and the bounds that hold the true one in 95 of 100 runs. */
  ratio: number;
  least: number;
  most: number;
}

/** At least two pairs, without zeros. A ratio of pairs does not notice that a machine is slower for some minutes. */
export function comparePairs(pairs: readonly Pair[]): Comparison {
  const logs = pairs.map(({ before, now }) => Math.log(now / before));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const halfWidth = 1.96 * Math.sqrt(variance / logs.length);
  return {
    pairs: pairs.length,
    before: median(pairs.map(({ before }) => before)),
    now: median(pairs.map(({ now }) => now)),
    ratio: Math.exp(mean),
    least: Math.exp(mean - halfWidth),
    most: Math.exp(mean + halfWidth),
  };
}

const median = (values: number[]) => values.toSorted((left, right) => left - right)[values.length >> 1] as number;

export function comparisonLine(name: string, { pairs, before, now, ratio, least, most }: Comparison): string {
  const times = `${before.toFixed(0).padStart(6)} ms before ${now.toFixed(0).padStart(6)} ms now`;
  return `${name.padEnd(24)}${times}   now/before ${ratio.toFixed(3)} (${least.toFixed(3)} to ${most.toFixed(3)}, ${pairs} pairs)`;
}
