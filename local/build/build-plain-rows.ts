// `npm run build:plain-rows`: compiles functions/db-processing/plain-rows/assembly and writes the module beside it, where it is
// kept with the sources, so that `sam build` needs no compiler but esbuild. A test says when it is not what the source compiles to.
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { main } from 'assemblyscript/asc';

const directory = resolve(import.meta.dirname, '../../functions/db-processing/plain-rows');
export const moduleFile = join(directory, 'module.ts');

/** The text of module.ts. @throws {Error} with the compiler's messages */
export async function compilePlainRows(): Promise<string> {
  const messages: string[] = [];
  const say = { write: (text: string | Uint8Array) => messages.push(String(text)) > 0 };
  let binary: Uint8Array | undefined;
  // 32 pages of 64 KiB: what the source lays out. No library, no collector: it keeps no objects.
  const options =
    '-O3 --noAssert --runtime stub --enable simd --initialMemory 32 --maximumMemory 32 --outFile module.wasm';
  const { error } = await main(['assembly/index.ts', '--baseDir', directory, ...options.split(' ')], {
    stdout: say,
    stderr: say,
    writeFile: (_name: string, contents: string | Uint8Array) => {
      binary = contents as Uint8Array;
    },
  });
  if (error || binary === undefined) throw new Error(`plain-rows/assembly does not compile:\n${messages.join('')}`);
  return `// Made by \`npm run build:plain-rows\` from assembly/: a module of WebAssembly, in base64.
export const moduleBase64 =
  '${Buffer.from(binary).toString('base64')}';
`;
}

if (import.meta.main) await writeFile(moduleFile, await compilePlainRows());
