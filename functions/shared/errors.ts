// Every error name that the state machine may match, each a class. `name` is a literal because the bundles
// are minified: a class name would not survive, and the state machine matches names.

/** The object can never be ingested as it is: a truncated gzip, an unterminated JSON array. Never retried. */
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

/** The payload does not fit the contract, as it may during a deployment. The source is not to blame and stays pending. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

/** The object is in a format that this service does not read, such as Parquet or a zip. Never retried. */
export class UnsupportedFormatError extends Error {
  override readonly name = 'UnsupportedFormatError';
}

/** A source that is cut into chunks by byte range holds values of several lines. It is planned again, as one chunk. */
export class NotLinesError extends Error {
  override readonly name = 'NotLinesError';
}

/** The bytes that were read do not have the checksum of the object. Never retried. */
export class ChecksumMismatchError extends Error {
  override readonly name = 'ChecksumMismatchError';
}

/** The table holds rows of this source that its lines do not make. Never retried; once they are withdrawn, the file can be uploaded again. */
export class SurplusRowsError extends Error {
  override readonly name = 'SurplusRowsError';
}

/** The file has the content of another one, and SameContent says to skip it. Never retried. */
export class SameContentError extends Error {
  override readonly name = 'SameContentError';
}

/** The source was withdrawn, or failed, after this execution began. Never retried: its rows must not come back. */
export class SourceWithdrawnError extends Error {
  override readonly name = 'SourceWithdrawnError';
}

/** Names after which a source can never succeed as it is: postprocess files it under failed/ instead of leaving it pending. */
export const permanentErrorNames: readonly string[] = [
  'InvalidInputError',
  'SourceChangedError',
  'UnsupportedFormatError',
  'ChecksumMismatchError',
  'SurplusRowsError',
  'SameContentError',
];
