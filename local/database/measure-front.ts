// Is the front a bottleneck? Four connections insert batches of 1,000 rows, in turns straight into the primary and through
// the secondary's front with no round trip added; prints rows a second of each turn, and the median of the ratios of each
// pair of neighbouring turns: other work of the machine slows both of a pair alike.
//   node local/database/measure-front.ts [--turns 9] [--seconds 1] [--connections 4] [--rtt-ms 0] [--tls]
import { type Connection, createConnection } from 'mysql2/promise';
import { parseFlags } from '../../operations/command-line.ts';
import type { Address } from './front/settings.ts';
import { type GlobalDatabase, startGlobalDatabase } from './global-database.ts';

const options = parseFlags(process.argv.slice(2), {
  turns: { type: 'string', default: '9' },
  seconds: { type: 'string', default: '1' },
  connections: { type: 'string', default: '4' },
  'rtt-ms': { type: 'string', default: '0' },
  tls: { type: 'boolean', default: false },
});

const batchRows = 1000;
const text = 'A review of middling length, as long as most of them are. '.repeat(7);
const batch = `INSERT INTO measured (source, place, body) VALUES ${Array.from({ length: batchRows }, (_, row) => `(UUID_TO_BIN('00000000-0000-0000-0000-000000000000'), ${row}, '${text}')`).join(',')}`;

function connectTo(database: GlobalDatabase, address: Address, tls: boolean): Promise<Connection> {
  const ssl = { ca: database.certificateAuthorityPem, verifyIdentity: true };
  return createConnection({
    ...address,
    ...database.users.admin,
    database: database.database,
    ...(tls ? { ssl } : {}),
  });
}

/** @returns rows a second of all connections together. */
async function insertFor(ms: number, connections: readonly Connection[]): Promise<number> {
  const start = performance.now();
  let batches = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() - start < ms) {
        await connection.query(batch);
        batches += 1;
      }
    }),
  );
  return (batches * batchRows * 1000) / (performance.now() - start);
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;

const rttMs = Number(options['rtt-ms']);
const regions = { primary: 'us-east-1', secondary: 'us-west-2' };
const database = await startGlobalDatabase({ regions, rttMs, lagMs: 0, label: 'measure-front' });
try {
  const count = Number(options.connections);
  const open = (address: Address, tls: boolean) =>
    Promise.all(Array.from({ length: count }, () => connectTo(database, address, tls)));
  const direct = await open(database.direct.primary, false);
  const front = await open(
    (database.regions[regions.secondary] as { readerEndpoint: Address }).readerEndpoint,
    options.tls,
  );
  await direct[0]?.query(
    'CREATE TABLE measured (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, source BINARY(16), place INT, body TEXT)',
  );
  for (const connection of front) await connection.query("SET aurora_replica_read_consistency = 'session'");
  const ms = Number(options.seconds) * 1000;
  await insertFor(500, direct);
  await insertFor(500, front);
  const rates = { direct: [] as number[], front: [] as number[] };
  for (let turn = 0; turn < Number(options.turns); turn++) {
    for (const way of turn % 2 === 0 ? (['direct', 'front'] as const) : (['front', 'direct'] as const)) {
      const rate = await insertFor(ms, way === 'direct' ? direct : front);
      rates[way].push(rate);
      console.log(`${way}: ${Math.round(rate)} rows/s`);
      await direct[0]?.query('TRUNCATE TABLE measured');
      // The replica applies what was written before the next turn begins, so that no turn pays for another.
      await front[0]?.query('INSERT INTO measured (place) VALUES (0)');
      await front[0]?.query('SELECT COUNT(*) FROM measured');
    }
  }
  const ratio = median(rates.front.map((rate, turn) => rate / (rates.direct[turn] as number)));
  console.log(
    `${count} connections, ${batchRows} rows of ${Math.round(batch.length / batchRows)} B a batch, round trip ${rttMs} ms${options.tls ? ', TLS' : ''}: ` +
      `direct ${Math.round(median(rates.direct))}, front ${Math.round(median(rates.front))} rows/s, ratio ${ratio.toFixed(2)}`,
  );
  for (const connection of [...direct, ...front]) connection.destroy();
} finally {
  await database.stop();
}
