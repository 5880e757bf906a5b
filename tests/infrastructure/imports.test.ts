// Imports run one way, and no function is long. Reads each file as a syntax tree.
import { describe, expect, it } from '@jest/globals';
import { cyclesOf, functionsOf, importsOf, sourceFiles, textOf } from '../support/source-tree.ts';

const files = sourceFiles();
const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** `from -> to` for each import out of `folder` into one of `others`. */
const into = (folder: string, others: string[]) =>
  files
    .filter((file) => file.startsWith(folder))
    .flatMap((file) => (imports.get(file) ?? []).map((target) => ({ file, target })))
    .filter(({ target }) => others.some((other) => target.startsWith(other)))
    .map(({ file, target }) => `${file} -> ${target}`);

describe('the import graph', () => {
  it('has all folders, and imports between them', () => {
    for (const folder of ['functions/', 'local/', 'operations/', 'bench/', 'tests/']) {
      expect(files.filter((file) => file.startsWith(folder)).length).toBeGreaterThan(10);
    }
    expect(into('local/', ['functions/']).length).toBeGreaterThan(20);
    expect(into('tests/', ['local/']).length).toBeGreaterThan(20);
  });

  it('has no import from the functions into anything that only tests or operates them', () => {
    expect(into('functions/', ['local/', 'operations/', 'bench/', 'tests/'])).toEqual([]);
  });

  it('has no import from the operations into the demo, the benchmark or the tests', () => {
    expect(into('operations/', ['local/demo', 'bench/', 'tests/'])).toEqual([]);
  });

  it('has no import from the simulation or the benchmark into the tests', () => {
    expect([...into('local/', ['tests/', 'bench/']), ...into('bench/', ['tests/'])]).toEqual([]);
  });

  it('has no import from what says how made files must end into the functions', () => {
    const oracle = new Set(
      files.filter((file) => file.startsWith('local/faults/made-') || file === 'local/reviews/read-independently.ts'),
    );
    // A set also visits what is added on the way.
    for (const file of oracle) for (const target of imports.get(file) ?? []) oracle.add(target);
    expect([...oracle]).toContain('local/reviews/expected-columns.ts');
    expect([...oracle].filter((file) => file.startsWith('functions/'))).toEqual([]);
  });

  it.each(['local/database/front/', 'functions/', 'local/', 'operations/', 'bench/'])(
    'has no cycle in %s, not even one of types',
    (folder) => {
      expect(cyclesOf(folder, imports)).toEqual([]);
    },
  );

  it('is searched for cycles', () => {
    const circle = new Map([
      ['a/1', ['a/2']],
      ['a/2', ['a/3', 'b/1']],
      ['a/3', ['a/1']],
    ]);
    expect(cyclesOf('a/', circle)).toEqual(['a/1 -> a/2 -> a/3 -> a/1']);
  });
});

it('reads command lines in one place', () => {
  const readers = files.filter(
    (file) => file !== 'tests/infrastructure/imports.test.ts' && /\bparseArgs\b/.test(textOf(file)),
  );
  expect(readers).toEqual(['operations/command-line.ts']);
});

describe('a function', () => {
  const lengths = files.flatMap((file) => functionsOf(file).map((one) => ({ file, ...one })));

  it('is found with its name and length', () => {
    expect(lengths.length).toBeGreaterThan(1_000);
    const main = functionsOf('local/demo.ts').find(({ name }) => name === 'demo');
    expect(main?.lines).toBeGreaterThan(20);
  });

  it('has more than 70 lines in five places at most', () => {
    const long = lengths.filter(({ lines }) => lines > 70).map(({ file, name, lines }) => `${file} ${name} ${lines}`);
    expect(long.length <= 5 ? [] : long).toEqual([]);
  });
});
