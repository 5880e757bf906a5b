// Stands in for the package of this name in the bundles (template.yaml, Alias). mysql2 asks it for character sets that Node
// does not know. Its tables have half a megabyte. Sessions of this service use utf8mb4, which Node knows.
import { ConfigurationError } from '../errors.ts';

function refuse(encoding: string): never {
  throw new ConfigurationError(`the database answers in the character set ${encoding}, which is not bundled`);
}

/** mysql2 reads bytes before a session has its character set, such as the greeting, as CESU-8: UTF-8 up to U+FFFF. */
export const getDecoder = (encoding: string) =>
  encoding === 'cesu8' ? { write: (bytes: Buffer) => bytes.toString('utf8'), end: () => '' } : refuse(encoding);
export const getEncoder = refuse;
