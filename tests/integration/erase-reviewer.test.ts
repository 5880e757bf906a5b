import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { countRows } from '../../functions/db-processing/count-rows.ts';
import { eraseReviewer } from '../../functions/db-processing/erase-reviewer.ts';
import type { Erasure } from '../../functions/shared/contract.ts';
import type { Session } from '../../functions/shared/mysql.ts';
import { migrate } from '../../local/database/shipped-migrations.ts';
import { type MysqlServer, startMysql } from '../../local/database/single-server.ts';

const one = '1'.repeat(32);
const two = '2'.repeat(32);
const empty = '3'.repeat(32);

let mysql: MysqlServer;
beforeAll(async () => {
  mysql = await startMysql();
  await migrate(mysql.openSession);
});
afterAll(() => mysql.stop());

/** Every third row of two sources of 30 rows is of the reviewer A, the others are of B, a and A with a space. */
beforeEach(async () => {
  await mysql.query('TRUNCATE book_reviews; TRUNCATE erasures');
  const reviewers = ['A', 'B', 'a', 'A', 'A ', 'B'];
  const rows = [one, two].flatMap((id) =>
    Array.from(
      { length: 30 },
      (_, index) => `(x'${id}', ${index * 10}, 'us-east-1', '${reviewers[index % reviewers.length]}', 'asin')`,
    ),
  );
  await mysql.query(
    `INSERT INTO book_reviews (source_id, source_offset, region_indicator, reviewer_id, asin) VALUES ${rows.join(',')}`,
  );
});

const rowsOf = async (reviewer: string) =>
  (await mysql.query<{ n: number }>(`SELECT COUNT(*) AS n FROM book_reviews WHERE reviewer_id = '${reviewer}'`))[0]?.n;
const allRows = async () => (await mysql.query<{ n: number }>('SELECT COUNT(*) AS n FROM book_reviews'))[0]?.n;

/** As an operator's command asks: again, from where it stopped. */
async function erase(reviewerId: string, options: { dryRun?: boolean; stepRows?: number; remainingMs?: number } = {}) {
  const { dryRun = false, stepRows = 7, remainingMs = 900_000 } = options;
  const answers: Erasure[] = [];
  let after: Erasure['after'] = null;
  do {
    const answer: Erasure = await eraseReviewer(
      { reviewerId, dryRun, ...(after && { after }) },
      { openSession: mysql.openSession, remainingMs: () => remainingMs, stepRows },
    );
    answers.push(answer);
    after = answer.after;
  } while (after !== null);
  const rows = answers.reduce((sum, answer) => sum + answer.rows, 0);
  return { answers, rows };
}

describe('erasing a reviewer', () => {
  it('takes out exactly the rows of that id, and says of which sources they were', async () => {
    const { answers } = await erase('A');
    expect(answers).toEqual([{ after: null, rows: 20, sources: { [one]: 10, [two]: 10 } }]);
    expect([await rowsOf('A'), await rowsOf('a'), await rowsOf('A '), await allRows()]).toEqual([0, 10, 10, 40]);
  });

  it.each([1, 7, 29, 30, 31, 59, 60, 61])('looks through every row in steps of %i', async (stepRows) => {
    expect((await erase('A', { stepRows })).rows).toBe(20);
    expect([await rowsOf('A'), await allRows()]).toEqual([0, 40]);
  });

  it('stops where time runs short, and goes on from there', async () => {
    const { answers, rows } = await erase('A', { stepRows: 20, remainingMs: 100_000 });
    expect(answers.length).toBe(4);
    expect([rows, await rowsOf('A')]).toEqual([20, 0]);
  });

  it('deletes nothing in a dry run', async () => {
    expect((await erase('A', { dryRun: true })).rows).toBe(20);
    expect([await allRows(), await rowsOf('A')]).toEqual([60, 20]);
  });

  it('takes an id for text, also one that looks like SQL', async () => {
    expect((await erase("x' OR '1' = '1")).rows).toBe(0);
    expect((await erase('\\')).rows).toBe(0);
    expect(await allRows()).toBe(60);
  });

  it('finds nothing the second time', async () => {
    await erase('A');
    expect((await erase('A')).rows).toBe(0);
  });

  it('ends the same where a session breaks after the places were recorded, or after the rows were deleted', async () => {
    for (const broken of ['INSERT', 'DELETE']) {
      let isBroken = false;
      const breaking = async (): Promise<Session> => {
        const session = await mysql.openSession();
        const run = async (sql: string, ms: number) => {
          const answer = await session.run(sql, ms);
          if (!isBroken && sql.startsWith(broken)) {
            isBroken = true;
            await session.close();
            return session.run(sql, ms);
          }
          return answer;
        };
        return { ...session, run } as Session;
      };
      await eraseReviewer(
        { reviewerId: broken === 'INSERT' ? 'A' : 'B' },
        { openSession: breaking, remainingMs: () => 900_000 },
      );
      expect([broken, isBroken]).toEqual([broken, true]);
    }
    expect([await rowsOf('A'), await rowsOf('B'), await allRows()]).toEqual([0, 0, 20]);
  });
});

describe('the rows of a source', () => {
  const count = (withErased: boolean) => countRows({ countRows: [one, two, empty], withErased }, mysql.openSession);

  it('are counted without those that were erased, or with them for a reconcile', async () => {
    await erase('A');
    expect(await count(false)).toEqual({ [one]: 20, [two]: 20, [empty]: 0 });
    expect(await count(true)).toEqual({ [one]: 30, [two]: 30, [empty]: 0 });
  });

  it('are not asked for by a reconcile where the source was withdrawn', async () => {
    await mysql.query(
      `INSERT INTO sources (source_id, region, bucket, object_key, size_bytes, chunk_count, max_rejected_percent, closed_at, closed_as)
      VALUES (x'${two}', 'us-east-1', 'bucket', 'key', 1, 1, 50, NOW(3), 'withdrawn')`,
    );
    expect(await count(true)).toEqual({ [one]: 30, [empty]: 0 });
    expect(await count(false)).toEqual({ [one]: 30, [two]: 30, [empty]: 0 });
    await mysql.query('DELETE FROM sources');
  });

  it('are not counted twice where an erased one was ingested again', async () => {
    await erase('A');
    await mysql.query(
      `INSERT INTO book_reviews (source_id, source_offset, region_indicator, reviewer_id, asin) VALUES (x'${one}', 0, 'us-east-1', 'A', 'asin')`,
    );
    expect(await count(true)).toEqual({ [one]: 30, [two]: 30, [empty]: 0 });
  });
});
