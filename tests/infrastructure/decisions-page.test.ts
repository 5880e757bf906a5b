// docs/decisions: a short page per decision, all of one shape, and all in the index.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { brokenLinksOf } from '../support/pages.ts';
import { projectDirectory } from '../support/template.ts';

const folder = 'docs/decisions';
const read = (name: string) => readFileSync(join(projectDirectory, folder, name), 'utf8');
const pages = readdirSync(join(projectDirectory, folder)).filter((name) => /^\d{4}-.*\.md$/.test(name));

describe('the pages of decisions', () => {
  it('are all in the index, and the index names no other', () => {
    const inIndex = [...read('README.md').matchAll(/\((\d{4}-[^)]+\.md)\)/g)].map(([, name]) => name);
    expect(inIndex.sort()).toEqual([...pages].sort());
    expect(pages.length).toBeGreaterThan(5);
  });

  it.each(pages)('%s has a date, a status, context, decision and consequences on one screen', (name) => {
    const text = read(name);
    expect(text).toMatch(/^# .+\n\n20\d\d-\d\d-\d\d\. \S.*\.\n/);
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
      'Context',
      'Decision',
      'Consequences',
    ]);
    expect(text.split('\n').length).toBeLessThan(50);
  });

  it.each(pages)('%s has only links that lead somewhere', (name) => {
    expect(brokenLinksOf(`${folder}/${name}`)).toEqual([]);
  });

  const asked = [
    ...['global writer endpoint', 'Aurora DSQL', 'Aurora PostgreSQL', 'DynamoDB global tables'],
    ...['Multi-Region Access Points', 'ARC Region switch', 'Route 53', 'AWS Backup', 'ElastiCache', 'EFS', 'DataSync'],
  ];
  it.each(asked)('answer %s', (name) => {
    expect(read('README.md').toLowerCase()).toContain(name.toLowerCase());
  });
});
