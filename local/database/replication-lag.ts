// Measures the time from a commit on the primary until the replica has the transaction, as the replica's applier reports it.
// It writes nothing. A busy observer gets fewer samples, but not longer ones.
import type { Connection, RowDataPacket } from 'mysql2/promise';

export interface ReplicationLag {
  /** Milliseconds. 0 without a sample. */
  p50: number;
  p99: number;
  max: number;
  samples: number;
}

export interface LagSampler {
  lag(): ReplicationLag;
  reset(): void;
  stop(): void;
}

const busyMs = 25;
const idleMs = 200;

/** Each worker of the applier shows its last finished transaction. Both servers read the same clock. */
const lastApplied = `SELECT WORKER_ID AS worker, LAST_APPLIED_TRANSACTION AS gtid,
    TIMESTAMPDIFF(MICROSECOND, LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP,
      LAST_APPLIED_TRANSACTION_END_APPLY_TIMESTAMP) AS micros
  FROM performance_schema.replication_applier_status_by_worker WHERE LAST_APPLIED_TRANSACTION <> ''`;

/** @param replica a connection to the server that is replica at the moment. */
export function sampleLag(replica: () => Connection): LagSampler {
  const seen = new Map<number, string>();
  let looked: Connection | undefined;
  let samples: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function look() {
    let changed = false;
    try {
      const connection = replica();
      // Transactions that a server applied before the first look say nothing about the time after it.
      const first = connection !== looked;
      const [rows] =
        await connection.query<(RowDataPacket & { worker: number; gtid: string; micros: number })[]>(lastApplied);
      for (const { worker, gtid, micros } of rows) {
        if (seen.get(worker) === gtid) continue;
        seen.set(worker, gtid);
        changed = true;
        if (!first) samples.push(Math.max(0, micros / 1000));
      }
      looked = connection;
    } catch {
      // The replica is away, as some tests require. The next look may find it again.
    }
    if (!stopped) timer = setTimeout(() => void look(), changed ? busyMs : idleMs).unref();
  }
  void look();

  return {
    lag() {
      const sorted = samples.toSorted((left, right) => left - right);
      const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
      return { p50: at(0.5), p99: at(0.99), max: at(1), samples: sorted.length };
    },
    reset() {
      samples = [];
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
