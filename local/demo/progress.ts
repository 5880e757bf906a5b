// Shows the progress of the Regions: bars on a terminal, and one line per quarter elsewhere.
import cliProgress from 'cli-progress';

export interface Progress {
  /** Reports a Region's numbers of accounted lines and finished sources. */
  advance(region: string, lines: number, sources: number): void;
  /** Prints a line for a person, above the bars if there are any. */
  say(line: string): void;
  end(): void;
}

type Totals = Record<string, { lines: number; sources: number }>;

/** `print` writes a line; `timed` puts the time in front of one. */
export function showProgress(totals: Totals, print: (line: string) => void, timed: (line: string) => string): Progress {
  const say = (line: string) => print(timed(line));
  return process.stdout.isTTY ? bars(totals, timed) : quarters(totals, say);
}

function bars(totals: Totals, timed: (line: string) => string): Progress {
  const width = Math.max(...Object.keys(totals).map((region) => region.length));
  const many = new cliProgress.MultiBar(
    {
      format:
        '  {region} {bar} {percentage}%  {value}/{total} lines  {sources}/{allSources} files  {duration_formatted}',
      barsize: 24,
      hideCursor: true,
      // The run handles signals, because it must first stop everything that it started.
      gracefulExit: false,
      noTTYOutput: false,
    },
    cliProgress.Presets.shades_classic,
  );
  const bar = Object.fromEntries(
    Object.entries(totals).map(([region, { lines, sources }]) => [
      region,
      many.create(lines, 0, { region: region.padEnd(width), sources: 0, allSources: sources }),
    ]),
  );
  return {
    advance: (region, lines, sources) => bar[region]?.update(lines, { sources }),
    say: (line) => many.log(`${timed(line)}\n`),
    end: () => many.stop(),
  };
}

function quarters(totals: Totals, say: (line: string) => void): Progress {
  const shown: Record<string, number> = {};
  return {
    advance(region, lines, sources) {
      const total = totals[region];
      if (total === undefined || total.lines === 0) return;
      // The total leaves out lines of formats that only the product reads.
      const quarter = Math.min(4, Math.floor((4 * lines) / Math.max(1, total.lines)));
      if (quarter <= (shown[region] ?? 0) || sources > total.sources) return;
      shown[region] = quarter;
      say(
        `  ${region}  ${String(quarter * 25).padStart(3)}%  ${lines.toLocaleString('en-US')} of ${total.lines.toLocaleString('en-US')} lines, ${sources} of ${total.sources} files`,
      );
    },
    say,
    end() {},
  };
}
