// CONTRIBUTING.md and docs/glossary.md name files, headings and commands that there are.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { projectDirectory } from '../support/template.ts';

const read = (path: string) => readFileSync(join(projectDirectory, path), 'utf8');
const scripts = Object.keys(JSON.parse(read('package.json')).scripts);

const anchorsIn = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );

/** The links of a page that lead to no file or no heading. */
function brokenLinksOf(page: string): string[] {
  const links = [...read(page).matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : join(dirname(page), file);
    if (!existsSync(join(projectDirectory, target))) return true;
    return anchor !== undefined && !anchorsIn(read(target)).includes(anchor);
  });
}

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
    const named = [...contributing.matchAll(/npm run ([a-z:-]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  });
});

it.each(['CONTRIBUTING.md', 'docs/glossary.md'])('%s has only links that lead somewhere', (page) => {
  expect(brokenLinksOf(page)).toEqual([]);
});
