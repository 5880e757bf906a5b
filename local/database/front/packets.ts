// Cuts a byte stream into commands and responses. It passes the bytes on unchanged.
import { Buffer } from 'node:buffer';

const fullFrame = 0xffffff;

/** A command as the client sent it: all of its frames. `payload` leaves the frame headers out. */
export interface Command {
  raw: Buffer;
  code: number;
  payload(): Buffer;
}

/**
 * @param onPacket gets each whole packet, continuation frames included, as raw bytes with headers.
 * @returns a function that takes the chunks of the stream in order.
 */
export function createPacketReader(onPacket: (raw: Buffer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let held = 0;
  // Bytes from the start of `parts` up to the end of the frame whose header is known; 4 more than there are otherwise.
  let wanted = 4;
  let frameStart = 0;
  let headerRead = false;

  return (chunk) => {
    parts.push(chunk);
    held += chunk.length;
    while (held >= wanted) {
      // Joins chunks only if a header or the end of a packet is in them. So a statement of 40 MB is copied a few times, not once per chunk.
      const all = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, held);
      parts = [all];
      if (!headerRead) {
        const length = all.readUIntLE(frameStart, 3);
        headerRead = true;
        wanted = frameStart + 4 + length;
        continue;
      }
      const continued = wanted - frameStart - 4 === fullFrame;
      headerRead = false;
      if (continued) {
        frameStart = wanted;
        wanted += 4;
        continue;
      }
      const raw = all.subarray(0, wanted);
      const rest = all.subarray(wanted);
      parts = rest.length > 0 ? [rest] : [];
      held = rest.length;
      frameStart = 0;
      wanted = 4;
      onPacket(raw);
    }
  };
}

/** A packet's payload without the headers of its frames. */
export function payloadOf(raw: Buffer): Buffer {
  const first = raw.readUIntLE(0, 3);
  if (first < fullFrame) return raw.subarray(4);
  const parts: Buffer[] = [];
  for (let at = 0; at < raw.length; ) {
    const length = raw.readUIntLE(at, 3);
    parts.push(raw.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return Buffer.concat(parts);
}
