// A file that fails: half of a gzip file.
import { gzipSync } from 'node:zlib';
import type { Cloud, RegionName } from './cloud.ts';
import { reviewLines, upload } from './files.ts';

/** Its folder and its reviewers have the name. */
export async function uploadDamagedFile(cloud: Cloud, region: RegionName, name: string): Promise<void> {
  const whole = gzipSync(reviewLines(name, 2000));
  await upload(cloud, region, `${region}/${name}/a.jsonl.gz`, whole.subarray(0, whole.length / 2));
}
