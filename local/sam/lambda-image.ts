// Finds the image for `sam local invoke`: the image that LAMBDA_IMAGE names, or Amazon's, or the one that
// local/setup/lambda-image.sh built from packages. The set-up script uses the same order.
import { getContainerRuntimeClient, ImageName } from 'testcontainers';

/** Lambda's name of this machine's instruction set: an image for another one would have to be emulated. */
export const architecture = process.arch === 'x64' ? 'x86_64' : 'arm64';

const candidates = [`public.ecr.aws/lambda/nodejs:24-${architecture}`, 'book-reviews-local/lambda-nodejs:24'];

/** Undefined if there is none. SAM then pulls Amazon's. */
export async function findLambdaImage(): Promise<string | undefined> {
  const named = process.env.LAMBDA_IMAGE;
  if (named !== undefined && named !== '') return named;
  const { image } = await getContainerRuntimeClient();
  for (const candidate of candidates) if (await image.exists(ImageName.fromString(candidate))) return candidate;
  return undefined;
}
