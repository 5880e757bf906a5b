// Reads the database user of a function from Secrets Manager.

import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { ConfigurationError, TransientDatabaseError } from './errors.ts';
import { parseJson } from './parse-json.ts';

/** The secret may also have a host. Ignore it, because a replicated secret names the peer's host. */
const secret = z.object({ username: z.string().check(z.minLength(1)), password: z.string() });
export type Credentials = z.infer<typeof secret>;

export interface CredentialSource {
  /** Cached for as long as the sandbox lives. */
  read(): Promise<Credentials>;
  /** Reads the secret again, unless another caller did so since `refused` was read. */
  renew(refused: Credentials): Promise<Credentials>;
}

/** Errors of Secrets Manager that no retry can fix. */
const permanent = new Set([
  'ResourceNotFoundException',
  'AccessDeniedException',
  'DecryptionFailure',
  'InvalidParameterException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'CredentialsProviderError',
]);

/**
 * @throws {ConfigurationError} (from read and renew) if the secret is missing, not readable or malformed.
 * @throws {TransientDatabaseError} if Secrets Manager did not answer, after the client's retries.
 */
export function createCredentialSource(client: Pick<SecretsManagerClient, 'send'>, secretId: string): CredentialSource {
  let current: Promise<Credentials> | undefined;
  let value: Credentials | undefined;

  const fetch = (): Promise<Credentials> => {
    const fetching = fetchSecret(client, secretId).then((credentials) => {
      value = credentials;
      return credentials;
    });
    current = fetching;
    // Do not cache a failure: the next caller asks again.
    fetching.catch(() => {
      if (current === fetching) current = undefined;
    });
    return fetching;
  };

  return {
    read: () => current ?? fetch(),
    renew: (refused) => {
      if (value !== refused) return current ?? fetch();
      value = undefined;
      return fetch();
    },
  };
}

async function fetchSecret(client: Pick<SecretsManagerClient, 'send'>, secretId: string): Promise<Credentials> {
  let text: string | undefined;
  try {
    text = (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;
  } catch (cause) {
    const { name } = cause as Error;
    if (permanent.has(name)) throw new ConfigurationError(`the database secret cannot be read: ${name}`, { cause });
    throw new TransientDatabaseError(`Secrets Manager did not give the database secret: ${name}`, { cause });
  }
  // Do not pass the parser's errors or their causes on. They can quote the secret.
  let content: unknown;
  try {
    content = parseJson(text ?? '');
  } catch {
    throw new ConfigurationError('the database secret is not JSON');
  }
  const parsed = secret.safeParse(content);
  if (!parsed.success) throw new ConfigurationError('the database secret lacks username or password');
  return parsed.data;
}
