// The columns stand in one table. A copy of the tree gets one more column, which must reach everything that is made of the table.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { columnNames } from '../../functions/shared/record-formats.ts';
import { sourceFiles, textOf } from '../support/source-tree.ts';
import { readRow } from '../support/sql-row.ts';
import { projectDirectory } from '../support/template.ts';

it('names a column in one file, apart from test data', () => {
  const files = sourceFiles().filter((file) => /^(functions|local|bench)\//.test(file));
  for (const words of [/reviewTime|review_time/, /reviewerName|reviewer_name/]) {
    const naming = files.filter((file) => !/^local\/(reviews|faults)\//.test(file) && words.test(textOf(file)));
    expect(naming).toEqual(['functions/shared/record-formats.ts']);
  }
  expect(files.filter((file) => /reviewTime|review_time/.test(textOf(file))).length).toBeLessThanOrEqual(5);
});

/** Prints what the copy makes of a record with the new field. Runs in the copy. */
const probe = `
import { writeFileSync } from 'node:fs';
import { loadedColumns } from './bench/input-files.ts';
import { parseReview } from './functions/db-processing/parse-review.ts';
import { allColumns, insertInto, literalsOf, rowPrefix } from './functions/db-processing/review-store.ts';
import { readRecordFormats } from './functions/shared/read-record-formats.ts';
import { columnsFile, columnsSource, plainRows } from './local/build/build-plain-rows.ts';
import { compileAssembly, moduleFileOf } from './local/build/compile-assembly.ts';
import { columnTable, formatTable } from './tests/support/formats-page.ts';

writeFileSync(columnsFile, columnsSource());
writeFileSync(moduleFileOf(plainRows), await compileAssembly(plainRows));
const { openPlainLines } = await import('./functions/db-processing/plain-rows/write-plain-rows.ts');

const line = Buffer.from('{"reviewerID":"A1","asin":"B1","shelfName":"on the left"}\\n');
const review = parseReview(line.subarray(0, -1));
const prefix = rowPrefix('0123456789abcdef0123456789abcdef', 'us-east-1');
const key = { beforeOffset: Buffer.from(prefix.sourceId), afterOffset: Buffer.from(prefix.region) };
const written = openPlainLines(line, 0, line.length, 0, key).write(0, {
  format: 0, columns: allColumns, rows: 10, batchBytes: 10_000, isFirst: true,
});
const formats = readRecordFormats('{"ours": {"reviewer_id": ["x"], "asin": ["y"], "shelf": ["z"]}}');
console.log(JSON.stringify({
  review, insert: insertInto(allColumns), literals: literalsOf(review), loadedColumns, columnTable: columnTable(), formatTable: formatTable(),
  plainRows: written.rows, plainSql: written.sql.toString(), formats,
}));
`;

describe('a column that is added to the table in a copy of the tree', () => {
  const tree = mkdtempSync(join(tmpdir(), 'book-reviews-column-'));
  const notCopied = new Set(['node_modules', '.git', '.aws-sam', 'local/.state']);
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: tree, encoding: 'utf8' });
  let found: Record<string, unknown> & { review: { columns: Record<string, unknown>; unknownFields: number } };

  beforeAll(() => {
    cpSync(projectDirectory, tree, {
      recursive: true,
      filter: (path) => !notCopied.has(relative(projectDirectory, path)),
    });
    symlinkSync(join(projectDirectory, 'node_modules'), join(tree, 'node_modules'));
    const file = join(tree, 'functions/shared/record-formats.ts');
    const table = readFileSync(file, 'utf8')
      .replace("  { name: 'style',", "  { name: 'shelf', kind: 'text', maxCharacters: 40 },\n$&")
      .replace("      style: ['style'],", "      shelf: ['shelfName'],\n$&");
    expect(table.match(/shelf/gi)).toHaveLength(3);
    writeFileSync(file, table);
    writeFileSync(join(tree, 'probe.ts'), probe);
    found = JSON.parse(run('--disable-warning=ExperimentalWarning', 'probe.ts'));
  });
  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it('is filled by the parser', () => {
    expect(found.review.columns.shelf).toBe('on the left');
    expect(found.review.unknownFields).toBe(0);
  });

  it('is in the INSERT, with its value as a literal', () => {
    expect(found.insert).toMatch(/\bverified, shelf, style\b/);
    expect(found.literals).toHaveLength(columnNames.length + 1);
    expect((found.literals as string[])[columnNames.indexOf('style')]).toContain('on the left');
  });

  it('is written by the WebAssembly module, as the parser would', () => {
    expect(found.plainRows).toBe(1);
    const literals = (found.literals as string[]).join(',');
    const parsed = readRow(`(x'0123456789abcdef0123456789abcdef',0,'us-east-1',${literals})`);
    expect(readRow(found.plainSql as string)).toEqual(parsed);
    expect(parsed).toContain('on the left');
  });

  it('is in the list of columns that the benchmark loads', () => {
    expect(found.loadedColumns).toMatch(/\bverified, shelf, style\b/);
  });

  it('can be filled by a record format of RecordFormats', () => {
    expect(found.formats).toMatchObject([{ fields: { shelf: ['z'] } }]);
  });

  it('is in the tables that docs/formats.md must have', () => {
    expect(found.columnTable).toContain('| `shelf` | text | 40 characters |');
    expect(found.formatTable).toContain('`shelf`: `shelfName`');
  });

  it('needs no other change for the type check', () => {
    rmSync(join(tree, 'probe.ts'));
    run('node_modules/typescript/bin/tsc', '-p', '.');
  });
});
