// The part of Secrets Manager that the functions use: GetSecretValue, JSON over HTTP.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SecretsServer {
  endpoint: string;
  /** Replaces a secret's content, as a rotation does. */
  put(name: string, content: Record<string, unknown>): void;
  /** A fault: from now on every request gets this error, or a closed connection. Null ends the fault. */
  fail(how: 'ThrottlingException' | 'InternalServiceError' | 'down' | null): void;
  stop(): Promise<void>;
}

export interface SecretsServerOptions {
  region: string;
  accountId: string;
  /** 0: a free one. */
  port: number;
  /** Content by name. Found by name, or by an ARN that ends with it, with or without Secrets Manager's six characters. */
  secrets: Record<string, Record<string, unknown>>;
}

const read = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
};

/** Listens on 127.0.0.1. An unknown secret is a ResourceNotFoundException, as in AWS. */
export async function startSecretsServer(options: SecretsServerOptions): Promise<SecretsServer> {
  const { region, accountId, port } = options;
  const secrets = new Map(Object.entries(options.secrets));

  const nameOf = (id: string) => {
    const name = id.replace(/^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:/, '');
    return secrets.has(name) ? name : name.replace(/-[A-Za-z0-9]{6}$/, '');
  };

  const answer = (action: string | undefined, id: string): [number, object] => {
    if (action !== 'secretsmanager.GetSecretValue') {
      return [
        400,
        { __type: 'UnknownOperationException', message: `the simulation knows GetSecretValue, not ${action}` },
      ];
    }
    const name = nameOf(id);
    const content = secrets.get(name);
    if (!content) {
      return [
        400,
        { __type: 'ResourceNotFoundException', Message: "Secrets Manager can't find the specified secret." },
      ];
    }
    const ARN = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-LOCAL0`;
    const rest = { VersionId: '00000000-0000-0000-0000-000000000000', VersionStages: ['AWSCURRENT'], CreatedDate: 0 };
    return [200, { ARN, Name: name, SecretString: JSON.stringify(content), ...rest }];
  };

  let failure: Parameters<SecretsServer['fail']>[0] = null;
  const server = createServer(async (request, response) => {
    if (failure === 'down') return request.socket.destroy();
    if (failure) {
      const body = { __type: failure, message: 'made up by a fault' };
      response.writeHead(failure === 'InternalServiceError' ? 500 : 400, {
        'content-type': 'application/x-amz-json-1.1',
      });
      return response.end(JSON.stringify(body));
    }
    const [status, body] = await read(request)
      .then((text) => answer(String(request.headers['x-amz-target']), String(JSON.parse(text).SecretId)))
      .catch((): [number, object] => [400, { __type: 'InvalidRequestException', message: 'no JSON' }]);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`Secrets Manager on port ${port}: ${error.message}`)));
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    put: (name, content) => void secrets.set(name, content),
    fail: (how) => {
      failure = how;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
