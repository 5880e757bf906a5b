// What a run of the benchmark found: the shape of its JSON file.

/** Of the turns of one scenario, in the scenario's unit. */
export interface Figure {
  median: number;
  min: number;
  max: number;
  turns: number[];
}

export interface ScenarioResult {
  unit: 'rows/s' | 'files/s' | 'MiB' | 'ms';
  figure: Figure;
  /** Further figures of the median turn: seconds, lag, connections; the key says what and in which unit. */
  details: Record<string, number>;
}

/** A ratio that the project holds itself to. */
export interface Ratio {
  name: string;
  value: number;
  /** `least` or `most` that it should be. */
  least?: number;
  most?: number;
  unit?: string;
}

export interface BenchResult {
  takenAt: string;
  machine: { cpu: string; cores: number; node: string; mysql: string; loadAverageBefore: number };
  rows: number;
  bytesPerLine: number;
  repeats: number;
  sandboxes: number;
  scenarios: Record<string, ScenarioResult>;
  ratios: Ratio[];
}

export function figureOf(turns: number[]): Figure {
  const sorted = turns.toSorted((left, right) => left - right);
  const median = sorted.length === 0 ? Number.NaN : (sorted[sorted.length >> 1] as number);
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN, turns };
}
