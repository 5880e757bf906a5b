// `npm run erase -- --region R --reviewer ID`: deletes a reviewer's rows, and lists the objects that still contain the reviewer.
// Status 0: no Region has a row of the reviewer. Status 3: a Region has some.
import type { Erasure } from '../functions/shared/contract.ts';
import { reportFailure } from './command-line.ts';
import { confirm } from './confirm.ts';
import { eraseRows } from './erase/erase-rows.ts';
import { findRemains, type Remains } from './erase/find-remains.ts';
import { type EraseOptions, eraseUsage, parseEraseOptions } from './erase/options.ts';
import { backupsText, remainsText, unknownText } from './erase/remains-text.ts';
import { counted, printable, printableJson } from './printable.ts';
import { openRegion, type RegionAccess } from './region-access.ts';

const rowsIn = (region: RegionAccess, reviewerId: string, dryRun: boolean) =>
  eraseRows(reviewerId, dryRun, async (request) => (await region.invoke('DbProcessingFunction', request)) as Erasure);

async function erase(options: EraseOptions, here: RegionAccess, peer: RegionAccess): Promise<number> {
  const { reviewerId, dryRun, yes, json } = options;
  const say = json ? console.error : console.log;
  say(`Looking through the table for rows of ${printable(reviewerId)} in both Regions`);
  const found = await Promise.all([rowsIn(here, reviewerId, true), rowsIn(peer, reviewerId, true)]);
  const sources = new Set(found.flatMap((each) => Object.keys(each.sources)));
  const texts = found.map(({ rows }, index) => `${[here, peer][index]?.region} ${counted(rows, 'row')}`);
  say(`  found: ${texts.join(', ')}, of ${counted(sources.size, 'file')}`);
  // The list needs the sources that have rows, so make it before the rows are gone. Print it first, so that nobody loses it.
  const remains: (Remains & { region: string; bucket: string })[] = [];
  for (const region of [here, peer]) {
    remains.push({ region: region.region, bucket: region.bucket, ...(await findRemains(reviewerId, sources, region)) });
  }
  if (json) console.log(printableJson({ reviewerId, found, remains }, 2));
  else {
    for (const each of remains) say(remainsText(each.region, each.bucket, each));
    const unknown = [...sources].filter((id) => remains.every((each) => each.unknownSources.includes(id)));
    if (unknown.length > 0) say(unknownText(unknown));
    say(backupsText);
  }
  if (dryRun) {
    say('Nothing was deleted, because of --dry-run.');
    return 0;
  }
  if (!yes && !(await confirm('Delete the rows in both Regions?'))) {
    say('Nothing was deleted.');
    return 1;
  }
  const { rows } = await rowsIn(here, reviewerId, false);
  say(`Deleted: ${counted(rows, 'row')}`);
  return (await countLeft(reviewerId, [here, peer], say)) === 0 ? 0 : 3;
}

/** The secondary shows a delete a moment later, so look twice. */
async function countLeft(reviewerId: string, regions: RegionAccess[], say: (line: string) => void): Promise<number> {
  let left = 0;
  for (const region of regions) {
    let { rows } = await rowsIn(region, reviewerId, true);
    if (rows > 0) ({ rows } = await rowsIn(region, reviewerId, true));
    say(`  then: ${region.region} ${counted(rows, 'row')}`);
    left += rows;
  }
  return left;
}

try {
  const options = parseEraseOptions(process.argv.slice(2));
  if (options === null) console.log(eraseUsage);
  else {
    const [here, peer] = await Promise.all([
      openRegion(options),
      openRegion({ ...options, region: options.peerRegion }),
    ]);
    process.exitCode = await erase(options, here, peer);
    for (const region of [here, peer]) region.close();
  }
} catch (error) {
  reportFailure('erase', error);
}
