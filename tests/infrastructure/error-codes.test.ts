// Error codes of the database stand in mysql-errors.ts, and statuses of S3 in s3.ts. Other files use their names.
import { expect, it } from '@jest/globals';
import { faults } from '../../functions/shared/mysql-errors.ts';
import { httpStatus } from '../../functions/shared/s3.ts';
import { sourceFiles, textOf } from '../support/source-tree.ts';

/** Lines of the functions' code, without comments, as `file: line`. */
const linesOutside = (file: string) =>
  sourceFiles()
    .filter((one) => one.startsWith('functions/') && one !== file && !one.includes('/stand-ins/'))
    .flatMap((one) =>
      textOf(one)
        .replaceAll(/\/\*[\s\S]*?\*\//g, '')
        .split('\n')
        .map((line) => `${one}: ${line.replace(/(^|\s)\/\/ .*$/, '')}`),
    );

it('has the codes of the database, the driver and the network in functions/shared/mysql-errors.ts only', () => {
  const codes = [...faults.keys()].join('|');
  const code = new RegExp(`(?<![\\w.])(${codes})(?!\\w)`);
  expect(code.test('errno === 1040')).toBe(true);
  expect(code.test("'ECONNRESET'")).toBe(true);
  expect(linesOutside('functions/shared/mysql-errors.ts').filter((line) => code.test(line))).toEqual([]);
});

it('has the statuses of S3 in functions/shared/s3.ts only', () => {
  const statuses = Object.values(httpStatus).filter((status) => status % 100 !== 0);
  const status = new RegExp(`(?<![\\w.#])(${statuses.join('|')})(?![\\w%])`);
  expect(status.test('status === 404')).toBe(true);
  expect(linesOutside('functions/shared/s3.ts').filter((line) => status.test(line))).toEqual([]);
});
