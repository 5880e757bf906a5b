// Stands in for the package of this name in the bundles (template.yaml, Alias). mysql2 asks it for character sets that Node
// does not know itself; its tables are half a megabyte. Sessions of this service speak utf8mb4, which Node knows.
import { ConfigurationError } from '../errors.ts';

function refuse(encoding: string): never {
  throw new ConfigurationError(`the database answers in the character set ${encoding}, which is not bundled`);
}

export const getDecoder = refuse;
export const getEncoder = refuse;
