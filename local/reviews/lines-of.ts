// Lists the lines that a splitter finds in a block.
import { type Line, type LineSplitter, lineAt } from '../../functions/db-processing/split-lines.ts';

export function linesOf({ tooLong, run }: ReturnType<LineSplitter['push']>, maxBytes?: number): Line[] {
  const lines: Line[] = tooLong ? [tooLong] : [];
  for (let at = run.from; at < run.to; ) {
    const line = lineAt(run, at, maxBytes);
    lines.push(line);
    at += line.nextOffset - line.offset;
  }
  return lines;
}
