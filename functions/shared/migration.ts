// A migration, and its record in the database. Migrate writes the record, and doctor compares it.
import { createHash } from 'node:crypto';

/** One statement. It must be safe to repeat: DDL commits implicitly, so a crash can come between it and its record. */
export interface Migration {
  /** The file's name. Migrations are applied in the order of their names. */
  name: string;
  sql: string;
}

/** The checksum in schema_migrations: SHA-256 of the file, in hex digits. */
export const checksumOf = (sql: string) => createHash('sha256').update(sql).digest('hex');
