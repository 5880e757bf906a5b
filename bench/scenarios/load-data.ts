// LOAD DATA LOCAL of the same rows: what MySQL itself offers for bulk, without parsing JSON, rejecting or accounting.
import { createReadStream } from 'node:fs';
import { type Connection, createConnection } from 'mysql2';
import { type InputFile, loadedColumns, type Part, partsOf } from '../input-files.ts';
import { emptyAlone, emptyPair, rowsPerSecond, type Scenario, type SqlTarget } from '../stage.ts';

const connect = ({ ca, ...target }: SqlTarget | (Omit<SqlTarget, 'ca'> & { ca?: undefined })): Connection =>
  createConnection({
    ...target,
    ...(ca !== undefined && { ssl: { ca, verifyIdentity: true } }),
    charset: 'UTF8MB4_0900_AI_CI',
    flags: ['+LOCAL_FILES'],
  });

/** Loads all parts at once, each on its connection. The returned time does not include connecting. */
async function load(
  target: Parameters<typeof connect>[0],
  parts: { part: Part; sourceId: string }[],
): Promise<() => Promise<number>> {
  const connections = parts.map(() => connect(target));
  await Promise.all(connections.map((connection) => connection.promise().query('SELECT 1')));
  return async () => {
    const counts = await Promise.all(
      parts.map(async ({ part, sourceId }, index) => {
        const [result] = await (connections[index] as Connection).promise().query({
          sql: `LOAD DATA LOCAL INFILE 'rows' INTO TABLE book_reviews CHARACTER SET utf8mb4 (${loadedColumns})
            SET source_id = x'${sourceId}', region_indicator = 'us-east-1'`,
          infileStreamFactory: () =>
            createReadStream(part.path, { start: part.start, end: part.end - 1, highWaterMark: 1 << 20 }),
        } as { sql: string });
        return (result as { affectedRows: number }).affectedRows;
      }),
    );
    for (const connection of connections) connection.destroy();
    return counts.reduce((sum, count) => sum + count, 0);
  };
}

const wholeOf = ({ loadable }: InputFile) => partsOf(loadable.path, loadable.sizeBytes, 1);
const sourceIds = ['00'.repeat(16), '11'.repeat(16)] as const;

const alone = (name: string, connections: number): Scenario => ({
  name,
  unit: 'rows/s',
  before: emptyAlone,
  async turn({ alone: { target }, inputs: { primary } }) {
    const { path, sizeBytes } = primary.loadable;
    const parts = (await partsOf(path, sizeBytes, connections)).map((part) => ({ part, sourceId: sourceIds[0] }));
    return rowsPerSecond(primary.rows, await load(target, parts));
  },
});

export const loadData: Scenario[] = [
  alone('loadDataOneConnection', 1),
  alone('loadDataTwoConnections', 2),
  alone('loadDataFourConnections', 4),
];

/** Both Regions' rows into the primary of the pair, a connection each, until the replica has them. */
export const loadDataReplicated: Scenario = {
  name: 'loadDataReplicated',
  unit: 'rows/s',
  before: emptyPair,
  async turn({ pair, inputs: { primary, secondary } }) {
    const { direct, database } = pair.globalDatabase;
    const target = { ...direct.primary, user: 'root', password: direct.rootPassword, database };
    const parts = [...(await wholeOf(primary)), ...(await wholeOf(secondary))].map((part, index) => ({
      part,
      sourceId: sourceIds[index] as string,
    }));
    const run = await load(target, parts);
    const { value, seconds } = await rowsPerSecond(primary.rows + secondary.rows, async () => {
      const count = await run();
      await pair.caughtUp();
      return count;
    });
    return { value, details: { seconds } };
  },
};
