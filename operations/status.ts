// `npm run status -- --region R [FILE]`: says what became of a file, or of all files. Status 3 if the file is unknown.
import type { RowCounts } from '../functions/shared/contract.ts';
import { reportFailure } from './command-line.ts';
import { printableJson } from './printable.ts';
import { openRegion } from './region-access.ts';
import { parseStatusOptions, statusUsage } from './status/options.ts';
import { readStatus } from './status/read-status.ts';
import { nothingKnown, statusText } from './status/status-text.ts';

try {
  const options = parseStatusOptions(process.argv.slice(2));
  if (options === null) console.log(statusUsage);
  else {
    const { file, limit, json, rows } = options;
    const region = await openRegion(options);
    const countRows = async (countRows: string[]) =>
      (await region.invoke('DbProcessingFunction', { countRows })) as RowCounts;
    const read = await readStatus(file, limit, { ...region, countRows: rows ? countRows : null });
    const text = read.files.length > 0 ? statusText(read, region.bucket) : nothingKnown(file, region.bucket);
    console.log(json ? printableJson({ bucket: region.bucket, ...read }, 2) : text);
    process.exitCode = read.files.length === 0 && file !== '' ? 3 : 0;
    region.close();
  }
} catch (error) {
  reportFailure('status', error);
}
