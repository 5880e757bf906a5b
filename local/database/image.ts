// Finds the MySQL server image: the image that MYSQL_IMAGE names, or the official one, or the one that local/setup/mysql-image.sh
// built from Debian's packages. The set-up script uses the same order.
import { getContainerRuntimeClient, ImageName } from 'testcontainers';

const candidates = ['mysql:8.4', 'book-reviews-local/debian-mysql:9.7'];

/** @throws if there is none, saying how to get one. */
export async function findMysqlImage(): Promise<string> {
  const named = process.env.MYSQL_IMAGE;
  if (named !== undefined && named !== '') return named;
  const { image } = await getContainerRuntimeClient();
  for (const candidate of candidates) if (await image.exists(ImageName.fromString(candidate))) return candidate;
  throw new Error(
    `no MySQL image: run local/setup/set-up.sh, or set MYSQL_IMAGE (looked for ${candidates.join(', ')})`,
  );
}
