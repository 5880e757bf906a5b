// The prefixes of the bucket are written in two places: functions/shared/keys.ts and template.yaml. They must agree.
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as keys from '../../functions/shared/keys.ts';

const prefixes = Object.entries(keys)
  .filter(([name, value]) => name.endsWith('Prefix') && name !== 'rootPrefix' && typeof value === 'string')
  .map(([, value]) => value as string);

describe('prefixes in the bucket', () => {
  it('are those of functions/shared/keys.ts wherever template.yaml names one', () => {
    const template = readFileSync('template.yaml', 'utf8');
    const named = new Set(template.match(/book-review\/[a-z-]+\//g));
    expect([...named].filter((prefix) => !prefixes.includes(prefix))).toEqual([]);
    expect(named.size).toBeGreaterThan(4);
  });

  it('are written as literals nowhere in local/, bench/ and operations/', () => {
    const files = globSync('{local,bench,operations}/**/*.ts');
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => readFileSync(file, 'utf8').includes(keys.rootPrefix))).toEqual([]);
  });
});
