// CONTRIBUTING.md and docs/glossary.md name files, headings and commands that there are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { brokenLinksOf, commandsIn } from '../support/pages.ts';
import { projectDirectory } from '../support/template.ts';

const read = (path: string) => readFileSync(join(projectDirectory, path), 'utf8');
const scripts = Object.keys(JSON.parse(read('package.json')).scripts);

const contributing = read('CONTRIBUTING.md');
const recipes = contributing.split('\n### ').slice(1);

describe('the page for contributors', () => {
  it('has a recipe for each usual change, and each recipe names its files', () => {
    const titles = recipes.map((recipe) => recipe.split('\n')[0]);
    expect(titles).toEqual([
      'A field',
      'A rejection reason',
      'A retry code',
      'An alarm',
      'A CLI option',
      'A fault',
      'An S3 prefix',
      'A benchmark scenario',
    ]);
    for (const recipe of recipes) expect(recipe.match(/\]\(/g)?.length).toBeGreaterThanOrEqual(3);
  });

  it('names commands that package.json has', () => {
    expect(commandsIn(contributing).length).toBeGreaterThan(5);
    expect(commandsIn(contributing).filter((name) => !scripts.includes(name))).toEqual([]);
  });
});

it.each(['CONTRIBUTING.md', 'docs/glossary.md'])('%s has only links that lead somewhere', (page) => {
  expect(brokenLinksOf(page)).toEqual([]);
});
