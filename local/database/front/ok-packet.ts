// The OK packet: status flags, and the session state, which has the GTID of the session's last commit.
import { Buffer } from 'node:buffer';
import { readBytes, readLength, status } from './wire.ts';

export interface OkPacket {
  statusFlags: number;
  /** GTID (set) of this session's commit, if the statement committed something. */
  gtid?: string;
  /** The payload for a client that did not ask for session tracking. */
  untracked: Buffer;
}

const gtidTracker = 3;

/** @param payload an OK packet's payload as a server sends it with SESSION_TRACK negotiated. */
export function readOk(payload: Buffer): OkPacket {
  const [, afterRows] = readLength(payload, 1);
  const [, at] = readLength(payload, afterRows);
  const statusFlags = payload.readUInt16LE(at);
  if (payload.length <= at + 4) return { statusFlags, untracked: payload };

  const [info, afterInfo] = readBytes(payload, at + 4);
  const untracked = Buffer.concat([payload.subarray(0, at + 4), info]);
  untracked.writeUInt16LE(statusFlags & ~status.sessionStateChanged, at);
  if ((statusFlags & status.sessionStateChanged) === 0) return { statusFlags, untracked };

  const gtid = findGtid(readBytes(payload, afterInfo)[0]);
  return gtid === undefined ? { statusFlags, untracked } : { statusFlags, gtid, untracked };
}

function findGtid(changes: Buffer): string | undefined {
  let at = 0;
  while (at < changes.length) {
    const tracker = changes[at];
    const [entry, next] = readBytes(changes, at + 1);
    // One byte of encoding specification (always 0) comes before the set.
    if (tracker === gtidTracker) return readBytes(entry, 1)[0].toString('latin1');
    at = next;
  }
  return undefined;
}
