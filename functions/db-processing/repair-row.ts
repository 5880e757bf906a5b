// Repairs a row of a table for the CSV library.
import { quote } from '../shared/bytes.ts';

/** Removes the bytes [from, to). `isQuote`: puts a quote in their place. */
export interface Repair {
  from: number;
  to: number;
  isQuote: boolean;
}

/** The bytes [from, to), with `repairs`, which are in order. A row may have a repair for every other byte. */
export function repairedRow(bytes: Buffer, from: number, to: number, repairs: readonly Repair[]): Buffer {
  const out = Buffer.allocUnsafe(to - from + repairs.length);
  let end = 0;
  let taken = from;
  for (const repair of repairs) {
    end += bytes.copy(out, end, taken, repair.from);
    if (repair.isQuote) {
      out[end] = quote;
      end += 1;
    }
    taken = repair.to;
  }
  end += bytes.copy(out, end, Math.min(taken, to), to);
  return out.subarray(0, end);
}
