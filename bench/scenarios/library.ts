// What the driver offers by itself: its bulk insert of values, and row after row. The rows are parsed and in memory
// before the time starts: neither S3 nor JSON is in it, unlike in the pipeline's.
import { createReadStream } from 'node:fs';
import { type Connection, createConnection } from 'mysql2/promise';
import { parseReview } from '../../functions/db-processing/parse-review.ts';
import { bytesOf, createLineSplitter, type Line } from '../../functions/db-processing/split-lines.ts';
import { columnNames } from '../../functions/shared/record-formats.ts';
import { linesOf } from '../../local/reviews/lines-of.ts';
import { emptyAlone, emptyPair, rowsPerSecond, type Scenario, type SqlTarget, type Stage } from '../stage.ts';

const columns = ['source_id', 'source_offset', 'region_indicator', ...columnNames].join(', ');
const unlessThere = 'ON DUPLICATE KEY UPDATE source_id = source_id';
const sourceId = Buffer.alloc(16, 0x22);

let parsedRows: unknown[][] | undefined;
async function rowsOf({ inputs }: Stage): Promise<unknown[][]> {
  if (parsedRows !== undefined) return parsedRows;
  const rows: unknown[][] = [];
  const splitter = createLineSplitter(0);
  const take = (lines: Line[]) => {
    for (const line of lines) {
      const review = parseReview(bytesOf(line));
      if (typeof review === 'string') continue;
      rows.push([sourceId, line.offset, 'us-east-1', ...columnNames.map((column) => review.columns[column])]);
    }
  };
  for await (const block of createReadStream(inputs.primary.path, { highWaterMark: 1 << 20 }))
    take(linesOf(splitter.push(block)));
  take(splitter.end());
  parsedRows = rows;
  return rows;
}

const connect = (target: SqlTarget, count: number): Promise<Connection[]> =>
  Promise.all(
    Array.from({ length: count }, () => {
      const { ca, ...address } = target;
      return createConnection({ ...address, ssl: { ca, verifyIdentity: true }, charset: 'UTF8MB4_0900_AI_CI' });
    }),
  );

/** `rows` in statements of `batchRows`, one at a time a connection. */
async function insertAll(connections: Connection[], rows: unknown[][], batchRows: number): Promise<number> {
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (next < rows.length) {
        const batch = rows.slice(next, next + batchRows);
        next += batchRows;
        await connection.query(`INSERT INTO book_reviews (${columns}) VALUES ? ${unlessThere}`, [batch]);
      }
    }),
  );
  for (const connection of connections) connection.destroy();
  return rows.length;
}

export const mysql2Values: Scenario = {
  name: 'mysql2Values',
  unit: 'rows/s',
  async before(stage) {
    await rowsOf(stage);
    await emptyAlone(stage);
  },
  async turn(stage) {
    const rows = await rowsOf(stage);
    const connections = await connect(stage.alone.target, 4);
    return rowsPerSecond(rows.length, () => insertAll(connections, rows, 500));
  },
};

const fewRows = 2_000;

export const rowByRow: Scenario = {
  name: 'rowByRow',
  unit: 'rows/s',
  async before(stage) {
    await rowsOf(stage);
    await emptyAlone(stage);
  },
  async turn(stage) {
    const rows = (await rowsOf(stage)).slice(0, fewRows);
    const connections = await connect(stage.alone.target, 4);
    return rowsPerSecond(rows.length, () => insertAll(connections, rows, 1));
  },
};

/** From the secondary, over 80 ms, on as many connections as the pipeline may have there. */
export const rowByRowForwarded: Scenario = {
  name: 'rowByRowForwarded80',
  unit: 'rows/s',
  async before(stage) {
    await rowsOf(stage);
    await emptyPair(stage);
    await stage.pair.globalDatabase.setRttMs(80);
  },
  async turn(stage) {
    const { globalDatabase, regions } = stage.pair;
    const rows = (await rowsOf(stage)).slice(0, fewRows / 4);
    const { readerEndpoint } = globalDatabase.regions[regions[1].name] as {
      readerEndpoint: { host: string; port: number };
    };
    const { application } = globalDatabase.users;
    const target = {
      ...readerEndpoint,
      ...application,
      database: globalDatabase.database,
      ca: globalDatabase.certificateAuthorityPem,
    };
    const connections = await connect(target, stage.options.sandboxes * 6);
    await Promise.all(connections.map((one) => one.query("SET aurora_replica_read_consistency = 'session'")));
    return rowsPerSecond(rows.length, () => insertAll(connections, rows, 1));
  },
};
