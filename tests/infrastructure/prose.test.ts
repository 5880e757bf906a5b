// The pages have short sentences, and no file hides who does what behind certain words (CONTRIBUTING.md, "Style").
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { projectDirectory } from '../support/template.ts';

const filesIn = (folder: string) =>
  readdirSync(join(projectDirectory, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
const read = (path: string) => readFileSync(join(projectDirectory, path), 'utf8');

/** Sentences of more than two words. Code blocks, tables, headings and HTML are left out, and each item of a list ends a sentence. */
function sentencesOf(page: string): string[] {
  const prose = page.replace(/```[\s\S]*?```/g, '').replace(/^(\||#|<).*$/gm, '');
  const paragraphs = prose.split(/\n\s*\n|^\s*(?:[-*]|\d+\.) /gm).map((paragraph) => paragraph.replaceAll('\n', ' '));
  return paragraphs.flatMap((text) => text.split(/(?<=[.!?])\s+/)).filter((sentence) => wordsOf(sentence) > 2);
}
const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;

interface Shape {
  /** Nine of ten sentences have at most this many words. */
  p90: number;
  semicolonsPer100: number;
}

function shapeOf(page: string): Shape {
  const sentences = sentencesOf(page);
  const lengths = sentences.map(wordsOf).sort((one, other) => one - other);
  const semicolons = sentences.join('').match(/;/g)?.length ?? 0;
  return {
    p90: lengths[Math.floor(lengths.length * 0.9)] ?? 0,
    semicolonsPer100: (100 * semicolons) / Math.max(1, sentences.length),
  };
}

describe('the pages of the documentation', () => {
  const atTop = readdirSync(projectDirectory).filter((name) => name.endsWith('.md'));
  const pages = [...atTop, ...filesIn('docs').filter((path) => path.endsWith('.md')), 'patches/README.md'];

  it('are all found', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/operations.md', 'docs/decisions/README.md']));
  });

  it.each(pages)('%s has short sentences and few semicolons', (path) => {
    const { p90, semicolonsPer100 } = shapeOf(read(path));
    expect(p90).toBeLessThanOrEqual(35);
    expect(semicolonsPer100).toBeLessThanOrEqual(10);
  });

  it('are measured by a count that sees long sentences, lists and semicolons', () => {
    const sentence = (words: number) => `${'word '.repeat(words - 1)}end.`;
    expect(shapeOf(`# A heading\n\n${sentence(5)} ${sentence(40)}\n\n| a; | table; |\n`)).toEqual({
      p90: 40,
      semicolonsPer100: 0,
    });
    expect(
      shapeOf(`- one two three; four\n- five six seven\n  eight nine\n\n\`\`\`sh\na; b; c d e f\n\`\`\`\n`),
    ).toEqual({
      p90: 5,
      semicolonsPer100: 50,
    });
  });
});

it('uses words that hide who does what in fewer than 40 lines', () => {
  const words = /\b(of its own|whatever|anew|beside|is none)\b/i;
  const folders = ['functions', 'local', 'operations', 'bench', 'tests', 'docs', 'database', 'statemachine', 'events'];
  const files = [...folders.flatMap(filesIn), 'template.yaml', 'samconfig.toml', 'README.md', 'CONTRIBUTING.md'].filter(
    (path) => /\.(ts|md|yaml|json|sql|toml|sh)$/.test(path) && !/\.state|fixtures/.test(path),
  );
  const lines = files.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (words.test(line) ? [`${path}:${index + 1}`] : [])),
  );
  expect(files.length).toBeGreaterThan(300);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(40);
});
