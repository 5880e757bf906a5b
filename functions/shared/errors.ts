// One class for every error name that the state machine may match. `name` is a literal because the bundles
// are minified: a class name would not survive, and the state machine matches names.

/** The object can never be ingested as it is: a truncated gzip, an unterminated JSON array. Never retried. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/** The deployment is wrong: a missing variable, a missing privilege, a schema that was not migrated. Never retried. A person must act. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** The planned object is gone, or has other content. Never retried. Other content is another source. */
export class SourceChangedError extends Error {
  override readonly name = 'SourceChangedError';
}

/** The database, or the network to it, failed for a while. Retried. When retries run out, the source stays pending. */
export class TransientDatabaseError extends Error {
  override readonly name = 'TransientDatabaseError';
}

/** Rows were written but could not be read in this Region in time. Retried. The chunk is not done. */
export class IncompleteIngestError extends Error {
  override readonly name = 'IncompleteIngestError';
}

/** S3 failed for a while, or a body stalled or broke off. Retried. */
export class TransientStorageError extends Error {
  override readonly name = 'TransientStorageError';
}

/** The payload does not fit the contract. This can happen during a deployment. The source is not the reason, and stays pending. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

/** The object is in a format that this service does not read, such as Parquet or a zip. Never retried. */
export class UnsupportedFormatError extends Error {
  override readonly name = 'UnsupportedFormatError';
}

/** A source that was cut into chunks by byte range has values over several lines. It is planned again, as one chunk. */
export class NotLinesError extends Error {
  override readonly name = 'NotLinesError';
}

/** The bytes that were read do not have the checksum of the object. Never retried. */
export class ChecksumMismatchError extends Error {
  override readonly name = 'ChecksumMismatchError';
}

/** The table has rows of this source that do not come from its lines. Never retried. After their withdrawal, the file can be uploaded again. */
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
