// The linter is on: code that it must refuse is refused, and clean code passes.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';

/** In a folder that the linter covers, and only for as long as a test runs. */
const file = `tests/planted-${process.pid}.ts`;
afterEach(() => rmSync(file, { force: true }));

function statusOf(code: string): number | null {
  writeFileSync(file, code);
  return spawnSync('node_modules/.bin/biome', ['check', '--error-on-warnings', file]).status;
}

describe('npm run check', () => {
  it('accepts clean code', () => {
    expect(statusOf('export const one = 1;\n')).toBe(0);
  });

  it.each([
    ['a debugger statement', 'debugger;\n'],
    ['the type any', 'export const one: any = 1;\n'],
    ['a variable that nothing uses', 'const one = 1;\n'],
    ['a loose comparison', 'export const same = (a: string, b: string) => a == b;\n'],
  ])('refuses %s', (_, code) => {
    expect(statusOf(code)).not.toBe(0);
  });
});
