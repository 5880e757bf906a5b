// Rows of the INSERT out of plain lines, many at a call: what assembly/ does, in terms of buffers. Sixteen bytes at a time are
// worth a module of WebAssembly: a row costs a third of what it does in JavaScript, byte by byte (docs/performance.md).

import { isUtf8 } from 'node:buffer';
import { newline } from '../../shared/bytes.ts';
import { recordFormats } from '../../shared/record-formats.ts';
import { moduleBase64 } from './module.ts';
import { fieldTable, plainFormatNames } from './plain-formats.ts';

interface Exports {
  memory: { buffer: ArrayBuffer };
  result: { value: number };
  key: { value: number };
  fields: { value: number };
  input: { value: number };
  inputBytes: { value: number };
  output: { value: number };
  rows(
    format: number,
    from: number,
    to: number,
    offset: number,
    columns: number,
    mostRows: number,
    mostBytes: number,
    isFirst: number,
    isUtf8: number,
    keyBytes: number,
    regionBytes: number,
  ): number;
}

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(moduleBase64, 'base64')));
const { memory, result, key, fields, input, inputBytes, output, rows } = exports as unknown as Exports;
const bytes = Buffer.from(memory.buffer);
const numbers = new Int32Array(memory.buffer, result.value, 6);

const formats = recordFormats.filter(({ name }) => plainFormatNames.includes(name));
fieldTable(formats).copy(bytes, fields.value);
/** Names of the formats whose lines can be plain. A format's place is its number for `write`. */
export const plainFormats: readonly string[] = formats.map(({ name }) => name);

/** Why no more rows were written, as assembly/index.ts numbers it. */
const stops = ['end', 'other-line', 'other-column', 'full-batch'] as const;

export interface WrittenRows {
  /** The place after the last line that became a row, and its newline. */
  to: number;
  rows: number;
  /** The rows with commas between them and, unless the first one is the batch's, before them. Valid until the next call. */
  sql: Buffer;
  /** Columns that these rows fill, a bit each. */
  filled: number;
  /** Fields of these rows that no column takes. */
  unknownFields: number;
  /** What the rows take of a batch. */
  batchBytes: number;
  stop: (typeof stops)[number];
}

export interface PlainRowsRoom {
  /** The place in plainFormats of the format that the lines have. Lines of another are not plain. */
  format: number;
  /** Those that the INSERT names, a bit each. */
  columns: number;
  rows: number;
  /** Lines, with an overhead each. */
  batchBytes: number;
  /** No row of the batch stands before. */
  isFirst: boolean;
}

/** What a row begins with before and after its offset. */
export interface RowKey {
  beforeOffset: Buffer;
  afterOffset: Buffer;
}

/** Whose lines are in the module's memory. */
let loadedBy: object | undefined;

/**
 * Takes the lines of `buffer` between `from` and `to`, of which the first has `offset`: the bytes are copied when they are first
 * asked for, so they must stay as they are.
 */
export function openPlainLines(buffer: Buffer, from: number, to: number, offset: number, rowKey: RowKey) {
  const me = {};
  // What of the lines was copied there.
  let loadedFrom = from;
  let loadedTo = from;
  let loadedIsUtf8 = false;
  const keyBytes = rowKey.beforeOffset.length;
  const regionBytes = rowKey.afterOffset.length;

  const load = (at: number): void => {
    const most = inputBytes.value - 1;
    let end = to;
    // Whole lines; of a longer one a part, which is no plain line.
    if (to - at > most) end = buffer.lastIndexOf(newline, at + most - 1) + 1;
    if (end <= at) end = at + most;
    const loaded = buffer.subarray(at, end);
    loaded.copy(bytes, input.value);
    // The last line of a file need not have one.
    bytes[input.value + loaded.length] = newline;
    loadedBy = me;
    loadedFrom = at;
    loadedTo = end;
    loadedIsUtf8 = isUtf8(loaded);
    rowKey.beforeOffset.copy(bytes, key.value);
    rowKey.afterOffset.copy(bytes, key.value + keyBytes);
  };
  return {
    /** Rows of the lines from `at` on. */
    write(at: number, room: PlainRowsRoom): WrittenRows {
      if (loadedBy !== me || at >= loadedTo) load(at);
      const why = rows(
        room.format,
        at - loadedFrom,
        loadedTo - loadedFrom,
        offset + at - from,
        room.columns,
        room.rows,
        room.batchBytes,
        Number(room.isFirst),
        Number(loadedIsUtf8),
        keyBytes,
        regionBytes,
      );
      const [count = 0, end = 0, sqlBytes = 0, filled = 0, batchBytes = 0, unknownFields = 0] = numbers;
      return {
        to: Math.min(loadedFrom + end, to),
        rows: count,
        sql: bytes.subarray(output.value, output.value + sqlBytes),
        filled,
        unknownFields,
        batchBytes,
        stop: stops[why] as WrittenRows['stop'],
      };
    },
  };
}
