// The files that the fault campaign draws: the product reads each as its maker says, and they are of all record formats and containers.
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { tableNames } from '../../functions/db-processing/read-lines.ts';
import { compressions, refusalOf, refused } from '../../functions/db-processing/refuse-container.ts';
import { encodingOf, encodings } from '../../functions/db-processing/transcode.ts';
import { dynamoTypes, mongoTypes } from '../../functions/db-processing/typed-json.ts';
import type { SourceFormat } from '../../functions/shared/contract.ts';
import { NotLinesError } from '../../functions/shared/errors.ts';
import { delimiters, jsonKinds, recognizeContent } from '../../functions/shared/recognize-content.ts';
import { recordFormats } from '../../functions/shared/record-formats.ts';
import { sniffFormat } from '../../functions/shared/sniff-format.ts';
import type { Truth } from '../../local/faults/made-content.ts';
import { foreignFiles } from '../../local/faults/made-trouble.ts';
import { makeWorkload, type Version } from '../../local/faults/workload.ts';
import { expectedColumns } from '../../local/reviews/expected-row.ts';
import { randomBySeed } from '../../local/reviews/made-text.ts';
import type { Row } from './expected-row.ts';
import { type Ingested, ingestFile } from './ingest-file.ts';
import { createRandom, type Random } from './random.ts';
import type { JsonValue } from './read-json.ts';

/** So many show every format and container. These are the same each time, and one more each day. */
const sameSeeds = Array.from({ length: 60 }, (_, number) => `campaign ${number}`);
const today = `campaign of day ${Math.floor(Date.now() / 86_400_000)}`;
const columns = expectedColumns.split(', ').slice(1);

const plain = (value: JsonValue): unknown => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]));
  return Array.isArray(value) ? value.map(plain) : value;
};

const rowOf = ([offset, row]: [number, Row]) => ({
  source_offset: offset,
  ...Object.fromEntries(
    columns.map((column) => {
      const value = row[column] ?? null;
      if (column === 'verified') return [column, value === null ? null : Boolean(value)];
      return [column, typeof value === 'object' && value !== null ? plain(value.json) : value];
    }),
  ),
});

async function ingest(body: Buffer, random: Random): Promise<Ingested> {
  const sizeBytes = body.length;
  const manner = { blockBytes: random.pick([50, 3000, 65_536]), batchRows: [7, 500], isReadAgain: true };
  const readAs = (format: SourceFormat) => {
    const chunkBytes = format === 'lines' ? 4096 : sizeBytes;
    const chunkCount = Math.ceil(sizeBytes / chunkBytes);
    return ingestFile({ format, sizeBytes, chunkBytes, chunkCount }, body, random, manner);
  };
  try {
    return await readAs(sniffFormat(body, true));
  } catch (error) {
    if (error instanceof NotLinesError) return readAs('whole');
    throw error;
  }
}

/** What is not as the maker says. */
function differences(truth: Truth & { ends: 'completed' }, { rows, totals }: Ingested): string[] {
  const counts = [totals.lines, totals.blank, totals.rejected, rows.size];
  const wanted = [truth.lines, truth.blank, truth.rejected, truth.rows.length];
  const found = isDeepStrictEqual(counts, wanted) ? [] : [`counts ${counts} and not ${wanted}`];
  if (!isDeepStrictEqual({ ...totals.misfits }, truth.misfits)) found.push(`misfits ${JSON.stringify(totals.misfits)}`);
  const byOffset = new Map(truth.rows.map((row) => [row.source_offset, row]));
  for (const entry of rows) {
    const row = rowOf(entry);
    const expected = byOffset.get(row.source_offset);
    if (!isDeepStrictEqual(row, expected)) found.push(`${JSON.stringify(row)}\n  and not ${JSON.stringify(expected)}`);
  }
  return found;
}

