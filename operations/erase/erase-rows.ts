// Calls a Region's DB-processing for one erasure until it has scanned the whole table.
import type { EraseRequest, Erasure } from '../../functions/shared/contract.ts';

export interface ErasedRows {
  rows: number;
  /** Rows by source. */
  sources: Record<string, number>;
}

/** @throws the errors of `invoke` */
export async function eraseRows(
  reviewerId: string,
  dryRun: boolean,
  invoke: (request: EraseRequest) => Promise<Erasure>,
): Promise<ErasedRows> {
  const total: ErasedRows = { rows: 0, sources: {} };
  let after: Erasure['after'] = null;
  do {
    const answer = await invoke({ erase: { reviewerId, dryRun, ...(after && { after }) } });
    total.rows += answer.rows;
    for (const [id, rows] of Object.entries(answer.sources)) total.sources[id] = (total.sources[id] ?? 0) + rows;
    after = answer.after;
  } while (after !== null);
  return total;
}
