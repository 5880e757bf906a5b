// The rows of a table with a header: CSV, TSV, or with semicolons. Each is a record of names and texts.
import { Readable } from 'node:stream';
import { type CsvError, type Info, parse } from 'csv-parse';
import { InvalidInputError } from '../shared/errors.ts';
import type { Line } from './split-lines.ts';

/** Rows that are handed on together. */
const rowsAtOnce = 200;

interface ParsedRow {
  record: string[];
  info: Pick<Info, 'bytes'>;
}

/**
 * A row's offset is that of its first byte. Its bytes come along for the rejected records. The header is no row.
 * @throws {InvalidInputError} where a quoted field does not end, or a row is over `maxBytes`
 */
export async function* readTable(
  blocks: AsyncIterable<Buffer>,
  { delimiter, isQuoted }: { delimiter: string; isQuoted: boolean },
  maxBytes: number,
): AsyncGenerator<Line[], void, undefined> {
  const raw = keepBytes();
  const parser = parse({
    delimiter,
    quote: isQuoted ? '"' : null,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: false,
    info: true,
    max_record_size: maxBytes,
  });
  const input = Readable.from(raw.passing(blocks), { objectMode: false });
  input.on('error', (error) => parser.destroy(error));
  input.pipe(parser);
  let names: string[] | null = null;
  let rows: Line[] = [];
  try {
    for await (const { record, info } of parser as AsyncIterable<ParsedRow>) {
      const { offset, bytes } = raw.upTo(info.bytes);
      if (names === null) {
        names = record.map((name) => name.replace(/^\ufeff/, ''));
        continue;
      }
      const line = {
        offset,
        nextOffset: info.bytes,
        buffer: bytes,
        from: 0,
        to: bytes.length,
        tooLong: false,
        openEnd: false,
      };
      rows.push({ ...line, record: recordOf(names, record) });
      if (rows.length < rowsAtOnce) continue;
      yield rows;
      rows = [];
    }
  } catch (error) {
    const { code, lines } = error as CsvError;
    if (!code?.startsWith('CSV_')) throw error;
    const why =
      code === 'CSV_QUOTE_NOT_CLOSED' ? 'a quoted field is not closed' : `a row is not as it should be (${code})`;
    throw new InvalidInputError(`table: ${why}, at line ${lines} or before`, { cause: error });
  } finally {
    input.destroy();
    parser.destroy();
  }
  yield rows;
}

/** A row may have fewer fields than the header, or more. */
function recordOf(names: readonly string[], values: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [index, value] of values.entries()) {
    const name = names[index] ?? `column ${index + 1}`;
    Object.defineProperty(record, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return record;
}

/** The bytes that the parser has seen and no row has taken. */
function keepBytes() {
  let kept: Buffer[] = [];
  let keptFrom = 0;
  return {
    async *passing(blocks: AsyncIterable<Buffer>) {
      for await (const block of blocks) {
        kept.push(block);
        yield block;
      }
    },
    /** Of the row that ends at `end`, without its line end. */
    upTo(end: number): { offset: number; bytes: Buffer } {
      const all = kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept);
      const bytes = all.subarray(0, end - keptFrom);
      const offset = keptFrom;
      kept = [all.subarray(end - keptFrom)];
      keptFrom = end;
      let to = bytes.length;
      while (to > 0 && (bytes[to - 1] === 0x0a || bytes[to - 1] === 0x0d)) to -= 1;
      return { offset, bytes: bytes.subarray(0, to) };
    },
  };
}
