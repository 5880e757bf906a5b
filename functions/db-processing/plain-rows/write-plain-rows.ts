// Turns plain lines into rows of the INSERT, many per call. This is the interface of assembly/ with buffers. WebAssembly handles sixteen
// bytes at a time, so a row costs a third of what it costs in JavaScript (docs/performance.md).

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
  /** Number of fields of these rows without a column. */
  unknownFields: number;
  /** Bytes that the rows take of a batch. */
  batchBytes: number;
  stop: (typeof stops)[number];
}

export interface PlainRowsRoom {
  /** The index in plainFormats of the lines' format. Lines of another format are not plain. */
  format: number;
  /** The columns that the INSERT names, one bit each. */
  columns: number;
  rows: number;
  /** Bytes of lines, with an overhead per line. */
  batchBytes: number;
  /** These are the first rows of the batch. */
  isFirst: boolean;
}

/** The bytes of a row before and after its offset. */
export interface RowKey {
  beforeOffset: Buffer;
  afterOffset: Buffer;
}

/** The owner of the lines in the module's memory. */
let loadedBy: object | undefined;

/**
 * Takes the lines of `buffer` between `from` and `to`. The first has `offset`. The bytes are copied at the first call of `write`, so do
 * not change them before.
 */
export function openPlainLines(buffer: Buffer, from: number, to: number, offset: number, rowKey: RowKey) {
  const me = {};
  // The part of the lines that is in the module's memory.
  let loadedFrom = from;
  let loadedTo = from;
  let loadedIsUtf8 = false;
  const keyBytes = rowKey.beforeOffset.length;
  const regionBytes = rowKey.afterOffset.length;

  const load = (at: number): void => {
    const most = inputBytes.value - 1;
    let end = to;
    // Copy whole lines. Part of a longer line is not plain.
    if (to - at > most) end = buffer.lastIndexOf(newline, at + most - 1) + 1;
    if (end <= at) end = at + most;
    const loaded = buffer.subarray(at, end);
    loaded.copy(bytes, input.value);
    // The last line of a file may lack its newline.
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
