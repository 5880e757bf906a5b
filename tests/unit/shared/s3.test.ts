import { describe, expect, it } from '@jest/globals';
import { isArchived, storageError } from '../../../functions/shared/s3.ts';

const failure = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

describe('the meaning of an S3 error', () => {
  it.each([
    ['AccessDenied', 403, 'ConfigurationError'],
    ['403', 403, 'ConfigurationError'],
    ['NoSuchBucket', 404, 'ConfigurationError'],
    ['CredentialsProviderError', undefined, 'ConfigurationError'],
    ['KMS.DisabledException', 400, 'ConfigurationError'],
    ['NoSuchKey', 404, 'SourceChangedError'],
    ['NotFound', 404, 'SourceChangedError'],
    ['PreconditionFailed', 412, 'SourceChangedError'],
    ['InvalidRange', 416, 'SourceChangedError'],
    ['SlowDown', 503, 'TransientStorageError'],
    ['InternalError', 500, 'TransientStorageError'],
    ['TimeoutError', undefined, 'TransientStorageError'],
  ])('is, for %s with status %p, a %s', (name, status, expected) => {
    const cause = failure(name, status);
    const error = storageError(cause, 'GET a.json');
    expect(error).toMatchObject({ name: expected, cause });
    expect(error.message).toContain('GET a.json');
  });

  it('is what it was, for an error that says it already', () => {
    const error = storageError(failure('SlowDown', 503), 'GET a.json');
    expect(storageError(error, 'GET b.json')).toBe(error);
  });

  it('is an archived object, for InvalidObjectState', () => {
    expect(isArchived(failure('InvalidObjectState', 403))).toBe(true);
    expect(isArchived(failure('AccessDenied', 403))).toBe(false);
  });
});
