// Prints the figures and the proofs for a person.
import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Lag, Proof, RegionFigures } from './result.ts';

const number = (value: number) => Math.round(value).toLocaleString('en-US');
const milliseconds = (value: number) => (value < 10 ? value.toFixed(1) : number(value));
const coloured = (style: Parameters<typeof styleText>[0], text: string) =>
  styleText(style, text, { stream: process.stdout });

/** One column per Region, so that it stays narrow. Only the secondary has a replication lag. */
export function figuresTable(regions: Record<string, RegionFigures>, lag: Lag): string {
  const columns = Object.entries(regions);
  const table = new Table({
    head: ['', ...columns.map(([region]) => region)],
    colAligns: ['left', ...columns.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  const row = (title: string, cell: (figures: RegionFigures) => string) =>
    table.push([title, ...columns.map(([, figures]) => cell(figures))]);
  row('role', ({ role }) => role);
  row('files', ({ sources }) => number(sources));
  for (const outcome of ['failed', 'pending'] as const) {
    const any = columns.some(([, { outcomes }]) => outcomes[outcome] > 0);
    if (any) row(`files ${outcome}`, ({ outcomes }) => number(outcomes[outcome]));
  }
  row('lines', ({ lines }) => number(lines));
  row('inserted', ({ inserted }) => number(inserted));
  row('already present', ({ alreadyPresent }) => number(alreadyPresent));
  row('rejected', ({ rejected }) => number(rejected));
  row('blank', ({ blank }) => number(blank));
  row('seconds', ({ durationMs }) => (durationMs / 1000).toFixed(1));
  row('rows/s', ({ rowsPerSecond }) => number(rowsPerSecond));
  row('replication lag p50 / p99 / max', ({ role }) =>
    role === 'primary' ? '-' : `${[lag.p50, lag.p99, lag.max].map(milliseconds).join(' / ')} ms`,
  );
  return table.toString();
}

export function proofLines(proofs: Proof[]): string {
  return proofs
    .map(({ name, ok, detail }) => {
      const verdict = ok ? coloured('green', '    ok') : coloured(['red', 'bold'], 'NOT OK');
      return `${verdict}  ${name}${detail === '' ? '' : `\n        ${coloured('dim', detail.replaceAll('\n', '\n        '))}`}`;
    })
    .join('\n');
}
