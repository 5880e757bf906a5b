// Prints for `npm run erase` the objects that still contain the reviewer.
import { counted, printable } from '../printable.ts';
import type { Remains } from './find-remains.ts';

const untilText = (until: string | null) => (until === null ? 'nothing ends it' : `until ${until.slice(0, 10)}`);

export function remainsText(region: string, bucket: string, { remains, notLookedInto }: Remains): string {
  const lines = remains.map(({ kind, key, versionId, records, until }) => {
    const version = versionId === null ? '' : `  version ${printable(versionId)}`;
    const count = records === null ? '' : `  (${counted(records, 'record')})`;
    return `  ${kind.padEnd(16)}  ${untilText(until).padEnd(16)}  s3://${bucket}/${printable(key)}${version}${count}`;
  });
  const others = Object.entries(notLookedInto).map(
    ([prefix, count]) => `  not looked into: ${counted(count, 'file')} without rows under ${prefix}`,
  );
  return [`${region}: ${counted(remains.length, 'object')} may still contain the reviewer`, ...lines, ...others].join(
    '\n',
  );
}

/** Sources that had rows of the reviewer and that no bucket's reports name. */
export const unknownText = (sourceIds: readonly string[]): string =>
  [`No report names ${counted(sourceIds.length, 'source')} with rows of the reviewer:`, ...sourceIds].join('\n  ');

/** Nobody can erase a row from the database's backups. */
export const backupsText = `Backups of the database keep the rows as they were:
  each cluster's own backups for BackupRetentionDays days from now,
  snapshots of AWS Backup for BackupPlanDays days, where there is a plan (parameters of database/template.yaml),
  snapshots that a person made until a person deletes them.
After a restore from one of them, run this command again.`;
