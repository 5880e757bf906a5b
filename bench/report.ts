// `npm run bench:report -- FILE`: writes the tables between the markers of docs/performance.md, and its plot. FILE is what
// `npm run bench -- --json FILE` wrote.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BenchResult, Ratio } from './figures.ts';
import { plotOf } from './plot.ts';
import { holds } from './ratios.ts';
import { rounded } from './table.ts';

const project = resolve(import.meta.dirname, '..');
const page = 'docs/performance.md';
const begin = '<!-- bench:begin (npm run bench:report) -->';
const end = '<!-- bench:end -->';

const bound = ({ least, most, unit = '' }: Ratio) =>
  least !== undefined ? `at least ${least}` : most !== undefined ? `at most ${most} ${unit}` : '';

const ratioRows = (ratios: Ratio[]) =>
  ratios.map((ratio) => {
    const verdict = bound(ratio) === '' ? '' : holds(ratio) ? 'yes' : '**no**';
    return `| ${ratio.name} | ${rounded(ratio.value)} ${ratio.unit ?? ''} | ${bound(ratio)} | ${verdict} |`;
  });

/** In Markdown, without the markers. */
function markdownOf(result: BenchResult): string {
  const { machine, scenarios, ratios, rows, bytesPerLine, repeats, sandboxes, takenAt } = result;
  return [
    `${takenAt.slice(0, 10)}, ${machine.cores} cores (${machine.cpu}) for everything, Node ${machine.node}, MySQL ${machine.mysql}, data in memory; load average ${machine.loadAverageBefore.toFixed(1)} before the run. ${rows.toLocaleString('en-US')} rows of ${bytesPerLine} bytes a Region, ${repeats} turns, ${sandboxes} sandboxes at once outside of \`twoRegions\`.`,
    '',
    '| scenario | median | slowest to quickest turn | |',
    '| --- | ---: | --- | --- |',
    ...Object.entries(scenarios).map(([name, { unit, figure, details }]) => {
      const more = Object.entries(details).map(([what, value]) => `${what} ${rounded(value)}`);
      return `| ${name} | ${rounded(figure.median)} ${unit} | ${rounded(figure.min)} to ${rounded(figure.max)} | ${more.join(', ')} |`;
    }),
    '',
    '| ratio or bound | measured | wanted | holds |',
    '| --- | ---: | --- | --- |',
    ...ratioRows(ratios),
  ].join('\n');
}

/** Returns whether the file has the markers. */
async function replaceBetweenMarkers(file: string, text: string): Promise<boolean> {
  const path = join(project, file);
  const content = await readFile(path, 'utf8').catch(() => '');
  const [from, to] = [content.indexOf(begin), content.indexOf(end)];
  if (from === -1 || to < from) return false;
  await writeFile(path, `${content.slice(0, from + begin.length)}\n\n${text}\n\n${content.slice(to)}`);
  return true;
}

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('Usage: npm run bench:report -- FILE, where FILE is what npm run bench -- --json FILE wrote');
  process.exitCode = 2;
} else {
  const result = JSON.parse(await readFile(file, 'utf8')) as BenchResult;
  const plot = plotOf(result);
  if (plot !== null) {
    await mkdir(join(project, 'docs/performance'), { recursive: true });
    await writeFile(join(project, 'docs/performance/round-trip.svg'), plot);
  }
  console.log(`docs/performance/round-trip.svg: ${plot === null ? 'the figures lack a round trip' : 'drawn'}`);
  const found = await replaceBetweenMarkers(page, markdownOf(result));
  console.log(`${page}: ${found ? 'tables renewed' : `no markers (${begin} and ${end})`}`);
}
