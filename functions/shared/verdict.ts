// Judges a file by its counts. A file is one unit: a file of mostly invalid lines gets no rows. The view load_history has the
// same rule in SQL.

export interface Counts {
  lines: number;
  blank: number;
  rejected: number;
  /** Rows that were inserted or already there. */
  rows: number;
}

/** Null if the file is good. Otherwise a sentence that says why it fails. */
export function failureByCounts({ lines, blank, rejected, rows }: Counts, maxRejectedPercent: number): string | null {
  const read = lines - blank;
  if (read === 0) return null;
  if (rows === 0) return `not one of ${read} records became a row`;
  if (rejected * 100 <= maxRejectedPercent * read) return null;
  return `${rejected} of ${read} records were rejected, more than MaxRejectedPercent, ${maxRejectedPercent}`;
}
