// `npm run rejected -- --region R [--file KEY] [--reason X]`: shows rejected lines.
import { reportFailure } from './command-line.ts';
import { counted, printable, printableJson, printableUpTo } from './printable.ts';
import { openRegion } from './region-access.ts';
import { parseRejectedOptions, rejectedUsage } from './rejected/options.ts';
import { type FoundRecord, readRejected } from './rejected/read-rejected.ts';

/** Characters to show of a line. --json prints the whole line. */
const shownCharacters = 160;

function textOf({ offset, reason, line, lineEncoding, truncated }: FoundRecord): string {
  const notes = [lineEncoding && `as ${lineEncoding}`, truncated && 'only the beginning was kept'].filter(Boolean);
  const note = notes.length > 0 ? ` (${notes.join(', ')})` : '';
  return `  ${String(offset).padStart(12)}  ${printable(reason)}${note}  ${printableUpTo(line, shownCharacters)}`;
}

try {
  const options = parseRejectedOptions(process.argv.slice(2));
  if (options === null) console.log(rejectedUsage);
  else {
    const region = await openRegion(options);
    const byReason = new Map<string, number>();
    let sourceId = '';
    let files = 0;
    let records = 0;
    let isCut = false;
    for await (const record of readRejected(options, region)) {
      if (records === options.limit) {
        isCut = true;
        break;
      }
      records += 1;
      byReason.set(record.reason, (byReason.get(record.reason) ?? 0) + 1);
      if (record.sourceId !== sourceId) {
        sourceId = record.sourceId;
        files += 1;
        if (!options.json) console.log(`${printable(record.file)}  (source ${sourceId})`);
      }
      console.log(options.json ? printableJson(record) : textOf(record));
    }
    const reasons = [...byReason].map(([reason, count]) => `${count.toLocaleString('en-US')} ${printable(reason)}`);
    const sum = `${counted(records, 'rejected record')} in ${counted(files, 'file')}`;
    if (!options.json) console.log([sum, ...reasons].join('\n  '));
    if (isCut) console.error('There are more: raise --limit.');
    region.close();
  }
} catch (error) {
  reportFailure('rejected', error);
}
