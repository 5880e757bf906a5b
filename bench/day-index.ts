// What an index that the daily summary can read a day by costs the inserts. `node bench/day-index.ts`, about a minute.
//
// On a machine that does other things too, rows a second say little, so the server's own CPU time is measured as well:
// an insert is CPU work as long as the pages fit into memory, and these indexes grow at their right edge only.
import { parseReview } from '../functions/db-processing/parse-review.ts';
import {
  allColumns,
  insertInto,
  literalsOf,
  rowPrefix,
  rowText,
  unlessThere,
} from '../functions/db-processing/review-store.ts';
import { migrate } from '../local/database/shipped-migrations.ts';
import { startMysql } from '../local/database/single-server.ts';
import { randomBySeed } from '../local/reviews/made-text.ts';
import { type MadeRecord, makeRecord } from '../local/reviews/make-record.ts';

const rounds = 5;
const batches = 60;
const batchRows = 1_000;
const connections = 4;

const indexes: Record<string, string | null> = {
  'no index': null,
  '(ingested_at)': 'ingested_at',
  '(ingested_at, region_indicator)': 'ingested_at, region_indicator',
  'covering: + overall_rating, asin': 'ingested_at, region_indicator, overall_rating, asin',
};

function madeBatches(): string[] {
  const random = randomBySeed('day-index');
  const prefix = rowPrefix('0123456789abcdef0123456789abcdef', 'us-east-1');
  let previous: MadeRecord | undefined;
  let number = 0;
  const nextRow = (): string => {
    for (;;) {
      previous = makeRecord(number++, random, previous);
      const parsed = parseReview(Buffer.from(JSON.stringify(previous)));
      if (typeof parsed !== 'string') return rowText(prefix, number * 700, literalsOf(parsed), allColumns);
    }
  };
  return Array.from({ length: batches }, () => Array.from({ length: batchRows }, nextRow).join(','));
}

/** CPU time of the INSERT statements so far. Not in it: what the server does afterwards, writing pages back. */
async function insertCpuSeconds(): Promise<number> {
  const [row] = await mysql.query<{ picoseconds: string }>(
    `SELECT CAST(SUM_CPU_TIME AS CHAR) AS picoseconds FROM performance_schema.events_statements_summary_global_by_event_name
     WHERE event_name = 'statement/sql/insert'`,
  );
  return Number(row?.picoseconds) / 1e12;
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const mysql = await startMysql('--innodb-buffer-pool-size=512M');
try {
  await migrate(mysql.openSession);
  await mysql.query(
    "UPDATE performance_schema.setup_consumers SET enabled = 'YES' WHERE name = 'events_statements_cpu'",
  );
  const texts = madeBatches();
  const sessions = await Promise.all(Array.from({ length: connections }, mysql.openSession));
  const existing = await mysql.query<{ name: string }>(
    "SELECT DISTINCT index_name AS name FROM information_schema.statistics WHERE table_name = 'book_reviews' AND index_name <> 'PRIMARY'",
  );
  for (const { name } of existing) await mysql.query(`ALTER TABLE book_reviews DROP INDEX ${name}`);

  const found = Object.keys(indexes).map((name) => ({ name, rowsPerSecond: [] as number[], cpu: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { name, rowsPerSecond, cpu } of found) {
      await mysql.query('TRUNCATE book_reviews');
      if (indexes[name]) await mysql.query(`ALTER TABLE book_reviews ADD INDEX measured (${indexes[name]})`);
      const cpuBefore = await insertCpuSeconds();
      const begun = performance.now();
      let next = 0;
      await Promise.all(
        sessions.map(async (session) => {
          while (next < texts.length) await session.run(insertInto(allColumns) + texts[next++] + unlessThere, 60_000);
        }),
      );
      rowsPerSecond.push((batches * batchRows * 1000) / (performance.now() - begun));
      cpu.push((((await insertCpuSeconds()) - cpuBefore) * 1e6) / (batches * batchRows));
      if (indexes[name]) await mysql.query('ALTER TABLE book_reviews DROP INDEX measured');
    }
  }
  const [none] = found;
  for (const { name, rowsPerSecond, cpu } of found) {
    const more = 100 * (median(cpu) / median(none?.cpu ?? []) - 1);
    console.log(
      `${name.padEnd(34)} ${Math.round(median(rowsPerSecond)).toLocaleString('en-US').padStart(7)} rows/s   ${median(cpu).toFixed(1)} µs of server CPU a row (${more >= 0 ? '+' : ''}${more.toFixed(0)}%)   cpu: ${cpu.map((one) => one.toFixed(1)).join(' ')}`,
    );
  }
  await Promise.all(sessions.map((session) => session.close()));
} finally {
  await mysql.stop();
}
