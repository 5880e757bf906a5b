// Decides how many sandboxes work at once. Lambda gives each a vCPU. Here both Regions, the servers and all sandboxes share the
// cores. Sixteen sandboxes that start at once on two cores mostly wait for each other.
import { availableParallelism } from 'node:os';

/** Template parameters. From 16 cores on, those of the template. At least two sandboxes per Region. */
export function fitMachine(cores: number = availableParallelism()): Record<string, string> {
  return { SourceConcurrency: '2', ChunkConcurrency: String(Math.min(4, Math.max(1, Math.floor(cores / 4)))) };
}
