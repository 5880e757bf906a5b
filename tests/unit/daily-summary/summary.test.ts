import { describe, expect, it } from '@jest/globals';
import { day, makeFullSummary, makeRating, makeReports, makeSummary } from '../../support/summaries.ts';

describe('a summary', () => {
  it('counts the day alike in its totals, its Regions, its histogram and its history', () => {
    const { totals, regions, days } = makeFullSummary();
    const sum = (counts: number[]) => counts.reduce((all, one) => all + one, 0);
    expect(sum(regions.map(({ reviews }) => reviews))).toBe(totals.reviews);
    expect(sum(totals.histogram.map(({ reviews }) => reviews))).toBe(totals.rated);
    for (const { histogram, rated } of regions) expect(sum(histogram.map(({ reviews }) => reviews))).toBe(rated);
    expect(days.at(-1)).toMatchObject({ date: day, reviews: totals.reviews });
  });

  it('takes the mean over what was rated only', () => {
    const { totals, regions } = makeSummary({
      ratings: [
        makeRating({ stars: 4, reviews: 2, ratingSum: 8.5 }),
        makeRating({ stars: 0, reviews: 1, ratingSum: 0 }),
        makeRating({ stars: null, reviews: 7, ratingSum: 0 }),
        makeRating({ region: 'us-east-2', stars: null, reviews: 1, ratingSum: 0 }),
      ],
    });
    expect(totals).toMatchObject({ reviews: 11, rated: 3, meanRating: 2.8333 });
    expect(totals.histogram).toEqual([1, 0, 0, 0, 2, 0].map((reviews, stars) => ({ stars, reviews })));
    expect(regions.map(({ region, meanRating }) => [region, meanRating])).toEqual([
      ['us-east-1', 2.8333],
      ['us-east-2', null],
    ]);
  });

  it('says of each Region when its first and its last review came', () => {
    const { regions } = makeSummary({
      ratings: [
        makeRating({ stars: 1, firstMs: Date.parse(`${day}T10:00:00.250Z`), lastMs: Date.parse(`${day}T11:00:00Z`) }),
        makeRating({ stars: 2, firstMs: Date.parse(`${day}T09:00:00Z`), lastMs: Date.parse(`${day}T10:30:00.5Z`) }),
      ],
    });
    expect(regions[0]).toMatchObject({
      firstIngestedAt: `${day}T09:00:00.000Z`,
      lastIngestedAt: `${day}T11:00:00.000Z`,
    });
  });

  it('tells a day that is over from one that goes on, by the clock of the database', () => {
    expect(makeSummary({ readAtMs: Date.parse('2026-11-21T00:00:00Z') }).dayIsOver).toBe(true);
    expect(makeSummary({ readAtMs: Date.parse('2026-11-20T23:59:59.999Z') }).dayIsOver).toBe(false);
  });

  it('says where and how it was read', () => {
    expect(makeSummary().readFrom).toMatchObject({ role: 'primary', readConsistency: null });
    const onSecondary = makeSummary({}, { regions: {}, isComplete: true }, 'secondary');
    expect(onSecondary.readFrom).toMatchObject({ region: 'us-east-1', role: 'secondary', readConsistency: 'session' });
  });

  it('names each Region whose rejections it cannot know', () => {
    const ratings = [makeRating(), makeRating({ region: 'us-east-2' })];
    const own = makeSummary({ ratings }, { regions: { 'us-east-1': makeReports() }, isComplete: true });
    expect(own.rejections.regionsWithoutReports).toEqual(['us-east-2']);
    expect(own.rejections.regions).toMatchObject([{ region: 'us-east-1', rejectedShare: 0.04 }]);
  });

  it('has no share of rejected lines where no line was read', () => {
    const none = makeReports({ completed: 0, failed: 1, lines: 0, rejected: 0, rejectedByReason: {} });
    const { rejections } = makeSummary({}, { regions: { 'us-east-1': none }, isComplete: true });
    expect(rejections.regions[0]?.rejectedShare).toBeNull();
  });

  it('is complete with zeros for a day without reviews', () => {
    expect(makeSummary()).toMatchObject({
      totals: { reviews: 0, rated: 0, meanRating: null, products: 0 },
      regions: [],
      products: [],
      days: [{ date: day, reviews: 0 }],
      rejections: { regions: [], regionsWithoutReports: [], isComplete: true },
    });
  });
});