/** By what the product took the files for. */
const drawn = {
  formats: new Set<string>(),
  containers: new Set<string>(),
  delimiters: new Set<string>(),
  encodings: new Set<string>(),
  /** Names of fields that stand alone or first in their object. */
  names: new Set<string>(),
};
const wrong: string[] = [];

/** Why a file fails: the error of the ingest, or that most of its records are none. */
const reasonOf = ({ rows, rejected }: Ingested) => (rejected.size > rows.size ? 'TooManyRejected' : 'none');

async function look({ key, body, truth }: Version, seed: string, random: Random): Promise<void> {
  if (!truth) return;
  const isWrong = (what: string) => wrong.push(`${seed}: ${key}: ${what.slice(0, 3000)}`);
  try {
    const ingested = await ingest(body, random);
    if (truth.ends === 'completed') {
      note(body, ingested);
      const [first] = differences(truth, ingested);
      if (first) isWrong(`${[...ingested.containers]}: ${first}`);
    } else if (reasonOf(ingested) !== truth.reason) isWrong(`must fail with ${truth.reason}`);
  } catch (error) {
    const { name, message } = error as Error;
    if (truth.ends === 'completed' || !name.startsWith(truth.reason)) isWrong(`${name}: ${message}`);
  }
}

function note(body: Buffer, { formats, containers }: Ingested): void {
  const recognized = recognizeContent(body, true);
  if (recognized.kind === 'table') drawn.delimiters.add(recognized.delimiter);
  drawn.encodings.add(encodingOf(body) ?? 'utf-8');
  for (const [, name] of body.toString('latin1').matchAll(/\{"([^"]+)":/g)) drawn.names.add(name as string);
  for (const format of formats) drawn.formats.add(format);
  for (const container of containers) drawn.containers.add(container);
}

beforeAll(async () => {
  for (const [index, seed] of [...sameSeeds, today].entries()) {
    const { versions } = makeWorkload('', { bucket: 'a-bucket', reviews: 80 }, randomBySeed(seed));
    for (const version of versions) await look(version, seed, createRandom(index));
  }
});

describe('the files of the fault campaign', () => {
  it('are read, or fail, as their makers say', () => {
    expect(wrong).toEqual([]);
  });

  it('are of every record format', () => {
    expect([...drawn.formats].sort()).toEqual(recordFormats.map(({ name }) => name).sort());
  });

  it('are in every container, as it is and compressed', () => {
    const kinds = [...jsonKinds, ...new Set(Object.values(tableNames))];
    const containers = kinds.flatMap((kind) => [
      kind,
      ...compressions.map((compression) => `${compression} of ${kind}`),
    ]);
    expect([...drawn.containers].sort()).toEqual(containers.sort());
  });

  it('have every delimiter and every encoding', () => {
    expect([...drawn.delimiters].sort()).toEqual([...delimiters].sort());
    expect([...drawn.encodings].sort()).toEqual([...encodings, 'utf-8'].sort());
  });

  it('have every type of DynamoDB, in upper and lower case, and of MongoDB', () => {
    const upperCase = [...drawn.names].map((name) => name.toUpperCase());
    expect(upperCase).toEqual(expect.arrayContaining([...dynamoTypes]));
    expect([...drawn.names]).toEqual(expect.arrayContaining(['s', 'n', 'bOOL', 'nULLValue', 'm', 'l', ...mongoTypes]));
  });

  it('that are to be refused are of every kind that the service names', () => {
    const reasons = foreignFiles.map((bytes) => refusalOf(bytes) ?? '');
    const kinds = new Set(refused.map(({ is }) => is));
    const missing = [...kinds].filter((is) => !reasons.some((reason) => reason.includes(`${is},`)));
    expect(missing).toEqual([]);
  });

  it.each(foreignFiles.map((body, index) => [index, body.toString('latin1', 0, 8), body] as const))(
    'are refused for their format where they are no text of reviews: %i, %j',
    async (index, _beginning, body) => {
      await expect(ingest(body, createRandom(index))).rejects.toMatchObject({ name: 'UnsupportedFormatError' });
    },
  );
});
