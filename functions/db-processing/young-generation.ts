// Keeps V8's young generation as small as it begins. Lambda's runtime lets it grow to 5% of the memory, 88 of 1,769 MB, and an ingest
// makes it grow. Then a body's buffers, which lie outside of the heap, wait long for a collection; and V8 marks the whole heap again
// and again, since it begins to as soon as the old generation could not take in a full young one (docs/performance.md).
// The command line is Lambda's own and counts for more than NODE_OPTIONS; so it is said here, before anything else is loaded.
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--semi-space-growth-factor=1');
