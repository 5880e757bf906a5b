// Provides the files that a run uploads in a Region: made files, or files that a person names.

import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeReviewFiles, type ReviewFile } from '../reviews/make-reviews.ts';
import { type Counts, countIndependently } from '../reviews/read-independently.ts';
import type { UploadedFile } from './evidence.ts';

/** Uses `inputs` if there are any, and made files otherwise. `directory` is for made files. Its old content is removed. */
export async function filesOf(
  region: string,
  { inputs, reviews, directory }: { inputs: string[] | undefined; reviews: number; directory: string },
  say: (line: string) => void,
): Promise<UploadedFile[]> {
  const own = join(directory, region);
  await rm(own, { recursive: true, force: true });
  const files = inputs ? await namedFiles(inputs) : await makeReviewFiles({ region, reviews, directory: own });
  const made = inputs === undefined;
  return Promise.all(files.map(async (file) => ({ ...file, made, expected: await countOf(file.path, say) })));
}

/** The independent reading knows JSON lines and arrays of a few record formats. A file in which it finds no review may have another format. */
async function countOf(path: string, say: (line: string) => void): Promise<Counts | null> {
  const counts = await countIndependently(path).catch(() => null);
  if (counts !== null && (counts.reviews > 0 || counts.lines === counts.blank)) return counts;
  say(`${basename(path)} is of a format that the independent reading does not know: its lines are not compared`);
  return null;
}

/** Keeps the names. If a name is taken, puts a number before it. */
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
