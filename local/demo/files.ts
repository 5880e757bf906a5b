// The files that a run uploads in a Region: made ones, or those that a person names.

import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { failedPrefix } from '../../functions/shared/keys.ts';
import { makeReviewFiles, type ReviewFile } from '../reviews/make-reviews.ts';
import { countIndependently } from '../reviews/read-independently.ts';
import type { UploadedFile } from './evidence.ts';

/** `inputs` instead of made files where there are any. `directory` is for made ones; what it held is removed. */
export async function filesOf(
  region: string,
  { inputs, reviews, directory }: { inputs: string[] | undefined; reviews: number; directory: string },
  say: (line: string) => void,
): Promise<UploadedFile[]> {
  const own = join(directory, region);
  await rm(own, { recursive: true, force: true });
  const files = inputs ? await namedFiles(inputs) : await makeReviewFiles({ region, reviews, directory: own });
  return Promise.all(
    files.map(async (file) => ({
      ...file,
      made: inputs === undefined,
      expected: await countIndependently(file.path).catch((error: Error) => {
        say(`${file.path} cannot be read as a whole (${error.message}); it should end under ${failedPrefix}`);
        return { lines: 0, blank: 0, rejected: 0, reviews: 0 };
      }),
    })),
  );
}

/** Under their own names; a name that is taken gets a number in front. */
async function namedFiles(paths: string[]): Promise<ReviewFile[]> {
  const taken = new Set<string>();
  const files: ReviewFile[] = [];
  for (const path of paths) {
    let name = basename(path);
    for (let number = 2; taken.has(name); number++) name = `${number}-${basename(path)}`;
    taken.add(name);
    files.push({ name, path, sizeBytes: (await stat(path)).size });
  }
  return files;
}
