// The runtime of the sandboxes as JavaScript: a sandbox that had to strip the types by itself would need 35 ms of CPU more
// to start, of about 170.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

const source = join(import.meta.dirname, 'sandbox-runtime.ts');
const compiled = join(import.meta.dirname, '../.state/sandbox-runtime.mjs');

/** Returns the file's path. By renaming, so that no other run on this machine sees half a file. */
export function compiledRuntime(): string {
  const built = buildSync({ entryPoints: [source], bundle: true, platform: 'node', format: 'esm', write: false });
  mkdirSync(dirname(compiled), { recursive: true });
  const draft = `${compiled}.${process.pid}`;
  writeFileSync(draft, built.outputFiles[0]?.contents ?? '');
  renameSync(draft, compiled);
  return compiled;
}
