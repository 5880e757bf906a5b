// The most memory that a sandbox has resident while it ingests one chunk of so many bytes.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeReviewFiles } from '../../local/reviews/make-reviews.ts';
import { stateDirectory } from '../../local/state-directory.ts';
import { emptyAlone, type Scenario } from '../stage.ts';
import { ingest, upload } from './pipeline.ts';

const bytesOfLine = 495;

const memory = (name: string, megabytes: number): Scenario => ({
  name,
  unit: 'MiB',
  once: true,
  before: emptyAlone,
  async turn({ alone: { region, memoryOf } }) {
    const directory = join(stateDirectory, 'bench', name);
    const [file] = await makeReviewFiles({
      region: region.name,
      reviews: Math.round((megabytes * 1e6) / bytesOfLine),
      directory,
      files: 1,
    });
    if (file === undefined) throw new Error('no file was made');
    // A sandbox that has done nothing else.
    await Promise.all(region.functions.DbProcessingFunction?.sandboxes().map((sandbox) => sandbox.kill()) ?? []);
    const { size } = await stat(file.path);
    const source = await upload(
      region,
      { path: file.path, sizeBytes: size },
      { chunkBytes: size, chunkConcurrency: 1 },
    );
    const begun = performance.now();
    const [result] = await ingest(region, source, 1);
    const seconds = (performance.now() - begun) / 1000;
    return { value: memoryOf(), details: { megabytes: size / 1e6, rows: result?.inserted ?? 0, seconds } };
  },
});

export const memories: Scenario[] = [memory('memory100Mb', 100), memory('memory1Gb', 1000)];
