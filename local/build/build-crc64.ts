// `npm run build:crc64`: compiles functions/shared/crc64/assembly.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { compileAssembly, moduleFileOf } from './compile-assembly.ts';

export const crc64 = {
  directory: resolve(import.meta.dirname, '../../functions/shared/crc64'),
  memoryPages: 6,
  script: 'build:crc64',
};

if (import.meta.main) await writeFile(moduleFileOf(crc64), await compileAssembly(crc64));
