// Stands in for the package of this name in the bundles (template.yaml, Alias). mysql2 asks it for character sets that Node
// does not know itself; its tables are half a megabyte. Sessions of this service speak utf8mb4, which Node knows.
import { ConfigurationError } from '../errors.ts';

function refuse(encoding: string): never {
  throw new ConfigurationError(`the database answers in the character set ${encoding}, which is not bundled`);
}

/** What comes before a session has its character set, the server's greeting first, mysql2 reads as CESU-8: UTF-8 up to U+FFFF. */
export const getDecoder = (encoding: string) =>
  encoding === 'cesu8' ? { write: (bytes: Buffer) => bytes.toString('utf8'), end: () => '' } : refuse(encoding);
export const getEncoder = refuse;
