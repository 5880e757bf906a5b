// What the database itself says of a file, in the view load_history, must agree with the file's report.
import { isDeepStrictEqual } from 'node:util';

export interface HistoryRow {
  source_hex: string;
  region: string;
  object_key: string;
  state: string;
  reason: string | null;
  chunk_count: number;
  chunks_done: number;
  line_count: number;
  rows_loaded: number;
  rejected: number;
  blank: number;
}

/** What is compared of a report. */
interface JudgedReport {
  outcome: string;
  source: { key: string };
  totals: Record<'lines' | 'inserted' | 'alreadyPresent' | 'rejected' | 'blank', number> | null;
}

/** For a query that may have a condition. Sums are exact decimals, which the driver gives as texts: as doubles they are numbers. */
export const historyQuery = `SELECT source_hex, region, object_key, state, reason, chunk_count, chunks_done,
  line_count + 0E0 AS line_count, rows_loaded + 0E0 AS rows_loaded, rejected + 0E0 AS rejected, blank + 0E0 AS blank
  FROM load_history`;

/** `region`: the one that wrote the report. @returns what does not agree, in words. A file that is still pending may have any history. */
export function judgeHistory(
  region: string,
  { outcome, source, totals }: JudgedReport,
  row: HistoryRow | undefined,
): string[] {
  if (outcome === 'pending') return [];
  if (row === undefined) return [`${outcome}, and load_history does not know it`];
  const faults: string[] = [];
  const compare = (what: string, found: unknown, wanted: unknown) => {
    if (!isDeepStrictEqual(found, wanted)) {
      faults.push(`load_history has ${what} ${JSON.stringify(found)}, and the report ${JSON.stringify(wanted)}`);
    }
  };
  compare('the state', row.state, outcome === 'completed' ? 'complete' : outcome);
  compare('the Region', row.region, region);
  compare('the key', row.object_key, source.key);
  if (outcome === 'completed' && totals) {
    compare('chunks', Number(row.chunks_done), Number(row.chunk_count));
    const counts = [row.line_count, row.rows_loaded, row.rejected, row.blank];
    compare('counts', counts, [totals.lines, totals.inserted + totals.alreadyPresent, totals.rejected, totals.blank]);
  }
  if (outcome === 'failed') compare('rows', row.rows_loaded, 0);
  return faults;
}
