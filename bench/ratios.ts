// What the figures of one run say against each other, and what they should.
import type { Ratio, ScenarioResult } from './figures.ts';

type Bound = Pick<Ratio, 'least' | 'most' | 'unit'>;

/** Those of which both scenarios were run. */
export function ratiosOf(scenarios: Record<string, ScenarioResult>): Ratio[] {
  const median = (name: string) => scenarios[name]?.figure.median;
  const ratios: Ratio[] = [];
  const add = (name: string, value: number | undefined, bound: Bound) => {
    if (value !== undefined && Number.isFinite(value)) ratios.push({ name, value, ...bound });
  };
  const ratio = (over: string, under: string, bound: Bound) => {
    const [above, below] = [median(over), median(under)];
    if (above !== undefined && below !== undefined) add(`${over} / ${under}`, above / below, bound);
  };
  ratio('pipelineDirect', 'loadDataOneConnection', { least: 0.8 });
  ratio('pipelineDirect', 'loadDataBest', { least: 0.62 });
  ratio('pipelineDirect', 'mysql2Values', { least: 1 });
  ratio('pipelineForwarded12', 'pipelineForwarded0', { least: 0.9 });
  ratio('pipelineForwarded80', 'pipelineForwarded0', { least: 0.75 });
  ratio('pipelineForwarded80', 'rowByRowForwarded80', { least: 10 });
  ratio('replay', 'pipelineDirect', { least: 1.15 });
  const bytes = (name: string) => scenarios[name]?.details.mibPerSecond ?? Number.NaN;
  const leastOfBytes = { '2023': 0.85, Goodreads: 0.85, Csv: 0.25, Zstd: 0.25 };
  for (const [format, least] of Object.entries(leastOfBytes)) {
    const name = `pipelineDirect${format}`;
    add(`${name} / pipelineDirect, bytes a second`, bytes(name) / bytes('pipelineDirect'), { least });
  }
  ratio('oneBigFile', 'manyFiles', { least: 0.95 });
  const fromUpload = (name: string) => scenarios[name]?.details.secondsFromUpload ?? Number.NaN;
  add('oneBigFile / manyFiles, from the first upload', fromUpload('manyFiles') / fromUpload('oneBigFile'), {});
  ratio('twoRegions', 'loadDataReplicated', { least: 0.6 });
  add('twoRegions, seconds for all rows', scenarios.twoRegions?.details.seconds, { most: 20, unit: 's' });
  add('replication lag at full speed, p99', scenarios.twoRegions?.details.lagP99Ms, { unit: 'ms' });
  add("replication lag at the sample's pace, p99", scenarios.samplePace?.details.lagP99Ms, { most: 200, unit: 'ms' });
  ratio('tinyFilesPrimary', 'plainWorkerPrimary', { least: 2 });
  ratio('tinyFilesSecondary', 'plainWorkerSecondary', { least: 4 });
  ratio('drain', 'burst', { least: 1 });
  add('throttled invocations a file of a burst', scenarios.burst?.details.throttledPerFile, { most: 0.1 });
  add('executions of a burst at once', scenarios.burst?.details.openExecutions, { most: 50 });
  ratio('memory1Gb', 'memory100Mb', { most: 1.1 });
  add('memory for 1 GB', median('memory1Gb'), { most: 300, unit: 'MiB' });
  return ratios;
}

export const holds = ({ value, least, most }: Ratio): boolean =>
  value >= (least ?? -Infinity) && value <= (most ?? Infinity);
