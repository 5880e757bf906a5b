// A migration, and how the database knows that one was applied: migrate writes that, and doctor compares.
import { createHash } from 'node:crypto';

/** One statement, which may be repeated: DDL commits by itself, so a crash can come between it and its record. */
export interface Migration {
  /** The file's name; migrations are applied in the order of their names. */
  name: string;
  sql: string;
}

/** What schema_migrations holds of a file: SHA-256, in hex digits. */
export const checksumOf = (sql: string) => createHash('sha256').update(sql).digest('hex');
