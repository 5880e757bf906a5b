// Finds the file that a person means, and the prefixes by which S3 lists its objects.
import {
  completedPrefix,
  failedPrefix,
  pendingPrefix,
  rejectedKey,
  rejectedPrefix,
  rootPrefix,
  withdrawnPrefix,
} from '../functions/shared/keys.ts';

/**
 * The key of the upload, below the pending prefix. It may be given in whole, without the prefix, or as the file's key
 * under completed/, failed/ or withdrawn/, with or without the source's id at its end. A prefix of a key is completed in the same way.
 * `s3://BUCKET/` may stand before it, as these commands print it.
 */
export function uploadKeyOf(named: string): string {
  const text = named.replace(/^s3:\/\/[^/]+\//, '');
  for (const prefix of [completedPrefix, failedPrefix, withdrawnPrefix]) {
    if (text.startsWith(prefix)) return pendingPrefix + text.slice(prefix.length).replace(/\.[0-9a-f]{32}$/, '');
  }
  return text.startsWith(rootPrefix) ? text : pendingPrefix + text;
}

/** The part of a key with which names of reports and rejected records always begin. S3's limit may cut the rest. */
const surelyKeptBytes = 800;

/** `prefix` + the common beginning of all names that belong to sources whose key begins with `uploadKey`. */
export function listingPrefix(prefix: string, uploadKey: string): string {
  let kept = '';
  let bytes = 0;
  for (const character of uploadKey.slice(pendingPrefix.length)) {
    bytes += Buffer.byteLength(character);
    if (bytes > surelyKeptBytes) break;
    kept += character;
  }
  return prefix + kept;
}

const noId = '0'.repeat(32);

/** The names of a file's rejected records: `stem` + a source's id + `/`. */
export const rejectedStem = (uploadKey: string): string =>
  rejectedKey({ key: uploadKey, sourceId: noId }, 0).split(`${noId}/`)[0] ?? '';

/** The file's name and the source of an object of rejected records, or null if a person put something else there. */
export function rejectedNameOf(objectKey: string): { file: string; sourceId: string } | null {
  const [, name, sourceId] =
    /^(.*)\.([0-9a-f]{32})\/(?:whole\/)?\d+\.jsonl$/s.exec(objectKey.slice(rejectedPrefix.length)) ?? [];
  return name === undefined || sourceId === undefined ? null : { file: pendingPrefix + name, sourceId };
}
