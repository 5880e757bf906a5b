// The environment of a sandbox: the variables of the template, and those of Lambda's runtime.
import type { FunctionDefinition } from '../template/stack.ts';

export interface SandboxSurroundings {
  region: string;
  /** Directory of the function's built bundle. */
  taskRoot: string;
  /** The endpoints of AWS, as the SDK's standard variables. */
  s3Endpoint: string;
  secretsEndpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** Added last, to inject a fault. */
  extra?: Record<string, string>;
}

/** Reserved names win over the template's names. Lambda refuses them in a template. */
export function sandboxEnvironment(
  definition: FunctionDefinition,
  surroundings: SandboxSurroundings,
): Record<string, string> {
  const { region, taskRoot, s3Endpoint, secretsEndpoint, credentials, extra } = surroundings;
  return {
    LANG: 'en_US.UTF-8',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    TZ: ':UTC',
    ...definition.environment,
    AWS_ENDPOINT_URL_S3: s3Endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsEndpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken && { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    LAMBDA_TASK_ROOT: taskRoot,
    _HANDLER: definition.handler,
    ...extra,
  };
}
