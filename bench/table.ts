// The figures for a person at a terminal.
import type { BenchResult, Ratio, ScenarioResult } from './figures.ts';
import { holds } from './ratios.ts';

export const rounded = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value < 10 ? 2 : 1);

export const scenarioLine = (name: string, { unit, figure, details }: ScenarioResult): string =>
  `${name.padEnd(24)}${rounded(figure.median).padStart(10)} ${unit.padEnd(7)}${`${rounded(figure.min)} to ${rounded(figure.max)}`.padEnd(22)}${Object.entries(
    details,
  )
    .map(([what, value]) => `${what} ${rounded(value)}`)
    .join('  ')}`;

export function ratioLine(ratio: Ratio): string {
  const { name, value, least, most, unit = '' } = ratio;
  const bound = least !== undefined ? `at least ${least}` : most !== undefined ? `at most ${most}` : '';
  const verdict = bound === '' ? '' : holds(ratio) ? 'holds' : 'MISSED';
  return `${name.padEnd(46)}${rounded(value).padStart(8)} ${unit.padEnd(4)}${bound.padEnd(16)}${verdict}`;
}

export function tableOf({ machine, rows, bytesPerLine, repeats, sandboxes, scenarios, ratios }: BenchResult): string {
  return [
    `${rows.toLocaleString('en-US')} rows of ${bytesPerLine} bytes a Region, ${repeats} turns, ${sandboxes} sandboxes; ${machine.cores} cores (${machine.cpu}), load ${machine.loadAverageBefore.toFixed(1)} before, Node ${machine.node}, MySQL ${machine.mysql}`,
    '',
    ...Object.entries(scenarios).map(([name, result]) => scenarioLine(name, result)),
    '',
    ...ratios.map(ratioLine),
  ].join('\n');
}
