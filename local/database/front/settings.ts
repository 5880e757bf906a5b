// The settings of a proxy at its start and later. They are plain values, because they cross to the worker.
import type { FrontFault } from './faults.ts';

export interface Address {
  host: string;
  port: number;
}

export interface FrontSettings {
  role: 'primary' | 'secondary';
  /** The Region's own server. */
  local: Address;
  /** The server for writes. While the Region is primary, its own server. */
  primary: Address;
  /** Users that may log in, name to password. */
  users: Record<string, string>;
  /** Milliseconds to the primary and back. */
  rttMs: number;
  /** Milliseconds to delay replication, in addition to half a round trip. */
  lagMs: number;
  /** Milliseconds that a read waits for its session's writes before it fails. */
  readWaitMs: number;
  /** Milliseconds after which an idle forwarded transaction is cancelled, as aurora_fwd_writer_idle_timeout. */
  idleTransactionMs: number;
  /** Sessions that may have a connection to the primary at once, as aurora_fwd_writer_max_connections_pct allows. */
  maxForwardedSessions: number;
  serverVersion: string;
}

export interface FrontStart {
  settings: FrontSettings;
  /** PEM. */
  tls: { key: string; cert: string };
  ports: { writer: number; reader: number };
  /** The address from which the Region's replica fetches, and the server behind it. */
  replication: { listenHost: string; source: Address };
}

/** From the starter to the worker. `reply` is sent back when it is done. */
export type FrontRequest =
  | { kind: 'settings'; reply: number; settings: Partial<FrontSettings> }
  | { kind: 'arm'; reply: number; fault: FrontFault }
  | { kind: 'heal'; reply: number }
  | { kind: 'stop'; reply: number };

/** From the worker to the starter. */
export type FrontReply =
  | { kind: 'ready'; ports: { writer: number; reader: number; replication: number } }
  | { kind: 'done'; reply: number; error?: string }
  | { kind: 'struck'; fault: FrontFault; clientPort: number };
