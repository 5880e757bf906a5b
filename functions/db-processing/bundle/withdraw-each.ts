// Withdraws the rows of several sources in one session. What was withdrawn before costs a few statements that find nothing.
import type { EachWithdrawal, WithdrawEachRequest } from '../../shared/bundle-contract.ts';
import type { Session } from '../../shared/mysql.ts';
import { withdrawRows } from '../withdraw-rows.ts';

/** A source is not begun with less time than this. */
const leastMs = 60_000;

/** @throws an error of functions/shared/errors.ts */
export async function withdrawEach(
  { withdraw }: WithdrawEachRequest,
  {
    openSession,
    remainingMs,
    region,
  }: { openSession: () => Promise<Session>; remainingMs: () => number; region: string },
): Promise<EachWithdrawal> {
  const session = await openSession();
  const shared = async (): Promise<Session> => ({
    role: session.role,
    run: (sql, timeoutMs) => session.run(sql, timeoutMs),
    close: async () => {},
  });
  let rows = withdraw.rows ?? 0;
  const each: EachWithdrawal['each'] = [];
  try {
    for (const one of withdraw.each) {
      if (each.length > 0 && remainingMs() < leastMs) return { done: false, rows, each };
      const withdrawal = await withdrawRows({ withdraw: one }, { openSession: shared, remainingMs, region });
      rows += withdrawal.rows;
      if (!withdrawal.done) return { done: false, rows, each };
      each.push({ rows: withdrawal.rows, ...(withdrawal.superseded && { superseded: true }) });
    }
    return { done: true, rows, each };
  } finally {
    await session.close();
  }
}
