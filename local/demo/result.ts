// The result of a run: the shape of the file that `--json` writes.

export interface RegionFigures {
  role: 'primary' | 'secondary';
  /** Objects uploaded. */
  sources: number;
  lines: number;
  inserted: number;
  alreadyPresent: number;
  rejected: number;
  blank: number;
  /** From the first upload to the last outcome, milliseconds. */
  durationMs: number;
  /** Inserted rows per second of `durationMs`. */
  rowsPerSecond: number;
  outcomes: { completed: number; failed: number; pending: number };
}

export interface Lag {
  p50: number;
  p99: number;
  max: number;
}

export interface Proof {
  name: string;
  ok: boolean;
  detail: string;
}

export interface Result {
  ok: boolean;
  wallMs: number;
  /** Of the first pass. */
  regions: Record<string, RegionFigures>;
  database: {
    /** As seen in each Region: rows by region_indicator. */
    rowsByRegionIndicator: Record<string, Record<string, number>>;
    lagMs: Lag;
  };
  proofs: Proof[];
}
