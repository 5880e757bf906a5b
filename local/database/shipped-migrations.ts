// Reads the shipped migrations from their files, as the bundle has them.
import { readdirSync, readFileSync } from 'node:fs';
import { applyMigrations } from '../../functions/migrate/apply-migrations.ts';
import type { Migration } from '../../functions/shared/migration.ts';
import type { Session } from '../../functions/shared/mysql.ts';

const directory = new URL('../../database/migrations/', import.meta.url);

export const shippedMigrations = (): Migration[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => ({ name, sql: readFileSync(new URL(name, directory), 'utf8') }));

export const migrate = (openSession: () => Promise<Session>) =>
  applyMigrations(shippedMigrations(), { openSession, remainingMs: () => 60_000 });
