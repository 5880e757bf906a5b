// docs/formats.md says what the code does.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createReviewParser } from '../../functions/db-processing/parse-review.ts';
import { refused } from '../../functions/db-processing/refuse-container.ts';
import { readRecordFormats } from '../../functions/shared/read-record-formats.ts';
import { columnTable, formatTable } from '../support/formats-page.ts';

const path = join(import.meta.dirname, '../../docs/formats.md');
const page = readFileSync(path, 'utf8');

describe('the page of formats', () => {
  it('has a row for each format and each column, as the table of record formats has them', () => {
    expect(page).toContain(`\n${formatTable()}\n`);
    expect(page).toContain(`\n${columnTable()}\n`);
  });

  it('names each kind of file that is refused', () => {
    const text = page.replaceAll('\n', ' ');
    expect(refused.filter(({ is }) => !text.includes(is))).toEqual([]);
  });

  it('has an example of a format of your own that is read', () => {
    const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
    const { parseReview } = createReviewParser(readRecordFormats(example));
    expect(parseReview(Buffer.from('{"buyer_no":1,"sku":"S","stars":3,"words":"W"}'))).toMatchObject({
      format: 'my-shop',
      columns: { reviewer_id: '1', asin: 'S', overall_rating: 3, review_text: 'W' },
    });
  });

  it('names files that there are', () => {
    const links = [...page.matchAll(/\]\((\.\.\/[^)]+)\)/g)].map(([, link]) => link as string);
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !existsSync(join(dirname(path), link)))).toEqual([]);
  });
});
