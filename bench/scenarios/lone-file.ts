// One file of one review, uploaded while nothing else is: how long until the Region reads its row. Most of it is the Pipe's batching window.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { pendingPrefix } from '../../functions/shared/keys.ts';
import { withDatabase } from '../../local/demo/rows.ts';
import type { LocalRegion } from '../../local/demo/two-regions.ts';
import { emptyPair, type Scenario } from '../stage.ts';
import { clientOf } from './tiny-files.ts';

const uploads = 50;
const pollMs = 5;
let turns = 0;

async function measure(local: LocalRegion): Promise<number[]> {
  turns += 1;
  const { region, name } = local;
  const s3 = clientOf(local);
  const waits: number[] = [];
  try {
    await withDatabase(local.database(), async (query) => {
      for (let index = -1; index < uploads; index += 1) {
        const reviewerID = `L${turns}-${index}`;
        const Body = `${JSON.stringify({ reviewerID, asin: '0000013714', overall: 5 })}\n`;
        const Key = `${pendingPrefix}${name}/lone-${turns}/${index}.json`;
        const begun = performance.now();
        await s3.send(new PutObjectCommand({ Bucket: region.bucket, Key, Body }));
        const isThere = async () =>
          (await query<object>(`SELECT 1 FROM book_reviews WHERE reviewer_id = '${reviewerID}'`)).length > 0;
        while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, pollMs));
        // The first one starts the sandboxes.
        if (index >= 0) waits.push(performance.now() - begun);
        await region.idle();
      }
    });
  } finally {
    s3.destroy();
  }
  return waits.sort((one, other) => one - other);
}

const loneFile = (name: string, index: 0 | 1): Scenario => ({
  name,
  unit: 'ms',
  once: true,
  async before(stage) {
    await emptyPair(stage);
    await stage.pair.globalDatabase.setRttMs(12);
  },
  async turn(stage) {
    const waits = await measure(stage.pair.regions[index]);
    const at = (share: number) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? Number.NaN;
    return { value: at(0.5), details: { p90Ms: at(0.9) } };
  },
});

export const loneFiles: Scenario[] = [loneFile('loneFilePrimary', 0), loneFile('loneFileSecondary', 1)];
