// `npm run build`: each function's bundle, where `sam build` puts it too: .aws-sam/build/<LogicalId>/handler.cjs and its map.
import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { readTemplate } from '../template/read-template.ts';
import { functionBuilds } from './esbuild-options.ts';

const project = resolve(import.meta.dirname, '../..');

/** One bundle on disk. Sizes are in bytes. */
export interface BuiltFunction {
  logicalId: string;
  /** Absolute path of the bundle. */
  file: string;
  bytes: number;
  mapBytes: number;
}

export interface BuildFunctionsOptions {
  /** The directory for the bundles, with one directory per function. By default .aws-sam/build of the project. */
  outDirectory?: string;
  /** Logical ids. By default all functions of the template. */
  only?: string[];
}

/** Builds the functions that template.yaml describes, at once. @throws {Error} with esbuild's messages, if one does not build. */
export async function buildFunctions(options: BuildFunctionsOptions = {}): Promise<BuiltFunction[]> {
  const outDirectory = resolve(options.outDirectory ?? join(project, '.aws-sam/build'));
  const all = functionBuilds(readTemplate(await readFile(join(project, 'template.yaml'), 'utf8')));
  const chosen = all.filter(({ logicalId }) => options.only?.includes(logicalId) ?? true);
  return Promise.all(
    chosen.map(async ({ logicalId, options }) => {
      const outdir = join(outDirectory, logicalId);
      const { metafile } = await build({ ...options, absWorkingDir: project, outdir, metafile: true });
      const [file] = Object.keys(metafile.outputs).filter((output) => !output.endsWith('.map'));
      if (!file) throw new Error(`build: ${logicalId} has no output`);
      const path = join(outdir, basename(file));
      const map = await stat(`${path}.map`).catch(() => undefined);
      return { logicalId, file: path, bytes: (await stat(path)).size, mapBytes: map?.size ?? 0 };
    }),
  );
}

if (import.meta.main) {
  const startedAt = performance.now();
  const kibibytes = (bytes: number) => `${(bytes / 1024).toFixed(0).padStart(6)} KiB`;
  try {
    for (const { logicalId, bytes, mapBytes } of await buildFunctions()) {
      console.log(`${logicalId.padEnd(24)}${kibibytes(bytes)}   map ${kibibytes(mapBytes)}`);
    }
    console.log(`built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  } catch (error) {
    // esbuild has already printed the errors with file and line.
    if (!(error instanceof Error && 'errors' in error)) throw error;
    process.exitCode = 1;
  }
}
