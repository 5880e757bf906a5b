// Batches on their way to the database: as many statements in flight as are worth it, and no more batches in memory.
import type { Batch } from './review-batch.ts';
import type { StatementsInFlight } from './statements-in-flight.ts';

export interface Written {
  inserted: number;
  alreadyPresent: number;
}

export interface BatchWriter {
  /** Resolves when the batch is on its way, so that the next one can be made. @throws what an earlier batch failed with */
  write(batch: Batch): Promise<void>;
  /** Resolves when nothing is on its way any more. @throws what the first batch to fail failed with */
  finish(): Promise<Written>;
}

/** `insert` returns how many of the batch's rows were inserted; the others were there. */
export function createBatchWriter(
  insert: (batch: Batch) => Promise<number>,
  inFlight: StatementsInFlight,
): BatchWriter {
  const written: Written = { inserted: 0, alreadyPresent: 0 };
  const underway = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;

  const throwFailure = () => {
    if (failure) throw failure.error;
  };
  return {
    async write(batch) {
      while (underway.size >= inFlight.limit() && !failure) await Promise.race(underway);
      throwFailure();
      const run: Promise<void> = insert(batch)
        .then((inserted) => {
          written.inserted += inserted;
          written.alreadyPresent += batch.rows - inserted;
        })
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => {
          underway.delete(run);
        });
      underway.add(run);
    },
    async finish() {
      await Promise.all(underway);
      throwFailure();
      return written;
    },
  };
}
