// Makes sure that DB-processing's database user exists, has the password of its secret, and can do its work.
import type { Credentials } from '../shared/database-credentials.ts';
import { ConfigurationError } from '../shared/errors.ts';
import type { Session } from '../shared/mysql.ts';
import { serverError } from '../shared/mysql-errors.ts';
import { textLiteral } from '../shared/sql-text.ts';

/** `unchanged`: it was already right. `set`: it was created, or got its password or its privileges. */
export type ApplicationUserResult = 'unchanged' | 'set';

/** A refusal at log-in, at the database, or at a statement on a table. */
const refused = new Set<number>([serverError.loginRefused, serverError.databaseDenied, serverError.tableDenied]);
const statementMs = 10_000;

/** The statements that the user must be allowed. EXPLAIN checks the privileges of its statement, and changes nothing. */
const probes = [
  'EXPLAIN SELECT asin FROM book_reviews',
  'EXPLAIN INSERT INTO book_reviews SELECT * FROM book_reviews',
  'EXPLAIN UPDATE book_reviews SET asin = asin',
  'EXPLAIN DELETE FROM book_reviews',
];

/**
 * Checks first, and changes only what is wrong. So it does not touch a database whose users somebody else manages. Call it on the
 * primary, after the migrations.
 * @param openAsApplication logs in with these credentials
 * @throws {ConfigurationError} if the administrator may not create users, or if the new user does not work
 */
export async function provideApplicationUser(
  { username, password }: Credentials,
  {
    openAsAdmin,
    openAsApplication,
  }: { openAsAdmin: () => Promise<Session>; openAsApplication: () => Promise<Session> },
): Promise<ApplicationUserResult> {
  if (await canWork(openAsApplication)) return 'unchanged';
  const user = `${textLiteral(username)}@'%'`;
  const admin = await openAsAdmin();
  try {
    const [row] = await admin.run<{ name: string }[]>('SELECT DATABASE() AS name', statementMs);
    const database = `\`${row?.name.replaceAll('`', '``')}\``;
    const identified = `${user} IDENTIFIED BY ${textLiteral(password)}`;
    await admin.run(`CREATE USER IF NOT EXISTS ${identified}`, statementMs);
    await admin.run(`ALTER USER ${identified}`, statementMs);
    // An underscore in the name may match any character. With partial_revokes on, it does not. So it is not escaped.
    await admin.run(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.* TO ${user}`, statementMs);
  } finally {
    await admin.close();
  }
  if (!(await canWork(openAsApplication))) {
    throw new ConfigurationError(
      'the application user was set up and still cannot work: see whether a user of the same name for certain hosts comes before it',
    );
  }
  return 'set';
}

async function canWork(openAsApplication: () => Promise<Session>): Promise<boolean> {
  try {
    const session = await openAsApplication();
    try {
      for (const probe of probes) await session.run(probe, statementMs);
      return true;
    } finally {
      await session.close();
    }
  } catch (error) {
    const { errno } = ((error as Error).cause ?? {}) as { errno?: number };
    if (refused.has(errno ?? 0)) return false;
    throw error;
  }
}
