// A file on its way through the product, without a server: chunks, resumes and batches, down to the bytes of each statement.
import { createLineAccount } from '../../functions/db-processing/account-lines.ts';
import { readWithChecksum } from '../../functions/db-processing/checksum-as-read.ts';
import { noProgress } from '../../functions/db-processing/ingest-chunk.ts';
import { readOwnedLines } from '../../functions/db-processing/read-lines.ts';
import { type Batch, createBatchBuilder } from '../../functions/db-processing/review-batch.ts';
import { type Line, maxLineBytes } from '../../functions/db-processing/split-lines.ts';
import { accountFor, type Totals } from '../../functions/postprocess/account.ts';
import { checksumDifference } from '../../functions/postprocess/verify-checksum.ts';
import { checksumText } from '../../functions/shared/checksum.ts';
import type { ChunkProgress, Source } from '../../functions/shared/contract.ts';
import { createCrc64 } from '../../functions/shared/crc64/crc64.ts';
import { headroomBytes, maxStatementBytes } from '../../functions/shared/mysql-statement.ts';
import { decodeInsert } from './decode-insert.ts';
import type { Row } from './expected-row.ts';
import type { Random } from './random.ts';

const sourceId = '0123456789abcdef0123456789abcdef';
const region = 'us-east-1';
const mostRounds = 3_000;

export interface Ingested {
  rows: Map<number, Row>;
  /** Reasons by offset. */
  rejected: Map<number, string>;
  totals: Totals;
  /** What the source turned out to be, such as `gzip of csv`. */
  containers: Set<string>;
  /** Names of the record formats of its rows. */
  formats: Set<string>;
}

export interface Manner {
  /** Blocks that a read gives have up to this many bytes. */
  blockBytes: number;
  /** One is drawn for each invocation. */
  batchRows: readonly number[];
  /** A file of lines may turn out to be values that go on behind their line. It is read as a whole then. */
  isReadAgain?: boolean;
}

type Planned = Pick<Source, 'format' | 'sizeBytes' | 'chunkBytes' | 'chunkCount'>;

/** @throws {Error} where a row, a statement or the accounting is wrong in itself; what the product throws */
export async function ingestFile(source: Planned, file: Buffer, random: Random, manner: Manner): Promise<Ingested> {
  const found = { rows: new Map<number, Row>(), rejected: new Map<number, string>(), containers: new Set<string>() };
  const results: ChunkProgress[] = [];
  for (let chunkIndex = 0; chunkIndex < source.chunkCount; chunkIndex += 1) {
    let progress: ChunkProgress | null = null;
    for (let round = 0; !progress?.done; round += 1) {
      if (round > mostRounds) throw new Error(`chunk ${chunkIndex} makes no progress`);
      progress = await invoke(source, chunkIndex, file, progress, found, random, manner);
    }
    results.push(progress);
  }
  checkChecksum(source, file, results);
  const account = accountFor(source, results);
  if ('violations' in account) throw new Error(`the accounting says: ${account.violations.join('; ')}`);
  const formats = new Set(results.flatMap(({ recordFormats = {} }) => Object.keys(recordFormats)));
  return { ...found, formats, totals: account.totals };
}

/** One invocation, which may stop early, as one does that runs out of time. */
async function invoke(
  source: Planned,
  chunkIndex: number,
  file: Buffer,
  former: ChunkProgress | null,
  found: Pick<Ingested, 'rows' | 'rejected' | 'containers'>,
  random: Random,
  { blockBytes, batchRows, isReadAgain = false }: Manner,
): Promise<ChunkProgress> {
  const progress = former === null ? noProgress(chunkIndex) : structuredClone(former);
  const mostRows = random.pick(batchRows);
  const batches = createBatchBuilder(sourceId, region, mostRows);
  const rejected = {
    add: ({ offset }: Line, reason: string) => {
      if (found.rejected.has(offset)) throw new Error(`the line at ${offset} is rejected twice`);
      found.rejected.set(offset, reason);
    },
  };
  const account = createLineAccount(progress, batches, rejected, undefined, isReadAgain && source.format !== 'whole');
  const use = (batch: Batch) => {
    checkStatement(batch, mostRows, found.rows);
    progress.inserted += batch.rows;
    batches.release(batch);
  };
  const stopAfter = random.chance(0.35) ? 1 + random.int(4) : Number.POSITIVE_INFINITY;
  const resumeAt = former === null || former.ownedFrom === null ? null : former.nextOffset;
  const readPlainly = (from: number, to: number) => readBlocks(file, from, to, blockBytes, random);
  const checksum = readWithChecksum(readPlainly, source, chunkIndex, former);
  const onContainer = (container: string) => {
    progress.container = container;
    found.containers.add(container);
  };
  const limits = { maxLineBytes, maxDecompressedBytes: 1e12, onContainer };
  let made = 0;
  const ingestAll = async (): Promise<boolean> => {
    for await (const lines of readOwnedLines(source, chunkIndex, resumeAt, checksum.read, limits)) {
      for (const batch of account.fullBatches(lines)) {
        use(batch);
        made += 1;
        if (made >= stopAfter && account.isBetweenLines()) return false;
      }
      if (account.lines() > 0 && random.chance(0.03)) return false;
    }
    return true;
  };
  progress.done = await ingestAll();
  const crc = checksum.progress();
  if (crc) progress.crc = crc;
  for (const last of batches.takeRest()) use(last);
  return progress;
}

/** Every chunk has read all of its bytes, however it was cut and resumed: or an honest file would fail. */
function checkChecksum(source: Planned, file: Buffer, results: ChunkProgress[]): void {
  if (results.some(({ crc }) => crc === undefined)) throw new Error('a chunk result without a checksum');
  const crc = createCrc64();
  crc.add(file);
  const difference = checksumDifference({ ...source, checksum: checksumText(crc.hex()) }, results);
  if (difference !== null) throw new Error(`the checksum says: ${difference}`);
}

function checkStatement({ insert, rows }: Batch, mostRows: number, found: Map<number, Row>): void {
  const statement = Buffer.from(insert.subarray(headroomBytes));
  if (statement.length >= maxStatementBytes) throw new Error(`a statement of ${statement.length} bytes`);
  const decoded = decodeInsert(statement);
  if (decoded.length !== rows || rows > mostRows) throw new Error(`${decoded.length} rows and not ${rows}`);
  for (const one of decoded) {
    if (one.sourceId !== sourceId || one.region !== region) throw new Error(`another key at ${one.offset}`);
    if (found.has(one.offset)) throw new Error(`the line at ${one.offset} is inserted twice`);
    found.set(one.offset, one.row);
  }
}

async function* readBlocks(file: Buffer, from: number, to: number, most: number, random: Random) {
  for (let at = from; at < to; ) {
    const end = Math.min(to, at + 1 + random.int(most));
    yield Buffer.from(file.subarray(at, end));
    at = end;
  }
}
