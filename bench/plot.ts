// Rows a second against the round trip, as SVG: the pipeline, and row after row from the same place.
import type { BenchResult } from './figures.ts';

const width = 640;
const height = 340;
const left = 70;
const right = 610;
const top = 40;
const bottom = 280;

interface Point {
  rttMs: number;
  median: number;
  min: number;
  max: number;
}

/** Points are medians, bars reach from the slowest turn to the quickest. Null if the figures lack a round trip. */
export function plotOf({ scenarios, rows, machine }: BenchResult): string | null {
  const points = [0, 12, 80].flatMap((rttMs): Point[] => {
    const figure = scenarios[`pipelineForwarded${rttMs}`]?.figure;
    return figure === undefined ? [] : [{ rttMs, median: figure.median, min: figure.min, max: figure.max }];
  });
  if (points.length < 3) return null;
  const rowByRow = scenarios.rowByRowForwarded80?.figure.median;
  const most = Math.ceil(Math.max(...points.map(({ max }) => max)) / 20_000) * 20_000;
  const x = (rttMs: number) => left + 30 + ((right - left - 60) * rttMs) / 80;
  const y = (value: number) => bottom - ((bottom - top) * value) / most;
  const at = (value: number) => value.toFixed(1);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = share * most;
    return `<line x1="${left}" x2="${right}" y1="${at(y(value))}" y2="${at(y(value))}" class="grid"/><text x="${left - 8}" y="${at(y(value) + 4)}" text-anchor="end">${Math.round(value).toLocaleString('en-US')}</text>`;
  });
  const bars = points.map(
    ({ rttMs, median, min, max }) =>
      `<line x1="${at(x(rttMs))}" x2="${at(x(rttMs))}" y1="${at(y(min))}" y2="${at(y(max))}" class="spread"/><circle cx="${at(x(rttMs))}" cy="${at(y(median))}" r="4.5" class="dot"/><text x="${at(x(rttMs) + 9)}" y="${at(y(median) - 9)}">${Math.round(median).toLocaleString('en-US')}</text><text x="${at(x(rttMs))}" y="${bottom + 20}" text-anchor="middle">${rttMs} ms</text>`,
  );
  const other =
    rowByRow === undefined
      ? ''
      : `<circle cx="${at(x(80))}" cy="${at(y(rowByRow))}" r="4.5" class="other"/><text x="${at(x(80) - 9)}" y="${at(y(rowByRow) - 9)}" text-anchor="end">row after row: ${Math.round(rowByRow).toLocaleString('en-US')}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Rows a second from the secondary Region against the round trip to the primary">
<style>text{font:12px system-ui,sans-serif;fill:#57606a}.title{font-size:14px;fill:#24292f}.grid{stroke:#d0d7de;stroke-width:1}.line{fill:none;stroke:#0969da;stroke-width:2}.dot{fill:#0969da}.spread{stroke:#0969da;stroke-width:2;opacity:.45}.other{fill:#bc4c00}</style>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${left}" y="22" class="title">Rows a second from the secondary Region, by round trip to the primary</text>
${grid.join('\n')}
<polyline points="${points.map(({ rttMs, median }) => `${at(x(rttMs))},${at(y(median))}`).join(' ')}" class="line"/>
${bars.join('\n')}
${other}
<text x="${left}" y="${height - 12}">${rows.toLocaleString('en-US')} rows, medians; ${machine.cores} cores for client, both servers and forwarding</text>
</svg>
`;
}
