// A prepared statement of a client, as the proxy keeps it.
import type { Buffer } from 'node:buffer';
import type { StatementKind } from './classify.ts';

export type Place = 'local' | 'primary';

export interface PreparedStatement {
  kind: StatementKind;
  /** As the client wrote it, and as a server gets it. */
  sql: string;
  sent: string;
  parameters: number;
  /** The servers' own ids. */
  local?: number;
  primary?: number;
  lastPlace: Place;
  /** Parameter types: a client sends them once, and each server has to see them once. */
  types?: Buffer;
  typed: Set<Place>;
}
