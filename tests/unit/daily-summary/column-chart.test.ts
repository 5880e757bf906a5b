import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ColumnChart, columnChart, ticks } from '../../../functions/daily-summary/column-chart.ts';

const chart = (overrides: Partial<ColumnChart> = {}) =>
  columnChart({
    id: 'c',
    title: 'A title',
    description: 'A description',
    series: ['one', 'two'],
    columns: [{ label: 'a', name: 'day a', values: [3, 1] }],
    width: 400,
    ...overrides,
  });
const paths = (svg: string) =>
  [
    ...svg.matchAll(/<path class="mark (s\d+)" d="M([\d.-]+) ([\d.-]+)V([\d.-]+)q0 -?([\d.]+)[^"]*"><title>([^<]*)/g),
  ].map(([, series, x, bottom, side, radius, title]) => ({
    series,
    x: Number(x),
    bottom: Number(bottom),
    top: Number(side) - Number(radius),
    title,
  }));

describe('the scale of a chart', () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [4, [0, 1, 2, 3, 4]],
    [7, [0, 2, 4, 6, 8]],
    [10, [0, 3, 6, 9, 12]],
    [93_425, [0, 25_000, 50_000, 75_000, 100_000]],
    [121_000, [0, 50_000, 100_000, 150_000]],
  ])('up to %d is %j', (most, expected) => {
    expect(ticks(most)).toEqual(expected);
  });

  it('begins at 0, reaches the largest value in at most four equal whole steps, and is not more than twice as high', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), (most) => {
        const scale = ticks(most);
        const step = scale[1] as number;
        expect(scale[0]).toBe(0);
        expect(Number.isInteger(step)).toBe(true);
        expect(scale.length).toBeLessThanOrEqual(5);
        expect(scale.at(-1)).toBeGreaterThanOrEqual(most);
        expect(scale.at(-2)).toBeLessThan(Math.max(most, 1));
        for (const [i, tick] of scale.entries()) expect(tick).toBe(i * step);
      }),
    );
  });
});

describe('a chart of columns', () => {
  it('has a title and a description that its image is labelled by', () => {
    expect(chart()).toMatch(
      /^<svg [^>]*role="img" aria-labelledby="c-title c-description"><title id="c-title">A title<\/title><desc id="c-description">A description<\/desc>/,
    );
  });

  it('stacks the series in their order, each as high as its value, with a gap between', () => {
    const [below, above] = paths(chart());
    expect(below).toMatchObject({ series: 's0', bottom: 220, title: 'day a, one: 3' });
    expect(above).toMatchObject({ series: 's1', title: 'day a, two: 1' });
    // 196 high for a scale of 4: 49 for each.
    expect(below?.top).toBeCloseTo(220 - 3 * 49, 0);
    expect(above?.bottom).toBeCloseTo((below?.top ?? 0) - 2, 0);
  });

  it('draws nothing for nothing, and something for very little', () => {
    const svg = chart({
      columns: [
        { label: 'a', name: 'a', values: [0, 1] },
        { label: 'b', name: 'b', values: [1_000_000, 0] },
      ],
    });
    const drawn = paths(svg);
    expect(drawn.map(({ series }) => series)).toEqual(['s1', 's0']);
    expect((drawn[0]?.bottom ?? 0) - (drawn[0]?.top ?? 0)).toBeGreaterThan(0);
  });

  it('says so when there is nothing at all', () => {
    const svg = chart({ columns: [{ label: 'a', name: 'a', values: [0, 0] }] });
    expect(paths(svg)).toEqual([]);
    expect(svg).toContain('>No reviews</text>');
    expect(svg).not.toContain('NaN');
  });

  it('has a place for a chart without any series', () => {
    expect(chart({ series: [], columns: [{ label: 'a', name: 'a', values: [] }] })).not.toMatch(
      /NaN|undefined|Infinity/,
    );
  });

  it('labels every column where there is room; else every so many back from the last, and the values that matter', () => {
    const columns = Array.from({ length: 14 }, (_, i) => ({
      label: `${i + 1} Nov`,
      name: `day ${i + 1}`,
      values: [i === 4 ? 90_000 : 10_000 + i],
      isEmphasized: i === 13,
    }));
    const texts = (width: number, kind: string) =>
      [...chart({ series: ['one'], columns, width }).matchAll(/<text class="(\w+)[^>]*text-anchor="middle">([^<]*)/g)]
        .filter(([, found]) => found === kind)
        .map(([, , text]) => text);
    expect(texts(880, 'tick')).toEqual(columns.map(({ label }) => label));
    expect(texts(880, 'value')).toHaveLength(14);
    expect(texts(360, 'tick')).toEqual(['2 Nov', '5 Nov', '8 Nov', '11 Nov', '14 Nov']);
    expect(texts(360, 'value')).toEqual(['90K', '10K']);
  });

  it('escapes all text', () => {
    const svg = chart({
      title: '<t>',
      description: '"d" & d',
      series: ['<s>', "'"],
      columns: [{ label: '</svg>', name: '<n>', values: [1, 1] }],
    });
    expect(svg).not.toMatch(/<t>|<s>|<n>|<\/svg>./);
    expect(svg.match(/<\/svg>/g)).toHaveLength(1);
  });
});
