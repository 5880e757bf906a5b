// Finds the end of a server's response while its bytes pass. It has two states. The first packet of a result (OK, error, column
// count) is small and is held until it is complete. Inside of a result set, it looks only at frame headers and the first bytes after
// them.
import { Buffer } from 'node:buffer';
import { type OkPacket, readOk } from './ok-packet.ts';
import { command, frame, readLength, status } from './wire.ts';

export interface ResponseEnd {
  /** Status flags of the last OK or EOF packet. Absent after an error. */
  statusFlags?: number;
  /** Error number of an error packet, and its payload. */
  errno?: number;
  error?: Buffer;
  /** The payload of the first packet of a response to a prepare. */
  prepared?: Buffer;
}

export interface ResponseReader {
  /** @returns the bytes that may go to the client now, and the end of the response if this chunk has it. */
  read(chunk: Buffer): { pass: Buffer[]; end?: ResponseEnd };
}

export interface ResponseOptions {
  code: number;
  /** The client did not ask for session tracking, so remove it from OK packets. */
  untracked: boolean;
  onOk?: (ok: OkPacket) => void;
  /** Gives the payload that the client sees in place of a successful prepare's first packet. */
  onPrepared?: (payload: Buffer) => Buffer;
}

type State = 'first' | 'columns' | 'rows' | 'definitions' | 'single';

const firstState = (code: number): State => {
  if (code === command.fieldList) return 'definitions';
  if (code === command.fetch) return 'rows';
  if (code === command.statistics) return 'single';
  return 'first';
};

/** The position in a response. */
interface Progress {
  state: State;
  /** Blocks of definitions that still follow in the response to a prepare. An EOF packet ends each. */
  blocks: number;
  end: ResponseEnd | undefined;
}

/** Takes the first packet of a result. @returns the bytes to pass in its place */
function takeFirst(progress: Progress, packet: Buffer, { code, untracked, onOk, onPrepared }: ResponseOptions): Buffer {
  const payload = packet.subarray(4);
  const type = payload[0];
  if (type === 0xff) {
    progress.end = { errno: payload.readUInt16LE(1), error: payload };
    return packet;
  }
  if (code === command.prepare) {
    progress.blocks = (payload.readUInt16LE(5) > 0 ? 1 : 0) + (payload.readUInt16LE(7) > 0 ? 1 : 0);
    const shown = onPrepared?.(payload) ?? payload;
    progress.state = 'definitions';
    if (progress.blocks === 0) progress.end = { prepared: payload };
    return frame(packet[3] as number, shown);
  }
  if (type === 0x00) {
    const ok = readOk(payload);
    onOk?.(ok);
    if ((ok.statusFlags & status.moreResults) === 0) progress.end = { statusFlags: ok.statusFlags };
    return untracked ? frame(packet[3] as number, ok.untracked) : packet;
  }
  // The answer to SET_OPTION and DEBUG. No result set begins with it.
  if (type === 0xfe && payload.length < 9) {
    progress.end = { statusFlags: payload.length >= 5 ? payload.readUInt16LE(3) : 0 };
    return packet;
  }
  progress.state = 'columns';
  return packet;
}

/** Takes the first bytes of a packet inside of a result set. `length` is that of the whole packet. */
function takeInside(progress: Progress, head: Buffer, length: number, code: number): void {
  const finish = (end: ResponseEnd): void => {
    progress.end = end;
  };
  const type = head[0];
  if (progress.state === 'single') {
    finish({});
    return;
  }
  if (type === 0xff) {
    finish({ errno: head.readUInt16LE(1) });
    return;
  }
  // Shorter than any row that begins with an eight-byte length.
  if (type !== 0xfe || length >= 9) return;
  const statusFlags = head.readUInt16LE(3);
  if (progress.state === 'definitions') {
    progress.blocks -= 1;
    if (progress.blocks <= 0) finish({ statusFlags });
    return;
  }
  if (progress.state === 'columns') {
    progress.state = 'rows';
    // With a cursor, the rows come by FETCH. Each FETCH has an end packet too.
    if ((statusFlags & status.cursorExists) !== 0) finish({ statusFlags });
    return;
  }
  if ((statusFlags & status.moreResults) !== 0 && code !== command.fetch) progress.state = 'first';
  else finish({ statusFlags });
}

export function createResponseReader(options: ResponseOptions): ResponseReader {
  const { code } = options;
  const progress: Progress = { state: firstState(code), blocks: 0, end: undefined };
  let kept: Buffer | undefined;
  // Bytes of the current packet that later chunks will bring.
  let passing = 0;
  let continued = false;

  return {
    read(chunk) {
      const pass: Buffer[] = [];
      const bytes = kept === undefined ? chunk : Buffer.concat([kept, chunk]);
      kept = undefined;
      let at = Math.min(passing, bytes.length);
      passing -= at;
      let passed = 0;
      while (at < bytes.length && progress.end === undefined) {
        const left = bytes.length - at;
        const length = left >= 4 ? bytes.readUIntLE(at, 3) : 0;
        const held = progress.state === 'first' ? length : Math.min(length, 5);
        if (left < 4 + held) break;
        if (progress.state === 'first') {
          if (at > passed) pass.push(bytes.subarray(passed, at));
          pass.push(takeFirst(progress, bytes.subarray(at, at + 4 + length), options));
          at += 4 + length;
          passed = at;
          continue;
        }
        // A continuation frame holds the middle of a row. Its first byte means nothing.
        if (!continued) takeInside(progress, bytes.subarray(at + 4, at + 4 + held), length, code);
        continued = length === 0xffffff;
        const next = at + 4 + length;
        passing = Math.max(0, next - bytes.length);
        at = Math.min(next, bytes.length);
      }
      if (at > passed) pass.push(bytes.subarray(passed, at));
      if (at < bytes.length && progress.end === undefined) kept = bytes.subarray(at);
      if (progress.end === undefined || passing > 0) return { pass };
      return { pass, end: progress.end };
    },
  };
}

/** Numbers of parameters and columns in the first packet of a successful prepare. */
export function readPrepared(payload: Buffer) {
  return { id: payload.readUInt32LE(1), columns: payload.readUInt16LE(5), parameters: payload.readUInt16LE(7) };
}

/** The first value of the first row of a text result set, NULL and an empty result as undefined. For the front's own questions. */
export function firstValue(packets: readonly Buffer[]): string | undefined {
  const row = packets[packets.findIndex((packet) => packet[4] === 0xfe && packet.length < 13) + 1];
  if (row === undefined || row[4] === 0xfb || row[4] === 0xfe) return undefined;
  const [length, start] = readLength(row, 4);
  return row.toString('utf8', start, start + length);
}
