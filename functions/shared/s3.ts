// The S3 client of a function, and the meaning of its errors to the state machine.
import { S3Client } from '@aws-sdk/client-s3';
import { ConfigurationError, SourceChangedError, TransientStorageError } from './errors.ts';

/**
 * One client per sandbox. Region, credentials and endpoint come from the environment, as the SDK reads them. The time-outs run until
 * the response's headers are there. So they bound a silent server, but not a long body. The longest answer to wait for is a
 * server-side copy (copy-object.ts keeps its parts small enough).
 */
export const createS3Client = () =>
  new S3Client({
    maxAttempts: 5,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
  });

/** Codes that only a person can fix: a missing permission or bucket, a key that may not be used. */
const configurationCodes = new Set([
  'AccessDenied',
  'AllAccessDisabled',
  'AuthorizationHeaderMalformed',
  'CredentialsProviderError',
  'Forbidden',
  'InvalidAccessKeyId',
  'InvalidBucketName',
  'KMS.DisabledException',
  'KMS.InvalidKeyUsageException',
  'KMS.KMSInvalidStateException',
  'KMS.NotFoundException',
  'NoSuchBucket',
  'PermanentRedirect',
  'SignatureDoesNotMatch',
]);

/** `name` is S3's code. An answer to HEAD has no body, so it only has a status. */
interface S3Failure {
  name?: string;
  $metadata?: { httpStatusCode?: number };
}

const statusOf = (error: unknown) => (error as S3Failure)?.$metadata?.httpStatusCode;

/** The object, or the version that `If-Match` pins, is not there. (416: shorter than it was.) */
export const isAbsent = (error: unknown) => {
  const status = statusOf(error);
  return (status === 404 && (error as S3Failure).name !== 'NoSuchBucket') || status === 412 || status === 416;
};

/** The object is archived: there, but only readable after a restore. */
export const isArchived = (error: unknown) => (error as S3Failure)?.name === 'InvalidObjectState';

/** A condition failed, or another writer was at the same key at the same time (S3 answers that with 409). */
export const isConflict = (error: unknown) => statusOf(error) === 412 || statusOf(error) === 409;

/**
 * The meaning of an error of the S3 client, after the client's retries. Errors of errors.ts pass through.
 * `doing` names the call and the key, e.g. `HEAD book-review/reviews/a.json`.
 */
export function storageError(error: unknown, doing: string): Error {
  if (error instanceof ConfigurationError || error instanceof SourceChangedError) return error;
  if (error instanceof TransientStorageError) return error;
  const name = (error as S3Failure)?.name ?? 'unknown error';
  const status = statusOf(error);
  const what = `S3: ${doing}: ${name}${status === undefined ? '' : ` (${status})`}`;
  if (configurationCodes.has(name) || status === 403 || status === 401) {
    return new ConfigurationError(what, { cause: error });
  }
  if (isAbsent(error)) return new SourceChangedError(what, { cause: error });
  return new TransientStorageError(what, { cause: error });
}

/** Whether the failure is transient and does not depend on the object. Other answers below 500 depend on the object, or on this code. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof TransientStorageError)) return false;
  const status = statusOf(error.cause);
  return status === undefined || status >= 500 || status === 408 || status === 429;
}

/** Awaits one S3 call and names its failure. */
export async function callS3<Output>(doing: string, call: Promise<Output>): Promise<Output> {
  try {
    return await call;
  } catch (error) {
    throw storageError(error, doing);
  }
}

/** As `callS3`, with null if the object (or the version that `If-Match` pins) is not there. */
export async function callS3OrNull<Output>(doing: string, call: Promise<Output>): Promise<Output | null> {
  try {
    return await call;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw storageError(error, doing);
  }
}
