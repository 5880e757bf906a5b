// A session sets what the promises rest on, even if the server has other defaults.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { type MysqlServer, startMysql } from '../../local/database/single-server.ts';

let server: MysqlServer;

beforeAll(async () => {
  // Users without SUPER run init_connect when they log in.
  server = await startMysql(
    '--autocommit=0',
    '--init-connect=SET autocommit = 0, sql_select_limit = 1, sql_safe_updates = 1',
  );
  await server.query('SET GLOBAL autocommit = 1; SET autocommit = 1');
  await migrate(server.openSession);
  await server.query('SET GLOBAL autocommit = 0');
}, 120_000);

afterAll(() => server.stop());

const insert = (offset: number) =>
  `INSERT INTO book_reviews (source_id, source_offset, region_indicator, reviewer_id, asin) VALUES (x'${'01'.repeat(16)}', ${offset}, 'r', 'A', 'B')`;

describe('a session with a server that does not commit by default', () => {
  it('commits each statement, so that its rows are there after it closed', async () => {
    const session = await server.openSession();
    for (const offset of [1, 2, 3]) await session.run(insert(offset), 5_000);
    await session.close();
    const rows = await server.query('SELECT source_offset FROM book_reviews');
    expect(rows).toHaveLength(3);
  });

  it('commits also where init_connect begins a transaction and autocommit is on', async () => {
    const normal = await server.query<{ sql: string }>('SELECT @@GLOBAL.init_connect AS `sql`');
    await server.query("SET GLOBAL autocommit = 1, GLOBAL init_connect = 'START TRANSACTION'");
    const session = await server.openSession();
    await session.run(insert(4), 5_000);
    await session.close();
    await server.query(`SET GLOBAL autocommit = 0, GLOBAL init_connect = '${normal[0]?.sql}'`);
    expect(await server.query('SELECT source_offset FROM book_reviews WHERE source_offset = 4')).toHaveLength(1);
    await server.query('DELETE FROM book_reviews WHERE source_offset = 4');
  });

  it('reads all rows of a SELECT, and may delete by any condition', async () => {
    const session = await server.openSession();
    expect(await session.run('SELECT source_offset FROM book_reviews', 5_000)).toHaveLength(3);
    await session.run("DELETE FROM book_reviews WHERE reviewer_id = 'A'", 5_000);
    await session.close();
    expect(await server.query('SELECT source_offset FROM book_reviews')).toEqual([]);
  });
});
