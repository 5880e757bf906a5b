// `npm run demo`: two Regions on this machine, review files ingested in both at once, and the proof of what became of them.

import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { rootPrefix } from '../functions/shared/keys.ts';
import { CannotRunError, runCommand, say } from './demo/command.ts';
import { proveSummary, summarizeToday } from './demo/daily-summary.ts';
import { filesOf } from './demo/files.ts';
import type { Scope } from './demo/interruption.ts';
import { type DemoOptions, demoUsage, parseDemoOptions, regionNames } from './demo/options.ts';
import { checkFree, fixedPorts } from './demo/ports.ts';
import { showProgress } from './demo/progress.ts';
import type { Result } from './demo/result.ts';
import { stayUntilInterrupted } from './demo/stay.ts';
import { figuresTable, proofLines } from './demo/table.ts';
import { firstPass, secondPass } from './demo/two-passes.ts';
import { startTwoRegions } from './demo/two-regions.ts';
import { stateDirectory } from './state-directory.ts';

const summaryPage = join(stateDirectory, 'daily-summary.html');

const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);

const linesIn = (files: { expected: { lines: number } | null }[]) =>
  files.reduce((sum, { expected }) => sum + (expected?.lines ?? 0), 0);

async function demo(options: DemoOptions, scope: Scope): Promise<number> {
  const begun = performance.now();
  const timed = (line: string) => `  ${seconds(begun).padStart(5)} s  ${line}`;
  const step = (line: string) => say(timed(line));
  const { rttMs, lagMs, reviews, inputs, keep, jsonFile } = options;
  const ports = keep ? fixedPorts(options.portBase) : undefined;
  if (ports) await checkFree(ports);

  say(`Two Regions on this machine: ${regionNames.primary} and ${regionNames.secondary}, ${rttMs} ms apart.`);
  const making = Promise.all(
    Object.values(regionNames).map(async (name) => {
      const directory = join(stateDirectory, 'reviews');
      return [name, await filesOf(name, { inputs: inputs[name], reviews, directory }, step)] as const;
    }),
  );
  making.catch(() => {}); // awaited below
  const two = await startTwoRegions({ rttMs, lagMs, ...(ports && { ports }) }, { scope, say: step });
  for (const { bucket, region } of two.regions) {
    if (!(await bucket.isUsed())) continue;
    throw new CannotRunError(
      `the bucket ${region.bucket} at ${region.s3.endpoint} holds objects of an earlier run under ${rootPrefix}; remove them, since the demo proves all that is there`,
    );
  }
  const files = Object.fromEntries(await scope.unlessInterrupted(making));
  for (const [name, own] of Object.entries(files)) {
    const bytes = own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    step(
      `${own.length} ${inputs[name] ? 'given' : 'made'} files for ${name}: ${linesIn(own).toLocaleString('en-US')} lines, ${(bytes / 1e6).toFixed(1)} MB`,
    );
  }

  step('Uploading to both Regions; the events start the state machines');
  const totals = Object.fromEntries(
    Object.entries(files).map(([name, own]) => [name, { lines: linesIn(own), sources: own.length }]),
  );
  const progress = showProgress(totals, say, timed);
  const following = { advance: progress.advance, onFailure: progress.say };
  const first = await firstPass(two, files, { scope, ...following }).finally(progress.end);
  const [primary] = two.regions;
  const summary = await scope.unlessInterrupted(summarizeToday(primary, summaryPage));
  step('Everything ingested and the day summarized; now everything once more');
  const proofs = await secondPass(two, files, first, { scope, onFailure: step });
  const contents = first.found[primary.name]?.contents;
  if (contents) proofs.push(proveSummary(summary, contents));

  const ok = proofs.every((proof) => proof.ok);
  const result: Result = {
    ok,
    wallMs: Math.round(performance.now() - begun),
    regions: first.figures,
    database: {
      rowsByRegionIndicator: Object.fromEntries(
        Object.entries(first.found).map(([name, { contents }]) => [name, contents.rowsByRegionIndicator]),
      ),
      lagMs: first.lagMs,
    },
    proofs,
  };
  say(`\n${figuresTable(result.regions, result.database.lagMs)}\n\n${proofLines(proofs)}\n`);
  if (jsonFile) await writeFile(jsonFile, `${JSON.stringify(result, null, 2)}\n`);
  say(`The daily summary of both Regions, a page for a browser: ${relative('', summaryPage)}`);
  say(
    `${ok ? 'Every proof holds' : 'NOT every proof holds'}, after ${seconds(begun)} s. Logs: ${relative('', two.logDirectory)}/${jsonFile ? `; figures: ${jsonFile}` : ''}`,
  );
  if (keep) await stayUntilInterrupted(two, { scope, say });
  return ok ? 0 : 1;
}

await runCommand('demo', demoUsage, parseDemoOptions, demo);
