// docs/commands.md names every command and every option, and its example of a rule has to match what the service does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { completedKey, failedKey } from '../../functions/shared/keys.ts';
import { matchesPattern } from '../../local/events/event-pattern.ts';
import { objectCreatedEvent } from '../../local/events/object-created.ts';
import { deployUsage, undeployUsage } from '../../operations/deploy/options.ts';
import { eraseUsage } from '../../operations/erase/options.ts';
import { rejectedUsage } from '../../operations/rejected/options.ts';
import { statusUsage } from '../../operations/status/options.ts';
import { withdrawUsage } from '../../operations/withdraw/options.ts';
import { projectDirectory, template } from '../support/template.ts';

const page = readFileSync(join(projectDirectory, 'docs/commands.md'), 'utf8');
const scripts = Object.keys(JSON.parse(readFileSync(join(projectDirectory, 'package.json'), 'utf8')).scripts);
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';

describe('the page of commands', () => {
  it('names every command, and none that is not there', () => {
    const named = [...page.matchAll(/npm (?:run )?([a-z][a-z0-9:-]*)/g)].map(([, name = '']) => name);
    expect([...new Set(named)].sort()).toEqual([...scripts].sort());
  });

  it.each([
    ['Status', statusUsage],
    ['Rejected', rejectedUsage],
    ['Withdraw', withdrawUsage],
    ['Erase', eraseUsage],
  ])('names every option of %s', (heading, usage) => {
    const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
    const shared = page.split('\n## Options that the first four share\n')[1]?.split('\n## ')[0] ?? '';
    const optionsIn = (text: string) => [...text.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name);
    const known = [...optionsIn(section), ...optionsIn(shared), 'help'];
    expect(optionsIn(usage).length).toBeGreaterThan(5);
    expect(optionsIn(usage).filter((option) => !known.includes(option))).toEqual([]);
    expect(optionsIn(section).filter((option) => !optionsIn(usage).includes(option))).toEqual([]);
  });

  it('names every option of deploy and undeploy, and no other', () => {
    const section = page.split('\n## Deploy and undeploy\n')[1]?.split('\n## ')[0] ?? '';
    const optionsIn = (text: string) => [...text.matchAll(/^(?:\| `| {2})--([a-z][a-z-]*)/gm)].map(([, name]) => name);
    const said = new Set([...optionsIn(deployUsage), ...optionsIn(undeployUsage)]);
    said.delete('help');
    expect([...said].sort()).toEqual(optionsIn(section).sort());
  });

  it('names parameters that the templates have', () => {
    const database = readFileSync(join(projectDirectory, 'database/template.yaml'), 'utf8');
    const named = [...page.matchAll(/\b([A-Z][a-z]+(?:[A-Z][a-z]+)*Days)\b/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !(name in template.Parameters) && !database.includes(`\n  ${name}:\n`))).toEqual([]);
  });

  it('shows a rule that matches the end of a file, and nothing before it', () => {
    const { FileEndedRule } = parse(block('yaml').replaceAll('BUCKET', 'the-bucket'));
    const source = { key: 'book-review/reviews/us-east-1/books.jsonl', sourceId: 'a'.repeat(32) };
    const matches = (key: string) =>
      matchesPattern(
        FileEndedRule.Properties.EventPattern,
        objectCreatedEvent(
          { key, sizeBytes: 1, etag: '"e"', lastModified: new Date() },
          { region: 'us-east-1', accountId: '000000000000', bucket: 'the-bucket' },
        ),
      );
    expect([completedKey(source), failedKey(source), source.key].map(matches)).toEqual([true, true, false]);
    expect(matches(completedKey({ ...source, key: source.key.replace('us-east-1', 'us-east-2') }))).toBe(false);
    expect(
      matchesPattern(
        FileEndedRule.Properties.EventPattern,
        JSON.parse(block('json').replaceAll('BUCKET', 'the-bucket')),
      ),
    ).toBe(true);
  });
});
