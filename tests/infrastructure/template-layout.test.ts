// template.yaml stays readable: no line is wider than a screen.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { projectDirectory } from '../support/template.ts';

it('template.yaml has no line over 160 columns', () => {
  const lines = readFileSync(join(projectDirectory, 'template.yaml'), 'utf8').split('\n');
  expect(lines.length).toBeGreaterThan(1_000);
  const wide = lines.flatMap((line, index) => (line.length > 160 ? [`${index + 1}: ${line.length} columns`] : []));
  expect(wide).toEqual([]);
});
