import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, SourceChangedError, TransientDatabaseError } from '../../../functions/shared/errors.ts';
import { adviceFor, toServiceError } from '../../../functions/shared/mysql-errors.ts';

const driverError = (codes: object, message = 'driver') => Object.assign(new Error(message), codes);

describe('an error of the database', () => {
  it.each([
    [1213, 'repeat'],
    [1205, 'repeat'],
    [63976, 'repeat'],
    [1040, 'fewer'],
    [1290, 'reopen'],
    [1836, 'reopen'],
    [1792, 'reopen'],
  ])('of number %d passes, with the advice to %s', (errno, advice) => {
    const error = toServiceError(driverError({ errno, sqlState: 'HY000' }));
    expect(error).toBeInstanceOf(TransientDatabaseError);
    expect(adviceFor(error)).toBe(advice);
  });

  it.each(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'PROTOCOL_SEQUENCE_TIMEOUT', undefined])(
    'with the code %s and no number has an unknown outcome: another session, and again',
    (code) => {
      const error = toServiceError(driverError({ code, errno: code?.startsWith('E') ? -104 : undefined }));
      expect(error).toBeInstanceOf(TransientDatabaseError);
      expect(adviceFor(error)).toBe('reopen');
    },
  );

  it.each([1045, 1142, 1146, 1153, 1193, 1235, 1366, 1406, 1064])('needs a person if its number is %d', (errno) => {
    const error = toServiceError(driverError({ errno, code: 'ER_X' }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(adviceFor(error)).toBe('fail');
  });

  it('is left to the state machine to retry if it is unknown', () => {
    const error = toServiceError(driverError({ errno: 9999, code: 'ER_X' }));
    expect(error).toBeInstanceOf(TransientDatabaseError);
    expect(adviceFor(error)).toBe('fail');
  });

  it('keeps codes and stack, and nothing that quotes a value', () => {
    const secret = 'a text from a review';
    const original = driverError(
      { errno: 1366, code: 'ER_TRUNCATED_WRONG_VALUE', sqlState: 'HY000', sql: secret, sqlMessage: secret },
      secret,
    );
    const error = toServiceError(original);
    const cause = error.cause as Error;
    const everything = [
      error.message,
      error.stack,
      cause.message,
      cause.stack,
      JSON.stringify({ ...error }),
      JSON.stringify({ ...cause }),
    ];
    expect(everything.join()).not.toContain(secret);
    expect(cause).toMatchObject({ errno: 1366, code: 'ER_TRUNCATED_WRONG_VALUE', sqlState: 'HY000' });
    expect(cause.stack).toContain('mysql-errors.test');
    expect(error.message).toContain('1366');
  });

  it('passes as it is where it is an error of the service', () => {
    const error = new SourceChangedError('x');
    expect(toServiceError(error)).toBe(error);
    expect(adviceFor(error)).toBe('fail');
  });
});
