import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { MysqlServer } from './mysql-server.ts';

export function connectAsRoot({ host, port, rootPassword }: MysqlServer): Promise<Connection> {
  return createConnection({ host, port, user: 'root', password: rootPassword, connectTimeout: 10_000 });
}

/** @returns the first column of the first row. */
export async function askOne(connection: Connection, sql: string, values: string[] = []): Promise<unknown> {
  const [rows] = await connection.query<RowDataPacket[]>(sql, values);
  return Object.values(rows[0] ?? {})[0];
}
