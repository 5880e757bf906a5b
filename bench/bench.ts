// `npm run bench`: the pipeline against what else could bring the same rows into the same servers, in turns on one set-up.
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { runCommand, say } from '../local/demo/command.ts';
import type { Scope } from '../local/demo/interruption.ts';
import { OptionError } from '../operations/command-line.ts';
import { type BenchResult, figureOf, type ScenarioResult } from './figures.ts';
import { type BenchOptions, benchUsage, parseBenchOptions } from './options.ts';
import { ratiosOf } from './ratios.ts';
import { best, scenarios } from './scenarios.ts';
import { openStage, type Scenario, type Stage } from './stage.ts';
import { rounded, tableOf } from './table.ts';

// As in jest.config.js: Testcontainers' watcher is an image that not every machine can pull; the bench stops its own containers.
process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';

async function bench(options: BenchOptions, scope: Scope): Promise<number> {
  const unknown = options.only.filter((name) => !scenarios.some((one) => one.name === name));
  if (unknown.length > 0) throw new OptionError(`--only: no scenario ${unknown.join(', ')}`);
  const chosen = options.only.length === 0 ? scenarios : scenarios.filter(({ name }) => options.only.includes(name));
  const [loadAverageBefore = 0] = loadavg();
  const stage = await openStage(options, scope, say);
  const { primary } = stage.inputs;
  say(`${primary.rows.toLocaleString('en-US')} rows in ${primary.lines.toLocaleString('en-US')} lines a Region`);

  const resultOf = (results: Record<string, ScenarioResult>): BenchResult => ({
    takenAt: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? '',
      cores: cpus().length,
      node: process.versions.node,
      mysql: stage.mysqlVersion,
      loadAverageBefore,
    },
    rows: primary.rows,
    bytesPerLine: Math.round(primary.sizeBytes / primary.lines),
    repeats: options.repeats,
    sandboxes: options.sandboxes,
    scenarios: results,
    ratios: ratiosOf(results),
  });
  // After each turn, so that a run that is cut short leaves what it found.
  const keep = async (results: Record<string, ScenarioResult>): Promise<BenchResult> => {
    const result = resultOf({ ...results, ...best(results) });
    if (options.jsonFile !== undefined) await writeFile(options.jsonFile, `${JSON.stringify(result, null, 2)}\n`);
    return result;
  };
  say(`\n${tableOf(await takeTurns(chosen, stage, { scope, keep }))}`);
  return 0;
}

/**
 * A turn of each scenario, then the next turn of each: other work of the machine slows all of them alike. Before them one that
 * does not count, in which servers get their memory and sandboxes compile; after them what has one turn only.
 */
async function takeTurns(
  chosen: Scenario[],
  stage: Stage,
  { scope, keep }: { scope: Scope; keep: (results: Record<string, ScenarioResult>) => Promise<BenchResult> },
): Promise<BenchResult> {
  let kept = await keep({});
  const turns = new Map<string, { value: number; details?: Record<string, number> }[]>();
  const repeated = chosen.filter(({ once }) => !once);
  const rounds = Array.from({ length: stage.options.repeats + 1 }, () => repeated);
  for (const [turn, scenarios] of [...rounds, chosen.filter(({ once }) => once)].entries()) {
    for (const scenario of scenarios) {
      scope.signal.throwIfAborted();
      await scenario.before?.(stage);
      const taken = await scope.unlessInterrupted(scenario.turn(stage));
      if (turn > 0 || scenario.once) turns.set(scenario.name, [...(turns.get(scenario.name) ?? []), taken]);
      say(`  ${turn}  ${scenario.name.padEnd(24)}${rounded(taken.value).padStart(10)} ${scenario.unit}`);
    }
    kept = await keep(resultsOf(chosen, turns));
  }
  return kept;
}

function resultsOf(
  chosen: Scenario[],
  turns: Map<string, { value: number; details?: Record<string, number> }[]>,
): Record<string, ScenarioResult> {
  return Object.fromEntries(
    chosen.map(({ name, unit }) => {
      const taken = turns.get(name) ?? [];
      const figure = figureOf(taken.map(({ value }) => value));
      const details = taken.find(({ value }) => value === figure.median)?.details ?? {};
      return [name, { unit, figure, details }];
    }),
  );
}

await runCommand('bench', benchUsage, parseBenchOptions, bench);
