// The lines of one small source become the rows of a statement, rejected records or blanks, all counted.
import type { ChunkProgress, Source } from '../../shared/contract.ts';
import { InvalidInputError, NotLinesError, permanentErrorNames } from '../../shared/errors.ts';
import { headroomBytes } from '../../shared/mysql-statement.ts';
import { createLineAccount } from '../account-lines.ts';
import { readWithChecksum } from '../checksum-as-read.ts';
import { noProgress } from '../ingest-chunk.ts';
import type { ReviewParser } from '../parse-review.ts';
import { readOwnedLines } from '../read-lines.ts';
import type { RejectedRecords } from '../rejected-records.ts';
import { type Batch, createBatchBuilder } from '../review-batch.ts';
import { allColumns, insertInto, unlessThere } from '../review-store.ts';
import { maxLineBytes } from '../split-lines.ts';
import type { SmallSource } from './read-small.ts';

/** Of the stream in a compressed source. What is longer goes alone. */
const maxDecompressedBytes = 16 * 1024 ** 2;
/** Of the statements of all sources that are in memory at once. A source for which there is no room goes alone. */
export const maxStatementBytes = 64 * 1024 ** 2;

export interface ParsedSource {
  source: Source;
  /** `inserted` is set when the rows are written. */
  progress: ChunkProgress;
  rows: number;
  /** The rows of an INSERT into all columns, without what stands before and after them. Empty where there are statements. */
  sql: Buffer;
  /** Whole INSERTs, in order, where one does not take all rows. */
  statements: Batch[];
  rejected: RejectedRecords;
}

export type Parsed = ParsedSource | { source: Source; error: Error } | { alone: true };

interface Settings {
  region: string;
  batchRows: number;
  parser: ReviewParser;
  rejectedRecords: (source: Source) => RejectedRecords;
  /** Bytes left for statements. */
  room: { bytes: number };
}

/** An error that nobody expected here ends this source alone, where it cannot stop the others. */
export async function parseSmall({ source, bytes }: SmallSource, settings: Settings): Promise<Parsed> {
  try {
    return await parseAs(source, bytes, settings);
  } catch (error) {
    if (error instanceof NotLinesError && source.format !== 'whole') {
      return parseSmall({ source: { ...source, format: 'whole' }, bytes }, settings);
    }
    const isCompressed = error instanceof InvalidInputError && bytes.length > 0 && isStream(bytes);
    if (isCompressed) return { alone: true };
    const isPermanent = permanentErrorNames.includes((error as Error).name);
    return isPermanent ? { source, error: error as Error } : { alone: true };
  }
}

/** Begins like gzip or zstd. */
const isStream = (bytes: Buffer) =>
  (bytes[0] === 0x1f && bytes[1] === 0x8b) || (bytes[0] === 0x28 && bytes[1] === 0xb5);

async function parseAs(source: Source, bytes: Buffer, settings: Settings): Promise<Parsed> {
  const progress = noProgress(0);
  const read = async function* (from: number, to: number) {
    if (from < to) yield bytes.subarray(from, to);
  };
  const checksum = readWithChecksum(read, source, 0, null);
  const limits = {
    maxLineBytes,
    maxDecompressedBytes,
    onContainer: (container: string) => {
      progress.container = container;
    },
  };
  const builder = createBatchBuilder(
    source.sourceId,
    settings.region,
    settings.batchRows,
    settings.parser.plainFormats,
  );
  const rejected = settings.rejectedRecords(source);
  const account = createLineAccount(progress, builder, rejected, settings.parser, source.format !== 'whole');
  const statements: Batch[] = [];
  const keep = (batch: Batch) => {
    // A copy, since the batch's memory is used again.
    statements.push({ ...batch, insert: Buffer.from(batch.insert) });
    settings.room.bytes -= batch.insert.length;
    builder.release(batch);
  };
  for await (const lines of readOwnedLines(source, 0, null, checksum.read, limits)) {
    for (const full of account.fullBatches(lines)) {
      keep(full);
      if (settings.room.bytes < 0) return { alone: true };
    }
  }
  progress.done = true;
  const crc = checksum.progress();
  if (crc) progress.crc = crc;
  for (const batch of builder.takeRest()) keep(batch);
  const rows = statements.reduce((sum, { rows }) => sum + rows, 0);
  const [only] = statements;
  return only !== undefined && statements.length === 1 && namesAll(only)
    ? { source, progress, rejected, rows, sql: rowsOf(only), statements: [] }
    : { source, progress, rejected, rows, sql: Buffer.alloc(0), statements };
}

const before = Buffer.from(insertInto(allColumns));
const after = Buffer.byteLength(unlessThere);
const rowsBegin = headroomBytes + before.length;

/** Rows that stand in the INSERT of other sources have all columns, as theirs have. */
const namesAll = ({ insert }: Batch) => insert.subarray(headroomBytes, rowsBegin).equals(before);
const rowsOf = ({ insert }: Batch): Buffer => insert.subarray(rowsBegin, insert.length - after);
