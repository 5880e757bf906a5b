import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { escapeHtml } from '../../../functions/daily-summary/escape-html.ts';
import { meanText, percentText, shortNumber } from '../../../functions/daily-summary/numbers.ts';
import { renderPage } from '../../../functions/daily-summary/page.ts';
import { day, makeFullSummary, makeRating, makeReports, makeSummary } from '../../support/summaries.ts';

const page = renderPage(makeFullSummary());

describe('text from data', () => {
  it('is text in a page, with any content', () => {
    expect(escapeHtml(`<script>alert('1')</script> & "2"`)).toBe(
      '&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;2&quot;',
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
        expect(escapeHtml(text)).not.toMatch(/[<>"'\u0000-\u001f]|&(?!(amp|lt|gt|quot|#39);)/);
      }),
    );
  });

  it('cannot turn the text around it, nor break the encoding', () => {
    expect(escapeHtml('a\u202eb\u2066c\0d\ud800e')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde');
    expect(escapeHtml('Ünïcode 書籍 📚')).toBe('Ünïcode 書籍 📚');
  });
});

describe('numbers', () => {
  it('are short where there is little room', () => {
    expect([0, 999, 1_000, 15_630, 1_234_567].map(shortNumber)).toEqual(['0', '999', '1K', '15.6K', '1.23M']);
  });

  it('tell a small share from none', () => {
    expect([null, 0, 0.000_01, 0.0042, 0.125, 1].map(percentText)).toEqual([
      '–',
      '0%',
      '< 0.01%',
      '0.42%',
      '12.5%',
      '100.0%',
    ]);
    expect([null, 4, 4.125].map(meanText)).toEqual(['–', '4.00', '4.13']);
  });
});

describe('the page of a day', () => {
  it('needs nothing from elsewhere and runs no script', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|https?:|\son\w+="(?!x\()/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('shows each number of the summary', () => {
    const { totals, days, products, regions } = makeFullSummary();
    const shown = [
      totals.reviews,
      totals.products,
      ...days.map(({ reviews }) => reviews),
      ...regions.flatMap(({ reviews, histogram }) => [reviews, ...histogram.map((bin) => bin.reviews)]),
      ...products.map(({ reviews }) => reviews),
    ];
    for (const number of shown) expect(page).toContain(`>${number.toLocaleString('en-US')}<`);
  });

  it('has a table of the numbers with each chart, and names each chart for those who do not see it', () => {
    // Each twice: of a wide and a narrow one the style shows one.
    expect(page.match(/<svg class="chart (wide|narrow)"/g)).toHaveLength(4);
    expect(page.match(/<details><summary>The numbers<\/summary>/g)).toHaveLength(2);
    expect(page.match(/<desc id="[\w-]+-description">[^<]{20,}<\/desc>/g)).toHaveLength(4);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('knows light and dark', () => {
    expect(page).toContain('<meta name="color-scheme" content="light dark">');
    expect(page).toContain('@media (prefers-color-scheme: dark)');
  });

  it('shows a product of any name as its name', () => {
    expect(page).toContain('<bdi class="asin">&lt;b onclick=&quot;x()&quot;&gt;B&amp;B\ufffd</bdi>');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 32 }), (asin) => {
        const html = renderPage(
          makeSummary({ products: [{ asin, reviews: 1, rated: 1, ratingSum: 5 }], productCount: 1 }),
        );
        expect(html).toContain(`<bdi class="asin">${escapeHtml(asin)}</bdi>`);
      }),
      { numRuns: 30 },
    );
  });

  it('says that a day has no reviews, and shows no figure that does not exist', () => {
    const html = renderPage(makeSummary());
    expect(html).toContain('No reviews');
    expect(html).toContain('No file was finished on this day.');
    expect(html).not.toMatch(/NaN|undefined|Infinity|null/);
  });

  it('says what it does not know: a day that goes on, a Region without reports, reports that were not read', () => {
    const ratings = [makeRating(), makeRating({ region: 'us-east-2' })];
    const reports = { regions: { 'us-east-1': makeReports() }, isComplete: false };
    const html = renderPage(makeSummary({ readAtMs: Date.parse(`${day}T14:05:09Z`), ratings }, reports));
    expect(html).toContain('This day is not over: these are its figures up to 14:05:09 UTC.');
    expect(html).toContain('No report of us-east-2 for this day is in this Region&#39;s bucket');
    expect(html).toContain('4 of 100 lines, us-east-1 only');
    expect(html).toContain('There are more reports than could be read');
    for (const note of [/not over/, /No report of/, /more reports than/]) expect(page).not.toMatch(note);
  });
});
