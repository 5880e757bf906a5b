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

/** The statuses of S3's answers that this service acts on. */
export const httpStatus = {
  unauthorized: 401,
  forbidden: 403,
  missing: 404,
  timedOut: 408,
  conflict: 409,
  conditionFailed: 412,
  rangeBeyondEnd: 416,
  tooMany: 429,
  serverFault: 500,
} as const;

export const statusOf = (error: unknown) => (error as S3Failure)?.$metadata?.httpStatusCode;

/** The object, or the version that `If-Match` pins, is not there. If the range is beyond the end, the object is shorter than before. */
export const isAbsent = (error: unknown) => {
  const status = statusOf(error);
  if (status === httpStatus.missing) return (error as S3Failure).name !== 'NoSuchBucket';
  return status === httpStatus.conditionFailed || status === httpStatus.rangeBeyondEnd;
};

/** The object is archived: there, but only readable after a restore. */
export const isArchived = (error: unknown) => (error as S3Failure)?.name === 'InvalidObjectState';

/** A condition failed, or another writer used the same key at the same time. */
export const isConflict = (error: unknown) =>
  statusOf(error) === httpStatus.conditionFailed || statusOf(error) === httpStatus.conflict;

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
  if (configurationCodes.has(name) || status === httpStatus.forbidden || status === httpStatus.unauthorized) {
    return new ConfigurationError(what, { cause: error });
  }
  if (isAbsent(error)) return new SourceChangedError(what, { cause: error });
  return new TransientStorageError(what, { cause: error });
}

/** Whether the failure is transient and does not depend on the object. Other answers below 500 depend on the object, or on this code. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof TransientStorageError)) return false;
  const status = statusOf(error.cause);
  if (status === undefined || status >= httpStatus.serverFault) return true;
  return status === httpStatus.timedOut || status === httpStatus.tooMany;
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
