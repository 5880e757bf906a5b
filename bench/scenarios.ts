// Every scenario, in the order of a turn.
import type { ScenarioResult } from './figures.ts';
import { bursts } from './scenarios/bursts.ts';
import { coldStarts } from './scenarios/cold-start.ts';
import { mysql2Values, rowByRow, rowByRowForwarded } from './scenarios/library.ts';
import { loadData, loadDataReplicated } from './scenarios/load-data.ts';
import { loneFiles } from './scenarios/lone-file.ts';
import { memories } from './scenarios/memory.ts';
import { otherFormats, pipelineDirect, pipelineForwarded, replay, wholeContainers } from './scenarios/pipeline.ts';
import { tinyFileScenarios } from './scenarios/tiny-files.ts';
import { samplePace, twoRegions } from './scenarios/two-regions.ts';
import { wholeSources } from './scenarios/whole-sources.ts';
import type { Scenario } from './stage.ts';

export const scenarios: Scenario[] = [
  ...loadData,
  mysql2Values,
  rowByRow,
  pipelineDirect,
  replay,
  ...otherFormats,
  ...wholeContainers,
  ...wholeSources,
  pipelineForwarded(0),
  pipelineForwarded(12),
  pipelineForwarded(80),
  rowByRowForwarded,
  loadDataReplicated,
  twoRegions,
  samplePace,
  ...tinyFileScenarios,
  ...loneFiles,
  ...bursts,
  ...coldStarts,
  ...memories,
];

/** LOAD DATA at the number of connections that suits it best. */
export function best(results: Record<string, ScenarioResult>): Record<string, ScenarioResult> {
  const taken = loadData.flatMap(({ name }) => results[name] ?? []);
  const [first] = taken.toSorted((left, right) => right.figure.median - left.figure.median);
  return first === undefined ? {} : { loadDataBest: first };
}
