import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from '@jest/globals';
import { createCredentialSource } from '../../../functions/shared/database-credentials.ts';
import { ConfigurationError, TransientDatabaseError } from '../../../functions/shared/errors.ts';

const secretOf = (password: string) => JSON.stringify({ username: 'u', password, host: 'elsewhere' });

/** Answers each request in turn; the last answer is for all that follow. */
function secrets(...answers: (string | Error)[]) {
  const seen = { requests: 0 };
  const send = async () => {
    seen.requests += 1;
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return { SecretString: answer };
  };
  return { client: { send } as unknown as Pick<SecretsManagerClient, 'send'>, seen };
}

describe('the database credentials', () => {
  it('are read once, also by callers at the same time', async () => {
    const { client, seen } = secrets(secretOf('p'));
    const source = createCredentialSource(client, 'id');
    await Promise.all([source.read(), source.read()]);
    expect(await source.read()).toEqual({ username: 'u', password: 'p' });
    expect(seen.requests).toBe(1);
  });

  it('are read again once where several callers were refused with the same', async () => {
    const { client, seen } = secrets(secretOf('old'), secretOf('new'));
    const source = createCredentialSource(client, 'id');
    const old = await source.read();
    const renewed = await Promise.all([source.renew(old), source.renew(old), source.renew(old)]);
    expect(renewed.map(({ password }) => password)).toEqual(['new', 'new', 'new']);
    expect(seen.requests).toBe(2);
  });

  it('are asked for again after a failure, which passes where Secrets Manager was throttled', async () => {
    const throttled = Object.assign(new Error('x'), { name: 'ThrottlingException' });
    const { client } = secrets(throttled, secretOf('p'));
    const source = createCredentialSource(client, 'id');
    await expect(source.read()).rejects.toThrow(TransientDatabaseError);
    expect((await source.read()).password).toBe('p');
  });

  it('are a matter of the deployment where the secret is missing or has another content, which is not quoted', async () => {
    const missing = Object.assign(new Error('x'), { name: 'ResourceNotFoundException' });
    const marker = 'top-secret';
    for (const answer of [missing, marker, `{"username":"u","passwort":"${marker}"}`, `["${marker}"]`]) {
      const error = await createCredentialSource(secrets(answer).client, 'id')
        .read()
        .catch((reason: unknown) => reason as Error);
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(`${(error as Error).stack}${String((error as Error).cause)}`).not.toContain(marker);
    }
  });
});
