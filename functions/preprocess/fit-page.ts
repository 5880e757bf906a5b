/**
 * Bytes of a page's JSON. A state's payload is at most 262,144 bytes, and it also holds the execution's input
 * (a Pipe's batch of events); 56 KiB are left for that.
 */
export const maxPageBytes = 200 * 1024;

/** Where the page takes the place of the input. What is left is for the keys of objects that go alone (plan-bundles.ts). */
export const maxBundlePageBytes = 225_000;

/** `{"sources":[],"dropped":{...every reason...},"cursor":"..."}` without the cursor, which is a key: at most 1,024 bytes, six times that in JSON escapes. */
const envelopeBytes = 512 + 6 * 1024;

/** How many of `sources`, from the first on, fit into a page; at least one, however large. */
export function countThatFit(sources: readonly unknown[], pageBytes = maxPageBytes): number {
  let room = pageBytes - envelopeBytes;
  let count = 0;
  for (const source of sources) {
    room -= Buffer.byteLength(JSON.stringify(source)) + 1;
    if (room < 0 && count > 0) break;
    count++;
  }
  return count;
}
