// Files that are read whole, as arrays and as gzip or zstd in members, and what is left of them after a cut.
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { SourceFormat } from '../../functions/shared/contract.ts';
import { compare } from './compare.ts';
import { linesOf } from './fuzz-lines.ts';
import { ingestFile } from './ingest-file.ts';
import { createLineMaker } from './make-line.ts';
import type { Random } from './random.ts';
import { readJson } from './read-json.ts';

const oddElements = [
  '1',
  '"a]"',
  'null',
  '[]',
  '{}',
  '[{"a":[1,"]"]}]',
  '"\\\\"',
  '"\\\\\\\\"',
  '"\\",[{"',
  'true',
  '-0',
];
const bracketsInText = '{"reviewerID":"A","asin":"B","reviewText":"[],{}\\"\\\\"}';
const spaces = ['', '', '', ' ', '\n', '\r\n', '\t', '\n\n  '];

export async function fuzzWholeFiles(random: Random): Promise<void> {
  const { pick, chance, some } = random;
  const isArray = chance(0.65);
  const elements = some(60, createElementMaker(random)).filter((element) => isArray || isLine(element));
  const space = () => pick(spaces);
  const mark = chance(0.2) ? '\ufeff' : '';
  const between = isArray ? () => `${space()},${space()}` : () => '\n';
  const joined = elements.map((element, index) => (index === 0 ? element : between() + element)).join('');
  const text = isArray
    ? `${mark}${space()}[${space()}${joined}${space()}]${space()}`
    : `${mark}${joined}${chance(0.5) ? '\n' : ''}`;
  const content = Buffer.from(text);
  const format: SourceFormat = isArray && chance(0.5) ? 'array' : pick(['gzip', 'stream']);
  const manner = { blockBytes: pick([1, 3, 7, 100, 65_536]), batchRows: [1, 2, 10, 500] };
  const padding = Buffer.alloc(chance(0.2) ? 1 + random.int(3 * manner.blockBytes) : 0);
  const file = format === 'array' ? content : Buffer.concat([zippedInMembers(content, format, random), padding]);
  const ingest = (bytes: Buffer) =>
    ingestFile({ format, sizeBytes: bytes.length, chunkBytes: bytes.length, chunkCount: 1 }, bytes, random, manner);

  const ingested = await ingest(file);
  const byOrdinal = () => new Map(elements.map((element, ordinal) => [ordinal, Buffer.from(element)]));
  compare(isArray ? byOrdinal() : linesOf(content), ingested, isArray ? 'no blanks' : 'blanks');
  if (chance(0.3)) await refuseDamaged(damaged(file, format, random), ingest);
}

/** Elements of an array, which are also lines where they have no newline. */
function createElementMaker(random: Random): () => string {
  const { pick, chance } = random;
  const makeLine = createLineMaker(random);
  return () => {
    if (chance(0.08)) return pick(oddElements);
    const line = makeLine().toString('utf8');
    try {
      readJson(line);
    } catch {
      return bracketsInText;
    }
    const element = line.trim();
    return chance(0.3) ? element.replace('{', `{${pick(spaces)}`).replace(/}$/, `${pick(spaces)}}`) : element;
  };
}

const isLine = (element: string) => !element.includes('\n') && element.startsWith('{');

function zippedInMembers(content: Buffer, format: SourceFormat, { int, some }: Random): Buffer {
  const cuts = [...some(2, () => int(content.length + 1)).sort((one, other) => one - other), content.length];
  const compress = format === 'gzip' ? gzipSync : zstdCompressSync;
  return Buffer.concat(cuts.map((cut, index) => compress(content.subarray(cuts[index - 1] ?? 0, cut))));
}

/** Cut, or with more behind its end. */
function damaged(file: Buffer, format: SourceFormat, { int, pick }: Random): Buffer {
  if (format !== 'array') {
    const head = file.subarray(0, 1 + int(Math.min(17, file.length - 1)));
    const end = file.findLastIndex((byte) => byte !== 0) + 1;
    // The end of a member has its checksum and length, so that a cut there damages it.
    return pick([
      file.subarray(0, end - 1 - int(8)),
      Buffer.concat([file, Buffer.from('garbage')]),
      Buffer.concat([file, head]),
    ]);
  }
  const end = file.lastIndexOf(']');
  const cut = int(end + 1);
  return pick([file.subarray(0, cut), Buffer.concat([file, pick([Buffer.from(']'), Buffer.from('x')])])]);
}

async function refuseDamaged(file: Buffer, ingest: (bytes: Buffer) => Promise<unknown>): Promise<void> {
  // Without its bracket it is no array any more.
  if (file[0] !== 0x1f && file[0] !== 0x28 && !/^(\ufeff)?\s*\[/.test(file.toString('utf8'))) return;
  try {
    await ingest(file);
  } catch (error) {
    if ((error as Error).name === 'InvalidInputError') return;
    throw error;
  }
  throw new Error(`accepts a damaged file: ${JSON.stringify(file.toString('latin1')).slice(-1_500)}`);
}
