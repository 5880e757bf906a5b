// Compares the database's view load_history with the report of each file. They must agree.
import { isDeepStrictEqual } from 'node:util';
import type { SourceReport } from './evidence.ts';
import type { HistoryRow } from './rows.ts';

/** `region`: the one that wrote the report. @returns what does not agree, in words. A file that is still pending may have any history. */
export function judgeHistory(
  region: string,
  { outcome, source, totals }: Pick<SourceReport, 'outcome' | 'source' | 'totals'>,
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
