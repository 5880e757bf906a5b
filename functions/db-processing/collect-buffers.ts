// The body of a chunk comes in buffers, which lie outside of the heap. Each is garbage as soon as its lines are rows, but the
// heap holds so little else that the young generation is seldom collected by itself: Lambda gives it 88 MB. In the end the
// engine collects the whole heap for the buffers' sake, again and again, and what it holds grows meanwhile (docs/performance.md).

/** A young collection takes half a millisecond, the reading of so many bytes tens of them. */
const everyBytes = 4 * 1024 * 1024;

/** Returns a function that is told how far the reading has come, and collects the young generation from time to time. */
export function createBufferCollector(collect = globalThis.gc): (offset: number) => void {
  let next: number | undefined;
  return (offset) => {
    next ??= offset + everyBytes;
    if (offset < next) return;
    next = offset + everyBytes;
    // There where Node was started with --expose-gc, as Lambda's runtime does.
    collect?.({ type: 'minor', execution: 'sync' });
  };
}
