// A prepared statement of a client, as the proxy keeps it.
import type { Buffer } from 'node:buffer';
import type { StatementKind } from './classify.ts';

export type Place = 'local' | 'primary';

export interface PreparedStatement {
  kind: StatementKind;
  /** The client's text, and the text for a server. */
  sql: string;
  sent: string;
  parameters: number;
  /** The ids of the servers. */
  local?: number;
  primary?: number;
  lastPlace: Place;
  /** Parameter types. A client sends them once, and each server must see them once. */
  types?: Buffer;
  typed: Set<Place>;
}
