// `npm run make-reviews`: makes review files to upload, as the demo does. The same options give the same files.
import { join } from 'node:path';
import { OptionError, parseFlags, reportFailure, wholeNumber } from '../operations/command-line.ts';
import { makeReviewFiles } from './reviews/make-reviews.ts';

const usage = `Usage: npm run make-reviews -- [options]

Writes review files that look as real ones do, dirt included: JSON lines, one gzip file and one JSON array a Region.

  --region R     a Region to make files for; may be given many times (default us-east-1 and us-east-2)
  --reviews N    reviews per Region (default 20000)
  --files N      files per Region (default 8)
  --seed TEXT    other reviews for another text (default book-reviews)
  --out DIR      the files go into DIR/REGION (default local/.state/made-reviews)
  --help         this text
`;

const options = {
  region: { type: 'string', multiple: true, default: ['us-east-1', 'us-east-2'] as string[] },
  reviews: { type: 'string', default: '20000' },
  files: { type: 'string', default: '8' },
  seed: { type: 'string', default: 'book-reviews' },
  out: { type: 'string', default: join(import.meta.dirname, '.state/made-reviews') },
  help: { type: 'boolean', default: false },
} as const;

function parse() {
  const values = parseFlags(process.argv.slice(2), options);
  const strange = values.region.find((region) => !/^[a-z0-9-]+$/.test(region));
  if (strange !== undefined) throw new OptionError(`--region takes the name of a Region, not '${strange}'`);
  return {
    ...values,
    reviews: wholeNumber('--reviews', values.reviews, 1, 99_999_999),
    files: wholeNumber('--files', values.files, 1, 99_999_999),
  };
}

async function makeReviews({ region: regions, reviews, files, seed, out, help }: ReturnType<typeof parse>) {
  if (help) {
    console.log(usage);
    return;
  }
  for (const region of regions) {
    const directory = join(out, region);
    for (const { path, sizeBytes } of await makeReviewFiles({ region, reviews, files, seed, directory })) {
      console.log(`${(sizeBytes / 1e6).toFixed(1).padStart(8)} MB  ${path}`);
    }
  }
}

try {
  await makeReviews(parse());
} catch (error) {
  reportFailure('make-reviews', error);
}
