// The page in a real browser, where one is on the PATH: that its charts are drawn, and that it has nothing to complain about.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderPage } from '../../functions/daily-summary/page.ts';
import { findProgram, pathDirectories } from '../../local/find-program.ts';
import { makeFullSummary, makeSummary } from '../support/summaries.ts';

const browser = findProgram(['chromium', 'chromium-browser', 'google-chrome'], pathDirectories());

const run = promisify(execFile);
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'book-reviews-page-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The document after the page was loaded, and what the browser wrote to its console. */
async function open(html: string, ...options: string[]): Promise<{ dom: string; console: string[] }> {
  const file = join(directory, 'page.html');
  await writeFile(file, html);
  const { stdout, stderr } = await run(
    browser as string,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      `--user-data-dir=${join(directory, 'profile')}`,
      '--enable-logging=stderr',
      '--window-size=1100,1400',
      ...options,
      '--dump-dom',
      `file://${file}`,
    ],
    { timeout: 60_000, maxBuffer: 16_000_000 },
  );
  return { dom: stdout, console: stderr.split('\n').filter((line) => line.includes('CONSOLE')) };
}

interface Found {
  charts: {
    width: number;
    height: number;
    marks: number;
    drawn: number;
    inside: boolean;
    fills: string[];
    /** Whether labels or values of neighbours do. */
    touching: boolean;
    /** The height of the smallest text, in pixels of the screen. */
    letters: number;
  }[];
  /** Pixels by which the page is wider than the screen. */
  overflow: number;
  /** Names of the boxes that a reader would have to scroll. */
  scrolling: string[];
  background: string;
}

// The page allows no script, so what is measured is a copy that allows this one.
const probe = `<script>
const box = (one) => one.getBoundingClientRect();
const charts = [...document.querySelectorAll('svg.chart')].filter((chart) => box(chart).width > 0).map((chart) => {
  const outer = box(chart);
  const marks = [...chart.querySelectorAll('.mark')];
  const fills = [...new Set(marks.map((one) => getComputedStyle(one).fill))];
  const inside = [...chart.querySelectorAll('.mark, text')].every((one) => { const b = box(one);
    return b.left >= outer.left - 1 && b.right <= outer.right + 1 && b.top >= outer.top - 1 && b.bottom <= outer.bottom + 1; });
  const touching = ['.value', '.tick[text-anchor=middle]'].some((kind) => { const texts = [...chart.querySelectorAll(kind)].map(box);
    return texts.some((one, i) => i > 0 && texts[i - 1].right > one.left); });
  const letters = Math.min(...[...chart.querySelectorAll('text')].map((one) => box(one).height));
  return { touching, letters, width: outer.width, height: outer.height, marks: marks.length, drawn: marks.filter((one) => box(one).width > 1 && box(one).height > 0).length, inside, fills };
});
const scrolling = [...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.getAttribute('aria-label'));
const found = { charts, scrolling, overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth, background: getComputedStyle(document.body).backgroundColor };
(frameElement ? parent : window).document.body.textContent = 'FOUND' + JSON.stringify(found) + 'END';
</script>`;

/** `frameWidth`: in pixels, of a frame that the page is in; without it, it has the window. */
async function measure(
  html: string,
  { frameWidth, dark }: { frameWidth?: number; dark?: boolean } = {},
): Promise<Found> {
  const copy = html
    .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '')
    .replace('</body>', `${probe}</body>`);
  const quoted = copy.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const framed = `<!doctype html><body><iframe style="border:0;width:${frameWidth}px;height:900px" srcdoc="${quoted}"></iframe>`;
  const options = dark ? ['--blink-settings=preferredColorScheme=0'] : [];
  const { dom } = await open(frameWidth === undefined ? copy : framed, ...options);
  return JSON.parse(dom.match(/FOUND(.*)END/)?.[1] ?? 'null') as Found;
}

const whenThere = browser === undefined ? describe.skip : describe;

whenThere('the page of a day in a browser (skipped where no Chromium is on the PATH)', () => {
  const full = renderPage(makeFullSummary());
  const empty = renderPage(makeSummary());

  it.each([
    ['full', full],
    ['empty', empty],
  ])('loads without any complaint: %s', async (_, html) => {
    const { dom, console } = await open(html);
    expect(console).toEqual([]);
    expect(dom).toContain('<h1>Friday 20 November 2026</h1>');
  });

  it('makes no element of what is data', async () => {
    const { dom } = await open(full);
    expect(dom).not.toContain('<b ');
    expect(dom).toContain('&lt;b onclick="x()"&gt;B&amp;B');
  });

  it('draws every column of both charts, in a colour a Region, inside of the chart', async () => {
    const { charts, overflow } = await measure(full);
    // Thirteen days and six ratings with reviews, of two Regions each.
    expect(charts.map(({ marks, drawn }) => [marks, drawn])).toEqual([
      [26, 26],
      [12, 12],
    ]);
    for (const { width, height, fills, inside } of charts) {
      expect(width).toBeGreaterThan(700);
      expect(height).toBeGreaterThan(180);
      expect(fills).toHaveLength(2);
      expect(inside).toBe(true);
    }
    expect(overflow).toBe(0);
  });

  it('is dark where the reader likes it dark, with other colours', async () => {
    const [light, dark] = [await measure(full), await measure(full, { dark: true })];
    const brightness = (rgb: string) =>
      (rgb.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
    expect(brightness(light.background)).toBeGreaterThan(600);
    expect(brightness(dark.background)).toBeLessThan(120);
    expect(dark.charts[0]?.fills).not.toEqual(light.charts[0]?.fills);
  });

  // The narrowest window that the browser makes is wider than a telephone, so the page is in a frame of that width.
  it.each([360, 390, 500, 780])(
    'fits a screen of %i pixels: nothing to scroll sideways, and letters that can be read',
    async (width) => {
      const { charts, overflow, scrolling } = await measure(full, { frameWidth: width });
      expect({ overflow, scrolling }).toEqual({ overflow: 0, scrolling: [] });
      expect(charts).toHaveLength(2);
      for (const { inside, touching, letters, marks, drawn } of charts) {
        expect({ inside, touching, drawn }).toEqual({ inside: true, touching: false, drawn: marks });
        expect(letters).toBeGreaterThanOrEqual(10);
      }
    },
  );
});
