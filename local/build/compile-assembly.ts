// Compiles a folder of AssemblyScript to WebAssembly and writes the module next to it, as text. The module is kept with the sources,
// so `sam build` needs no compiler but esbuild. A test fails if the module does not fit the source.
import { join } from 'node:path';
import { main } from 'assemblyscript/asc';

export interface Assembly {
  /** Holds `assembly/index.ts`. */
  directory: string;
  /** Pages of 64 KiB, as the source uses them. */
  memoryPages: number;
  /** The script that writes the module. */
  script: string;
}

export const moduleFileOf = ({ directory }: Assembly) => join(directory, 'module.ts');

/** The text of module.ts. @throws {Error} with the compiler's messages */
export async function compileAssembly({ directory, memoryPages, script }: Assembly): Promise<string> {
  const messages: string[] = [];
  const say = { write: (text: string | Uint8Array) => messages.push(String(text)) > 0 };
  let binary: Uint8Array | undefined;
  // The source keeps no objects, so it needs no library and no garbage collector.
  const options = `-O3 --noAssert --runtime stub --enable simd --initialMemory ${memoryPages} --maximumMemory ${memoryPages} --outFile module.wasm`;
  const { error } = await main(['assembly/index.ts', '--baseDir', directory, ...options.split(' ')], {
    stdout: say,
    stderr: say,
    writeFile: (_name: string, contents: string | Uint8Array) => {
      binary = contents as Uint8Array;
    },
  });
  if (error || binary === undefined) throw new Error(`${directory}/assembly does not compile:\n${messages.join('')}`);
  return `// Made by \`npm run ${script}\` from assembly/: a module of WebAssembly, in base64.
export const moduleBase64 =
  '${Buffer.from(binary).toString('base64')}';
`;
}
