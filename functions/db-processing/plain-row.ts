// The row of a plain line, made of the line's own bytes: neither a text nor an object comes into being (what that saves:
// docs/performance.md). The columns stand in the order of lineColumns in review-store.ts.
import { jsonIntroducer } from '../shared/sql-text.ts';
import {
  asFalse,
  asNull,
  asNumber,
  asText,
  asTrue,
  firstJsonColumn,
  from,
  how,
  maxPlainBytes,
  plainColumns,
  to,
} from './scan-plain-line.ts';

/** Most bytes that a plain line's row takes: each of its bytes may be escaped, and there are key, Region and punctuation. No longer line is plain. */
export const plainRowRoom = (lineBytes: number): number => 2 * Math.min(lineBytes, maxPlainBytes) + 512;

/** What a row begins with before and after its source_offset, in bytes. */
export interface PlainRowKey {
  beforeOffset: Buffer;
  afterOffset: Buffer;
}

/**
 * Writes the row of the line that scanPlainLine looked at last, as rowText would, to `out` from `at` on, where `plainRowRoom` bytes
 * must be free. `columns`: those that the INSERT names, a bit each; among them all that the line fills. Returns where the row ends.
 */
export function writePlainRow(
  buffer: Buffer,
  key: PlainRowKey,
  offset: number,
  columns: number,
  out: Buffer,
  at: number,
): number {
  let end = copy(key.beforeOffset, 0, key.beforeOffset.length, out, at);
  end = writeInteger(offset, out, end);
  end = copy(key.afterOffset, 0, key.afterOffset.length, out, end);
  for (let column = 0; column < plainColumns; column += 1) {
    if ((columns & (1 << column)) === 0) continue;
    out[end++] = 0x2c;
    const begin = from[column] as number;
    const until = to[column] as number;
    const written = how[column];
    if (column >= firstJsonColumn && written !== asNull) end = copy(introducer, 0, introducer.length, out, end);
    switch (written) {
      case asNull:
        out[end] = 0x4e;
        out[end + 1] = 0x55;
        out[end + 2] = 0x4c;
        out[end + 3] = 0x4c;
        end += 4;
        break;
      case asFalse:
        out[end++] = 0x30;
        break;
      case asTrue:
        out[end++] = 0x31;
        break;
      case asNumber:
        end = copy(buffer, begin, until, out, end);
        break;
      case asText:
        out[end++] = 0x27;
        end = copy(buffer, begin, until, out, end);
        out[end++] = 0x27;
        break;
      default:
        out[end++] = 0x27;
        for (let index = begin; index < until; index += 1) {
          const byte = buffer[index] as number;
          if (byte === 0x27) out[end++] = 0x5c;
          out[end++] = byte;
        }
        out[end++] = 0x27;
    }
  }
  out[end++] = 0x29;
  return end;
}

const introducer = Buffer.from(jsonIntroducer);

/** Fewer bytes are copied one by one in less time than it takes to call. */
const worthACall = 48;

/** Returns where the copied bytes end. */
function copy(bytes: Buffer, begin: number, until: number, out: Buffer, at: number): number {
  const end = at + until - begin;
  if (until - begin > worthACall) bytes.copy(out, at, begin, until);
  else for (let index = begin, to = at; index < until; index += 1, to += 1) out[to] = bytes[index] as number;
  return end;
}

function writeInteger(value: number, out: Buffer, at: number): number {
  let end = at + 1;
  for (let power = 10; power <= value; power *= 10) end += 1;
  let rest = value;
  for (let index = end - 1; index >= at; index -= 1) {
    const tenth = Math.floor(rest / 10);
    out[index] = 0x30 + (rest - tenth * 10);
    rest = tenth;
  }
  return end;
}
