// `npm run build:plain-rows`: compiles functions/db-processing/plain-rows/assembly.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { compileAssembly, moduleFileOf } from './compile-assembly.ts';

export const plainRows = {
  directory: resolve(import.meta.dirname, '../../functions/db-processing/plain-rows'),
  memoryPages: 32,
  script: 'build:plain-rows',
};

if (import.meta.main) await writeFile(moduleFileOf(plainRows), await compileAssembly(plainRows));
