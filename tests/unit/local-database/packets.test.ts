import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createPacketReader, payloadOf } from '../../../local/database/front/packets.ts';
import { createResponseReader, type ResponseEnd } from '../../../local/database/front/response.ts';
import { command, frame, frameCommand } from '../../../local/database/front/wire.ts';

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const parts = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
  // A socket never delivers nothing.
  return parts.filter((part) => part.length > 0);
}

const bytes = (...values: number[]) => Buffer.from(values);
const ok = (flags: number, rest = Buffer.alloc(0)) =>
  Buffer.concat([bytes(0, 1, 0, flags & 0xff, flags >> 8, 0, 0), rest]);
const eof = (flags: number) => bytes(0xfe, 0, 0, flags & 0xff, flags >> 8);
const failure = Buffer.concat([bytes(0xff, 0x28, 0x04), Buffer.from('#42000no')]);
const text = (value: string) => Buffer.concat([bytes(value.length), Buffer.from(value)]);
const packets = (...payloads: Buffer[]) => Buffer.concat(payloads.map((payload, index) => frame(index + 1, payload)));

function readAll(code: number, chunks: readonly Buffer[], untracked = false) {
  const gtids: (string | undefined)[] = [];
  const reader = createResponseReader({ code, untracked, onOk: (packet) => gtids.push(packet.gtid) });
  const passed: Buffer[] = [];
  let end: ResponseEnd | undefined;
  for (const chunk of chunks) {
    const part = reader.read(chunk);
    passed.push(...part.pass);
    if (part.end !== undefined && end !== undefined) throw new Error('ended twice');
    end ??= part.end;
  }
  return { passed: Buffer.concat(passed), end, gtids };
}

const places = fc.array(fc.nat(), { maxLength: 8 });

describe('commands', () => {
  it('are found whole however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), places, (payloads, where) => {
        const sent = payloads.map((payload) => frame(0, Buffer.from(payload)));
        const seen: Buffer[] = [];
        const read = createPacketReader((raw) => void seen.push(raw));
        for (const chunk of cut(Buffer.concat(sent), where)) read(chunk);
        expect(seen.map((raw) => raw.toString('hex'))).toEqual(sent.map((raw) => raw.toString('hex')));
      }),
    );
  });

  it('are one packet in several frames from 16 MiB on', () => {
    for (const length of [0xfffffe, 0xffffff, 0x1000000, 0x1fffffe]) {
      const payload = Buffer.alloc(length, 'a');
      const raw = frameCommand(payload);
      const seen: Buffer[] = [];
      const read = createPacketReader((packet) => void seen.push(packet));
      for (let at = 0; at < raw.length; at += 1_000_003) read(raw.subarray(at, at + 1_000_003));
      expect(seen).toHaveLength(1);
      expect(payloadOf(seen[0] as Buffer).equals(payload)).toBe(true);
    }
  });
});

describe('the end of a response', () => {
  const column = text('def');
  const rows = [text('a'), text('long value'), bytes(0xfb), bytes(0xfe, 1, 2, 3, 4, 5, 6, 7, 8, 9)];
  const cases: [what: string, code: number, response: Buffer, end: ResponseEnd][] = [
    ['an OK', command.query, packets(ok(2)), { statusFlags: 2 }],
    ['an error', command.query, packets(failure), { errno: 1064, error: failure }],
    ['rows', command.query, packets(bytes(1), column, eof(2), ...rows, eof(3)), { statusFlags: 3 }],
    ['an error after rows', command.query, packets(bytes(1), column, eof(2), text('a'), failure), { errno: 1064 }],
    [
      'several results',
      command.query,
      packets(bytes(1), column, eof(10), text('a'), eof(10), ok(10), ok(2)),
      { statusFlags: 2 },
    ],
    ['a cursor', command.execute, packets(bytes(1), column, eof(0x42)), { statusFlags: 0x42 }],
    ['a fetch', command.fetch, packets(bytes(0, 1, 2), bytes(0, 3), eof(0x82)), { statusFlags: 0x82 }],
    ['fields', command.fieldList, packets(column, column, eof(2)), { statusFlags: 2 }],
    ['statistics', command.statistics, packets(Buffer.from('Uptime')), {}],
  ];

  it.each(cases)('is found after %s, however the bytes are cut, and all of them pass', (_, code, response, end) => {
    fc.assert(
      fc.property(places, (where) => {
        const seen = readAll(code, cut(response, where));
        expect(seen.end).toEqual(end);
        expect(seen.passed.equals(response)).toBe(true);
      }),
    );
  });

  it.each([
    [0, 0],
    [1, 0],
    [0, 2],
    [2, 3],
  ])('is found after a prepare with %d parameters and %d columns', (parameters, columns) => {
    const first = bytes(0, 7, 0, 0, 0, columns, 0, parameters, 0, 0, 0, 0);
    const blocks = [parameters, columns]
      .filter((count) => count > 0)
      .flatMap((count) => [...Array(count).fill(column), eof(2)]);
    const response = packets(first, ...blocks);
    fc.assert(
      fc.property(places, (where) => {
        const seen = readAll(command.prepare, cut(response, where));
        expect(seen.end).toBeDefined();
        expect(seen.passed.equals(response)).toBe(true);
      }),
    );
  });

  it('is not seen in the middle of a row that spans frames', () => {
    const head = Buffer.alloc(4);
    head.writeUIntLE(0xffffff, 0, 3);
    const bigRow = Buffer.concat([head, Buffer.alloc(0xffffff, 'a'), frame(9, eof(2))]);
    const response = Buffer.concat([packets(bytes(1), column, eof(2)), bigRow, frame(10, eof(3))]);
    const seen = readAll(command.query, cut(response, [20, 70_000, 9_000_000]));
    expect(seen.end).toEqual({ statusFlags: 3 });
    expect(seen.passed.length).toBe(response.length);
  });

  it('brings the GTID of a commit, and hides session tracking from a client that did not ask for it', () => {
    const set = '3E11FA47-71CA-11E1-9E33-C80AA9429562:23';
    const entry = Buffer.concat([bytes(0), text(set)]);
    const changes = Buffer.concat([bytes(3, entry.length), entry]);
    const tracked = packets(ok(0x4002, Buffer.concat([bytes(0), bytes(changes.length), changes])));
    fc.assert(
      fc.property(places, (where) => {
        expect(readAll(command.query, cut(tracked, where))).toEqual({
          passed: tracked,
          end: { statusFlags: 0x4002 },
          gtids: [set],
        });
        const hidden = readAll(command.query, cut(tracked, where), true);
        expect(hidden.gtids).toEqual([set]);
        expect(hidden.passed.equals(packets(ok(2)))).toBe(true);
      }),
    );
  });
});
