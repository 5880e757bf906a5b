// `npm run build:plain-rows`: compiles functions/db-processing/plain-rows/assembly.
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { columnNames, timeColumns } from '../../functions/shared/record-formats.ts';
import { compileAssembly, moduleFileOf } from './compile-assembly.ts';

export const plainRows = {
  directory: resolve(import.meta.dirname, '../../functions/db-processing/plain-rows'),
  memoryPages: 32,
  script: 'build:plain-rows',
};

export const columnsFile = join(plainRows.directory, 'assembly/columns.ts');
/** The columns that the module knows by name. */
const namedColumns = {
  reviewerId: 'reviewer_id',
  asin: 'asin',
  vote: 'vote',
  voteTotal: 'vote_total',
  secondsColumn: timeColumns.seconds,
  dateColumn: timeColumns.date,
  otherFieldsColumn: 'other_fields',
} as const;

/** What assembly/line.ts has memory for. */
const mostColumns = 16;

/**
 * The text of assembly/columns.ts: the places of columns in a row, as functions/shared/record-formats.ts has them.
 * @throws {Error} if they are more than the module has memory for
 */
export function columnsSource(names: readonly string[] = columnNames): string {
  if (names.length > mostColumns)
    throw new Error(`the module for plain lines takes ${mostColumns} columns. See line.ts`);
  const named = Object.entries(namedColumns).map(([constant, column]) => [constant, names.indexOf(column)]);
  const constants = [...named, ['plainColumns', names.length]];
  const lines = constants.map(([constant, place]) => `export const ${constant}: i32 = ${place};\n`);
  return `// Made by \`npm run build:plain-rows\` from functions/shared/record-formats.ts: the columns' places in a row.\n${lines.join('')}`;
}

if (import.meta.main) {
  await writeFile(columnsFile, columnsSource());
  await writeFile(moduleFileOf(plainRows), await compileAssembly(plainRows));
}
