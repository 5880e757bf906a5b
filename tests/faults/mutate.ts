// Takes the protections out, one after the other, of a copy of this tree, and runs the tests that are to notice:
//   npx node tests/faults/mutate.ts [WORDS ...]      only mutations whose text holds one of these; all of them take half an hour
// Exit status 1 where a test does not notice, or a mutation is not for this code any more.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { type Mutation, mutated, mutations } from './mutations.ts';

const project = resolve(import.meta.dirname, '../..');
const notCopied = new Set(['node_modules', '.git', '.aws-sam', 'local/.state']);
const wanted = process.argv.slice(2);
const isWanted = (one: Mutation) => wanted.length === 0 || wanted.some((words) => JSON.stringify(one).includes(words));
/** Longer than any one of the tests takes with its start; a hang is no way to notice. */
const mostMs = 400_000;

interface JestResult {
  testResults: { assertionResults: { title: string; status: string }[]; message: string }[];
}

/** @returns the titles of the tests that failed and passed, of those that ran. */
function run(tree: string, { suite, caughtBy }: Mutation): { failed: string[]; passed: string[]; log: string } {
  const output = join(tree, 'result.json');
  rmSync(output, { force: true });
  const titles = caughtBy.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const { stderr } = spawnSync(
    process.execPath,
    [
      join(project, 'node_modules/jest/bin/jest.js'),
      '--testPathPatterns',
      suite,
      '-t',
      `(${titles})$`,
      '--json',
      '--outputFile',
      output,
    ],
    {
      cwd: tree,
      timeout: mostMs,
      encoding: 'utf8',
      env: {
        ...process.env,
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        PATH: `${join(project, 'node_modules/.bin')}:${process.env.PATH}`,
        BOOK_REVIEWS_STATE_DIRECTORY: join(tree, 'local/.state'),
      },
    },
  );
  try {
    const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as JestResult;
    const ran = testResults.flatMap(({ assertionResults }) => assertionResults);
    const of = (status: string) => ran.filter((test) => test.status === status).map(({ title }) => title);
    return { failed: of('failed'), passed: of('passed'), log: testResults.map(({ message }) => message).join('\n') };
  } catch {
    return { failed: [], passed: [], log: `no result within ${mostMs / 1000} s\n${stderr}` };
  }
}

const tree = mkdtempSync(join(tmpdir(), 'mutated-'));
let unnoticed = 0;
try {
  cpSync(project, tree, { recursive: true, filter: (path) => !notCopied.has(relative(project, path)) });
  symlinkSync(join(project, 'node_modules'), join(tree, 'node_modules'));
  for (const mutation of mutations.filter(isWanted)) {
    const kept = new Map(mutation.edits.map(({ file }) => [file, readFileSync(join(tree, file), 'utf8')]));
    for (const [file, text] of mutated(mutation, (file) => kept.get(file) as string))
      writeFileSync(join(tree, file), text);
    const since = performance.now();
    const { failed, passed, log } = run(tree, mutation);
    for (const [file, text] of kept) writeFileSync(join(tree, file), text);
    const missed = mutation.caughtBy.filter((title) => !failed.includes(title));
    if (missed.length > 0) unnoticed += 1;
    const seconds = ((performance.now() - since) / 1000).toFixed(0);
    console.log(
      `${missed.length === 0 ? 'noticed' : 'NOT NOTICED'}  ${mutation.what}  (${failed.length} failed, ${passed.length} passed, ${seconds} s)`,
    );
    for (const title of missed) console.log(`    not by: ${title}`);
    if (missed.length > 0 || process.env.VERBOSE) console.log(log.slice(0, 2_000).replace(/^/gm, '      '));
  }
} finally {
  rmSync(tree, { recursive: true, force: true });
}
process.exitCode = unnoticed === 0 ? 0 : 1;
