// Every error name that the state machine may match, each a class of its own. `name` is a literal because the bundles
// are minified: a class name would not survive, and the state machine matches names.

/** The payload, or the object itself, can never be ingested: not JSON, a truncated gzip, an unterminated JSON array. Never retried. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/** The deployment is wrong: a missing variable, a missing privilege, a schema that was not migrated. Never retried; a person must act. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** The object that was planned is not there any more, or has other content. Never retried; other content is another source. */
export class SourceChangedError extends Error {
  override readonly name = 'SourceChangedError';
}

/** The database, or the way to it, failed in a way that passes. Retried; the source stays pending when retries run out. */
export class TransientDatabaseError extends Error {
  override readonly name = 'TransientDatabaseError';
}

/** Rows were written but were not readable in this Region within the bound. Retried; a chunk is never called done on it. */
export class IncompleteIngestError extends Error {
  override readonly name = 'IncompleteIngestError';
}

/** S3 failed, or a body stalled or broke off, in a way that passes. Retried. */
export class TransientStorageError extends Error {
  override readonly name = 'TransientStorageError';
}

/** Names after which a source can never succeed as it is: postprocess files it under failed/ instead of leaving it pending. */
export const permanentErrorNames: readonly string[] = ['InvalidInputError', 'SourceChangedError'];
