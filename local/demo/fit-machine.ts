// How many sandboxes work at once. Lambda gives each of them a vCPU; here both Regions, the servers and all sandboxes
// share the cores, and sixteen that start at once on two of them mostly wait for each other.
import { availableParallelism } from 'node:os';

/** Template parameters: the template's own from 16 cores on, two sandboxes a Region at the least. */
export function fitMachine(cores: number = availableParallelism()): Record<string, string> {
  return { SourceConcurrency: '2', ChunkConcurrency: String(Math.min(4, Math.max(1, Math.floor(cores / 4)))) };
}
