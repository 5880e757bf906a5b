// The sample events of events/ name us-east-1 and its bucket. For another Region they are rewritten with its names, and
// with the id that the sample has as a source of that Region.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chunkTask, parsePayload } from '../../functions/shared/contract.ts';
import { sourceIdOf } from '../../functions/shared/source-id.ts';

const sampleRegion = 'us-east-1';

/** @returns the directory with the events of a Region: `from` itself, or one below `to`, with the same file names. */
export async function sampleEventsOf(region: string, { from, to }: { from: string; to: string }): Promise<string> {
  if (region === sampleRegion) return from;
  const directory = join(to, `events.${region}`);
  await mkdir(directory, { recursive: true });
  const { source } = parsePayload(chunkTask, JSON.parse(await readFile(join(from, 'db-processing.json'), 'utf8')));
  const originBucket = source.originBucket.replace(sampleRegion, region);
  const sourceId = sourceIdOf({ ...source, originBucket, checksum: source.checksum ?? '' });
  for (const name of (await readdir(from)).filter((file) => file.endsWith('.json'))) {
    const text = await readFile(join(from, name), 'utf8');
    const written = text.replaceAll(sampleRegion, region).replaceAll(source.sourceId, sourceId);
    await writeFile(join(directory, name), written);
  }
  return directory;
}
