// Every scenario, in the order of a turn.
import type { ScenarioResult } from './figures.ts';
import { loadData, loadDataReplicated } from './scenarios/load-data.ts';
import { pipelineDirect, pipelineForwarded, replay } from './scenarios/pipeline.ts';
import { samplePace, twoRegions } from './scenarios/two-regions.ts';
import type { Scenario } from './stage.ts';

export const scenarios: Scenario[] = [
  ...loadData,
  pipelineDirect,
  replay,
  pipelineForwarded(0),
  pipelineForwarded(12),
  pipelineForwarded(80),
  loadDataReplicated,
  twoRegions,
  samplePace,
];

/** LOAD DATA at the number of connections that suits it best. */
export function best(results: Record<string, ScenarioResult>): Record<string, ScenarioResult> {
  const taken = loadData.flatMap(({ name }) => results[name] ?? []);
  const [first] = taken.toSorted((left, right) => right.figure.median - left.figure.median);
  return first === undefined ? {} : { loadDataBest: first };
}
