// The environment of each function for `sam local invoke --env-vars`: as the template sets it for a local Region, with the
// addresses by which a container reaches that Region.
import type { Region } from '../region.ts';
import { type ContainerDoor, hostName } from './container-door.ts';

type Served = Pick<Region, 'name' | 'stack' | 's3' | 'secretsEndpoint'>;

const isLoopback = (host: string) => ['127.0.0.1', 'localhost', '[::1]'].includes(host);

/** Ports on this machine that the Region's functions connect to. */
export function portsOf({ stack, s3, secretsEndpoint }: Served): number[] {
  const databases = Object.values(stack.functions).flatMap(({ environment }) =>
    [environment.DATABASE_WRITER_ENDPOINT, environment.DATABASE_READER_ENDPOINT].flatMap((one) => one ?? []),
  );
  const urls = [...databases.map((endpoint) => `mysql://${endpoint}`), s3.endpoint, secretsEndpoint];
  const ports = urls
    .map((url) => new URL(url))
    .filter(({ hostname }) => isLoopback(hostname))
    .map(({ port, protocol }) => Number(port) || (protocol === 'https:' ? 443 : 80));
  return [...new Set(ports)];
}

/** By logical id. Lambda's own variables come from SAM. */
export function samEnvironment(
  { name, stack, s3, secretsEndpoint }: Served,
  { address }: Pick<ContainerDoor, 'address'>,
): Record<string, Record<string, string>> {
  const fromContainer = (url: string) => {
    const reached = new URL(url);
    if (isLoopback(reached.hostname)) reached.hostname = address;
    return reached.href.replace(/\/$/, '');
  };
  // The certificate is for a name.
  const named = (endpoint: string) => endpoint.replace(/^(127\.0\.0\.1|localhost)(?=:|$)/, hostName);
  const entries = Object.values(stack.functions).map(({ logicalId, environment }) => [
    logicalId,
    {
      ...environment,
      ...(environment.DATABASE_WRITER_ENDPOINT !== undefined && {
        DATABASE_WRITER_ENDPOINT: named(environment.DATABASE_WRITER_ENDPOINT),
        DATABASE_READER_ENDPOINT: named(environment.DATABASE_READER_ENDPOINT ?? ''),
      }),
      AWS_ENDPOINT_URL_S3: fromContainer(s3.endpoint),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: fromContainer(secretsEndpoint),
      AWS_REGION: name,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    },
  ]);
  return Object.fromEntries(entries);
}
