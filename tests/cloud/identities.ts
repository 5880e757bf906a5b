// Clients with the credentials of the application's own roles.
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Cloud, Credentials, RegionName } from './cloud.ts';
import { account } from './emulator.ts';

/** Those of the role, or of a user with the role's policies where the role admits only a service that acts for this account. */
export async function credentialsOf(cloud: Cloud, region: RegionName, logicalId: string): Promise<Credentials> {
  const name = await cloud.physicalId(region, logicalId);
  try {
    const { Credentials: found } = await new STSClient(cloud.client(region)).send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/${name}`, RoleSessionName: 'question' }),
    );
    return {
      accessKeyId: found?.AccessKeyId ?? '',
      secretAccessKey: found?.SecretAccessKey ?? '',
      sessionToken: found?.SessionToken ?? '',
    };
  } catch (error) {
    if ((error as Error).name !== 'AccessDenied') throw error;
    return userLike(new IAMClient(cloud.client(region)), name);
  }
}

async function userLike(iam: IAMClient, RoleName: string): Promise<Credentials> {
  // Each question has a new user, because the role may have changed since the last one.
  const UserName = `as-${RoleName.slice(-40)}-${Date.now().toString(36)}`;
  await iam.send(new CreateUserCommand({ UserName }));
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of PolicyNames) {
    const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
    await iam.send(
      new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument: decodeURIComponent(PolicyDocument) }),
    );
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

const denials = /AccessDenied|Forbidden|NotAuthorized|^403$/;

/** Any other error comes after the permission was given. */
export const isAllowed = (request: () => Promise<unknown>): Promise<boolean> =>
  request().then(
    () => true,
    (error: Error & { $metadata?: { httpStatusCode?: number } }) => {
      if (error.$metadata === undefined) throw error;
      return !denials.test(error.name) && error.$metadata.httpStatusCode !== 403;
    },
  );
