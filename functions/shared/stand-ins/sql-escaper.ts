// Stands in for the package of this name in the bundles (template.yaml, Alias). mysql2 asks it to put values into a statement. The
// statements of this service are complete (functions/shared/sql-text.ts), so the package's 9 KB would never run.
import { ConfigurationError } from '../errors.ts';

function refuse(): never {
  throw new ConfigurationError('a statement with values to escape: that is not bundled');
}

export { refuse as escape, refuse as escapeId, refuse as format, refuse as raw };
