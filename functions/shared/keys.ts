// Where objects live in a Region's bucket.
import type { Source } from './contract.ts';

export const rootPrefix = 'book-review/';
export const pendingPrefix = `${rootPrefix}reviews/`;
export const completedPrefix = `${rootPrefix}completed/`;
export const failedPrefix = `${rootPrefix}failed/`;
export const withdrawnPrefix = `${rootPrefix}withdrawn/`;
export const rejectedPrefix = `${rootPrefix}rejected/`;
export const reportsPrefix = `${rootPrefix}reports/`;
export const summariesPrefix = `${rootPrefix}summaries/`;

/**
 * Metadata by which an object that was filed says which source it is. A copy keeps it, so one that is put back says so too. Uploaders
 * can write it as well: it is a hint, which the report must confirm (functions/shared/identify-source.ts).
 */
export const sourceIdMetadata = 'source-id';
export const originMetadata = 'origin-bucket';

/** S3's limit on a key, in bytes of UTF-8. */
const maxKeyBytes = 1024;

type Keyed = Pick<Source, 'sourceId' | 'key'>;

/** `prefix` + the key below pending + `suffix`; where that is too long for S3, the key is cut and the source id keeps it unique. */
function keyUnder(prefix: string, { key, sourceId }: Keyed, suffix: string): string {
  const relative = key.startsWith(pendingPrefix) ? key.slice(pendingPrefix.length) : key;
  const whole = prefix + relative + suffix;
  if (Buffer.byteLength(whole) <= maxKeyBytes) return whole;
  const tail = suffix.includes(sourceId) ? suffix : `.${sourceId}${suffix}`;
  let room = maxKeyBytes - Buffer.byteLength(prefix) - Buffer.byteLength(tail);
  let cut = '';
  for (const character of relative) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    cut += character;
  }
  return prefix + cut + tail;
}

/** Where a completed source goes: under its own name, unless another source holds that already. */
export const completedKey = (source: Keyed) => keyUnder(completedPrefix, source, '');
export const failedKey = (source: Keyed) => keyUnder(failedPrefix, source, '');
/**
 * The names for the case that the one before is taken, by another source with the same key or by a file that was uploaded under such a
 * name. `attempt` counts from 1.
 */
export const completedKeyById = (source: Keyed, attempt = 1) =>
  keyUnder(completedPrefix, source, suffixById(source, attempt));
export const failedKeyById = (source: Keyed, attempt = 1) =>
  keyUnder(failedPrefix, source, suffixById(source, attempt));
const suffixById = ({ sourceId }: Keyed, attempt: number) =>
  attempt === 1 ? `.${sourceId}` : `.${sourceId}.${attempt}`;
/** Always with the id: a withdrawal that is repeated finds its own file, and no other file is in its way. */
export const withdrawnKey = (source: Keyed) => keyUnder(withdrawnPrefix, source, `.${source.sourceId}`);
export const reportKey = (source: Keyed) => keyUnder(reportsPrefix, source, `.${source.sourceId}.json`);
/** What the keys of all reports on an upload with this key begin with. */
export const reportKeyPrefix = (key: string) => {
  const sourceId = '0'.repeat(32);
  return reportKey({ key, sourceId }).slice(0, -`${sourceId}.json`.length);
};
/**
 * One object of rejected records, named by the offset of the first, so that a repeated chunk overwrites its own. A source that is read as
 * a whole has a folder for it: it may have been read as lines before, and that reading's objects do not count.
 */
export const rejectedKey = (source: Keyed & Partial<Pick<Source, 'format'>>, firstOffset: number) =>
  keyUnder(rejectedPrefix, source, rejectedSuffix(source, firstOffset));
const rejectedSuffix = ({ sourceId, format }: Keyed & Partial<Pick<Source, 'format'>>, firstOffset: number) =>
  `.${sourceId}/${format === 'whole' ? 'whole/' : ''}${String(firstOffset).padStart(16, '0')}.jsonl`;
/** @param date `YYYY-MM-DD`, in UTC */
export const summaryKey = (date: string, extension: 'json' | 'html') =>
  `${summariesPrefix}${date}/summary.${extension}`;
