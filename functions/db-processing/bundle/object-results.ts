// What the state machine gets of each object, within the bytes that a payload has.
import type { IdentifiedResult, ObjectHeaders, ObjectResult } from '../../shared/bundle-contract.ts';
import type { ChunkProgress, Source } from '../../shared/contract.ts';

/** Objects and results together. The state holds less than 10 KiB more. */
const maxBundleBytes = 250_000;
const aloneResult: ObjectResult = { alone: true };
const aloneBytes = 1 + Buffer.byteLength(JSON.stringify(aloneResult));
const messageCharacters = 300;

const identityOf = ({ sourceId, originBucket, checksum = '', format, uploadedAt }: Source) => ({
  sourceId,
  originBucket,
  checksum,
  format,
  ...(uploadedAt !== undefined && { uploadedAt }),
});

export const countedResult = (
  source: Source,
  chunk: ChunkProgress,
  headers: ObjectHeaders | undefined,
): IdentifiedResult => ({ ...identityOf(source), chunk, ...(headers && { headers }) });

export const errorResult = (source: Source, { name, message }: Error): IdentifiedResult => ({
  ...identityOf(source),
  error: { Error: name, Cause: message.slice(0, messageCharacters) },
});

const bytesOf = (value: unknown) => 1 + Buffer.byteLength(JSON.stringify(value));

/** What does not fit any more goes alone. Its rows may be there by then, and are found again. */
export function fitResults(bundle: { objects: readonly unknown[] }, results: readonly ObjectResult[]): ObjectResult[] {
  let room = maxBundleBytes - bytesOf(bundle) - bundle.objects.length * aloneBytes;
  return results.map((result) => {
    const more = Math.max(0, bytesOf(result) - aloneBytes);
    if (more > room) return aloneResult;
    room -= more;
    return result;
  });
}
