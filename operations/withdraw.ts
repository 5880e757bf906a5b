// `npm run withdraw -- --region R --file KEY`: takes a completed file's rows out, or puts a withdrawn file back.
// Status 0: done, and both Regions show it. Status 3: done, but not both Regions show it yet.
import type { Report } from '../functions/postprocess/write-report.ts';
import type { RowCounts, Withdrawal, WithdrawRequest } from '../functions/shared/contract.ts';
import { reportFailure } from './command-line.ts';
import { confirm } from './confirm.ts';
import { uploadKeyOf } from './file-names.ts';
import { counted, printable } from './printable.ts';
import { openRegion, type RegionAccess } from './region-access.ts';
import { reportsOfFile } from './reports.ts';
import { chooseSource } from './withdraw/choose-source.ts';
import { parseWithdrawOptions, type WithdrawOptions, withdrawUsage } from './withdraw/options.ts';
import { type RegionRows, waitForRows } from './withdraw/prove-rows.ts';
import { putBack, type WithdrawDependencies, withdrawSource } from './withdraw/withdraw-source.ts';

const countIn = (region: RegionAccess) => async (sourceId: string) => {
  const counts = (await region.invoke('DbProcessingFunction', { countRows: [sourceId] })) as RowCounts;
  return counts[sourceId] ?? 0;
};

function dependenciesOf(region: RegionAccess, reason: string): WithdrawDependencies {
  return {
    ...region,
    now: () => new Date(),
    countRows: countIn(region),
    async withdrawRows(source, rows) {
      const { sourceId } = source;
      const request: WithdrawRequest = { withdraw: { sourceId, state: 'withdrawn', reason, rows } };
      return (await region.invoke('DbProcessingFunction', request)) as Withdrawal;
    },
  };
}

const textOf = (counts: RegionRows[]) =>
  counts.map(({ region, rows }) => `${region} ${counted(rows, 'row')}`).join(', ');

/** All lines of the file are ingested again, also those whose rows were erased. */
const rowsOnceMore = ({ totals, withdrawals }: Report) =>
  totals ? totals.inserted + totals.alreadyPresent : (withdrawals?.at(-1)?.rows ?? 0);

async function withdraw(options: WithdrawOptions, here: RegionAccess, peer: RegionAccess): Promise<number> {
  const { file, undo, dryRun, yes, reason, by, waitSeconds } = options;
  const report = chooseSource(await reportsOfFile(here, uploadKeyOf(file)), options);
  const { key, sourceId } = report.source;
  const regions = [here, peer].map((region) => ({ region: region.region, countRows: () => countIn(region)(sourceId) }));
  const { counts: before } = await waitForRows(0, 0, regions);
  console.log(`${printable(key)}  (source ${sourceId}, ${report.outcome})\n  now: ${textOf(before)}`);
  const what = undo
    ? 'The file goes back under reviews/, and is ingested again as the same source.'
    : 'Its rows are deleted in both Regions, and the file moves to withdrawn/.';
  console.log(`  ${what}`);
  if (dryRun) {
    console.log('  Nothing was changed, because of --dry-run.');
    return 0;
  }
  if (!yes && !(await confirm('Go on?'))) {
    console.log('Nothing was changed.');
    return 1;
  }
  const deps = dependenciesOf(here, reason);
  if (undo) await putBack(report, deps);
  else await withdrawSource(report, { reason, by }, deps);
  console.log(
    `  ${undo ? 'The file is back under reviews/.' : 'The rows are deleted and the file is moved.'} Counting in both Regions.`,
  );
  const expected = undo ? rowsOnceMore(report) : 0;
  const { isProven, counts } = await waitForRows(expected, waitSeconds * 1000, regions);
  console.log(`  then: ${textOf(counts)}`);
  if (isProven) console.log(undo ? '  Both Regions have all of its rows again.' : '  Neither Region has a row of it.');
  else console.log(`  Expected ${counted(expected, 'row')} in each. Look again later: npm run status -- --rows`);
  return isProven ? 0 : 3;
}

try {
  const options = parseWithdrawOptions(process.argv.slice(2));
  if (options === null) console.log(withdrawUsage);
  else {
    const [here, peer] = await Promise.all([
      openRegion(options),
      openRegion({ ...options, region: options.peerRegion }),
    ]);
    process.exitCode = await withdraw(options, here, peer);
    for (const region of [here, peer]) region.close();
  }
} catch (error) {
  reportFailure('withdraw', error);
}
