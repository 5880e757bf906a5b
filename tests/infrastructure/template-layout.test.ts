// template.yaml stays readable: it is not longer than it has to be, and no line is wider than a screen.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { projectDirectory } from '../support/template.ts';

it('template.yaml has at most 1,850 lines and no line over 160 columns', () => {
  const lines = readFileSync(join(projectDirectory, 'template.yaml'), 'utf8').split('\n');
  expect(lines.length).toBeGreaterThan(1_000);
  expect(lines.length).toBeLessThanOrEqual(1_851);
  const wide = lines.flatMap((line, index) => (line.length > 160 ? [`${index + 1}: ${line.length} columns`] : []));
  expect(wide).toEqual([]);
});
