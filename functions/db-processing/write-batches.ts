// Sends batches to the database, with as many statements in flight as help, and no more batches in memory.
import type { Batch } from './review-batch.ts';
import type { StatementsInFlight } from './statements-in-flight.ts';

export interface Written {
  inserted: number;
  alreadyPresent: number;
}

export interface BatchWriter {
  /** Resolves when the batch is sent, so that the next one can be made. @throws the error of an earlier batch */
  write(batch: Batch): Promise<void>;
  /** Resolves when all batches are answered. @throws the error of the first batch that failed */
  finish(): Promise<Written>;
}

/** `insert` returns how many of the batch's rows were inserted. The others were already there. */
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
