import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const venv = join(import.meta.dirname, '../../local/.state/python-venv');

/**
 * A Python with the given packages, in a virtual environment that later runs use again.
 * @returns the interpreter, or undefined if Python, its venv module or the packages cannot be had.
 */
export function findPython(packages: readonly string[]): string | undefined {
  const python = join(venv, 'bin/python');
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'ignore', timeout: 90_000 });
  const has = () => run(python, '-c', packages.map((name) => `import ${name}`).join('; '));
  try {
    if (existsSync(python)) {
      has();
      return python;
    }
  } catch {
    // An interrupted run left it half made, or it has other packages. It is made again below.
  }
  try {
    run('python3', '-m', 'venv', '--clear', venv);
    run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages);
    has();
    return python;
  } catch {
    return undefined;
  }
}
