// Reads a Region's database through the endpoint of that Region, as any client there would.
import { createConnection } from 'mysql2/promise';

export interface DatabaseAccess {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** Certificate of the local authority, PEM. */
  certificateAuthorityPem: string;
}

/** Of the view load_history. */
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

/** For a query that may have a condition. Sums are exact decimals, which the driver gives as texts: as doubles they are numbers. */
export const historyQuery = `SELECT source_hex, region, object_key, state, reason, chunk_count, chunks_done,
  line_count + 0E0 AS line_count, rows_loaded + 0E0 AS rows_loaded, rejected + 0E0 AS rejected, blank + 0E0 AS blank
  FROM load_history`;

export interface Contents {
  /** The ledger's content by source id. */
  history: Record<string, HistoryRow>;
  rows: number;
  /** A digest of every column of every row. The order of the rows does not matter. */
  checksum: string;
  rowsByRegionIndicator: Record<string, number>;
}

const table = 'book_reviews';

/** Runs `ask` on one TLS connection with verified host name, and closes it. */
export async function withDatabase<T>(
  access: DatabaseAccess,
  ask: (query: <Row>(sql: string, values?: unknown[]) => Promise<Row[]>) => Promise<T>,
): Promise<T> {
  const { certificateAuthorityPem: ca, ...address } = access;
  const connection = await createConnection({
    ...address,
    ssl: { ca, verifyIdentity: true, minVersion: 'TLSv1.2' },
    charset: 'utf8mb4',
    supportBigNumbers: true,
  });
  try {
    // Times as text depend on the session's zone.
    await connection.query("SET time_zone = '+00:00'");
    return await ask(async <Row>(sql: string, values?: unknown[]) => {
      const [rows] = await connection.query(sql, values);
      return rows as Row[];
    });
  } finally {
    connection.destroy();
  }
}

export const readContents = (access: DatabaseAccess): Promise<Contents> =>
  withDatabase(access, async (query) => {
    const columns = await query<{ name: string }>(
      'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position',
      [table],
    );
    if (columns.length === 0) throw new Error(`there is no table ${table} in ${access.database}`);
    // Hexadecimal digits cannot look like a separator or like NULL.
    const row = columns.map(({ name }) => `IFNULL(HEX(CAST(\`${name}\` AS BINARY)), '-')`).join(', ');
    const [whole] = await query<{ rows_: number; sum_: string }>(
      `SELECT COUNT(*) AS rows_,
        CAST(SUM(CAST(CONV(LEFT(SHA2(CONCAT_WS('.', ${row}), 256), 15), 16, 10) AS UNSIGNED)) AS CHAR) AS sum_ FROM ${table}`,
    );
    const counts = await query<{ region: string; rows_: number }>(
      `SELECT region_indicator AS region, COUNT(*) AS rows_ FROM ${table} GROUP BY region_indicator ORDER BY region_indicator`,
    );
    const history = await query<HistoryRow>(historyQuery);
    return {
      history: Object.fromEntries(history.map((row) => [row.source_hex, row])),
      rows: Number(whole?.rows_),
      // The sum of 60 bits of each row's SHA-256. A missing, doubled or different row changes it.
      checksum: BigInt(whole?.sum_ ?? 0).toString(16),
      rowsByRegionIndicator: Object.fromEntries(counts.map(({ region, rows_ }) => [region, Number(rows_)])),
    };
  });
