// Keeps V8's young generation as small as at the start. Lambda's runtime lets it grow to 5% of the memory, 88 of 1,769 MB, and an ingest
// makes it grow. Then the buffers of a body, which lie outside of the heap, wait long for a collection. Also, V8 marks the whole heap again
// and again: it starts as soon as the old generation has no room for a full young one (docs/performance.md).
// Lambda's command line overrides NODE_OPTIONS. So set it here, before anything else is loaded.
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--semi-space-growth-factor=1');
