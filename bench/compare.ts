// `npm run bench:compare`: DB-processing of this tree against that of another build. Both take the same chunks in turns, one invocation at
// a time, on one MySQL server. So a difference of a few percent shows on a machine whose speed differs by far more from minute to minute.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ChunkProgress, Source } from '../functions/shared/contract.ts';
import { storageArguments } from '../local/database/containers/mysql-server.ts';
import { migrate } from '../local/database/shipped-migrations.ts';
import { database, type MysqlServer, startMysql, user } from '../local/database/single-server.ts';
import { runCommand, say } from '../local/demo/command.ts';
import type { Scope } from '../local/demo/interruption.ts';
import { regionNames } from '../local/demo/options.ts';
import { type Region, startRegion } from '../local/region.ts';
import { stateDirectory } from '../local/state-directory.ts';
import { OptionError, parseFlags, wholeNumber } from '../operations/command-line.ts';
import { makeInput } from './input-files.ts';
import { comparePairs, comparisonLine, type Pair } from './pairs.ts';
import { chunkSettings, upload } from './scenarios/pipeline.ts';

// As in bench.ts.
process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';

const usage = `Usage: npm run bench:compare -- --against DIRECTORY [options]

Measures DB-processing of this tree against the one in DIRECTORY: .aws-sam/build of another checkout, where 'npm run build' was run.

  --passes N   how often each chunk of the file is ingested, and then ingested once more, by both (default 8)
  --rows N     reviews of the file (default 300000)
  --help       this text
`;

interface CompareOptions {
  against: string;
  passes: number;
  rows: number;
}

/** @throws {OptionError} */
function parseCompareOptions(args: string[]): CompareOptions | null {
  const values = parseFlags(args, {
    against: { type: 'string' },
    passes: { type: 'string', default: '8' },
    rows: { type: 'string', default: '300000' },
    help: { type: 'boolean', default: false },
  });
  if (values.help) return null;
  if (values.against === undefined) throw new OptionError('--against takes the directory of another build');
  return {
    against: resolve(values.against),
    passes: wholeNumber('--passes', values.passes, 1),
    rows: wholeNumber('--rows', values.rows, 1_000),
  };
}

const versions = ['before', 'now'] as const;
type Version = (typeof versions)[number];

interface Taken {
  ms: number;
  /** Processor time of the sandbox. */
  cpuMs: number;
}

const kinds = ['direct', 'replay'] as const;

async function compare({ against, passes, rows }: CompareOptions, scope: Scope): Promise<number> {
  const mysql = await scope.use(
    () => startMysql(...storageArguments, '--max-allowed-packet=64M', '--max-connections=500'),
    (server) => server.stop(),
  );
  await migrate(mysql.openSession);
  const input = await makeInput(regionNames.primary, rows, join(stateDirectory, 'bench', 'primary'));
  const regions = {
    before: await startVersion(mysql, against, scope),
    now: await startVersion(mysql, undefined, scope),
  };
  const pairs = new Map<string, Pair[]>();
  const keep = (name: string, pair: Pair) => pairs.set(name, [...(pairs.get(name) ?? []), pair]);
  let turn = 0;
  // The first pass does not count: servers get their memory in it, and sandboxes compile.
  for (let pass = 0; pass <= passes; pass += 1) {
    await mysql.query('TRUNCATE TABLE book_reviews');
    const settings = chunkSettings(regions.now);
    const sources = {
      before: await upload(regions.before, input, settings),
      now: await upload(regions.now, input, settings),
    };
    for (const kind of kinds) {
      for (let chunkIndex = 0; chunkIndex < sources.now.chunkCount; chunkIndex += 1) {
        const taken = {} as Record<Version, Taken>;
        turn += 1;
        for (const version of turn % 2 === 0 ? versions : versions.toReversed()) {
          taken[version] = await scope.unlessInterrupted(ingestOne(regions[version], sources[version], chunkIndex));
        }
        if (pass === 0) continue;
        keep(kind, { before: taken.before.ms, now: taken.now.ms });
        keep(`${kind}, CPU of sandbox`, { before: taken.before.cpuMs, now: taken.now.cpuMs });
      }
    }
    if (pass > 0) say(`  ${pass}\n${linesOf(pairs)}`);
  }
  say(`\n${linesOf(pairs)}`);
  return 0;
}

const linesOf = (pairs: Map<string, Pair[]>) =>
  [...pairs].map(([name, taken]) => comparisonLine(name, comparePairs(taken))).join('\n');

/** A Region with the functions of a build. All else is of this tree. */
function startVersion(mysql: MysqlServer, buildDirectory: string | undefined, scope: Scope): Promise<Region> {
  return scope.use(
    () =>
      startRegion({
        name: regionNames.primary,
        parameters: {
          DatabaseWriterEndpoint: mysql.endpoint,
          DatabaseReaderEndpoint: mysql.endpoint,
          DatabaseName: database,
          DatabaseCaPem: mysql.caPem,
        },
        secrets: { 'book-reviews/application': user, 'book-reviews/admin': user },
        log: () => {},
        ...(buildDirectory === undefined ? {} : { buildDirectory }),
      }),
    (region) => region.stop(),
  );
}

async function ingestOne(region: Region, source: Source, chunkIndex: number): Promise<Taken> {
  const cpuBefore = await cpuMsOf(region);
  const begun = performance.now();
  let progress: ChunkProgress | null = null;
  while (!progress?.done) {
    progress = (await region.invoke('DbProcessingFunction', { source, chunkIndex, progress })) as ChunkProgress;
  }
  return { ms: performance.now() - begun, cpuMs: (await cpuMsOf(region)) - cpuBefore || tickMs };
}

/** The kernel counts processor time in ticks of this length. */
const tickMs = 10;

/** Of all sandboxes of DB-processing; 0 before the first one starts. */
async function cpuMsOf(region: Region): Promise<number> {
  let ticks = 0;
  for (const { pid } of region.functions.DbProcessingFunction?.sandboxes() ?? []) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold blanks. Behind it, the twelfth and thirteenth number are user and system time.
    const numbers = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(numbers[11]) + Number(numbers[12]);
  }
  return ticks * tickMs;
}

await runCommand('bench:compare', usage, parseCompareOptions, compare);
