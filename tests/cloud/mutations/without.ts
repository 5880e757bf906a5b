// Takes permissions out of a deployed role, and puts them back.
import { DeleteRolePolicyCommand, GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import type { Cloud, RegionName } from '../cloud.ts';
import type { Permission } from './permissions.ts';

interface Document {
  Statement: { Action: string | string[] }[];
}

/** Runs while the role has all of its permissions in the Region but this one. */
export async function without<T>(
  cloud: Cloud,
  region: RegionName,
  lacking: Permission,
  run: () => Promise<T>,
): Promise<T> {
  const iam = new IAMClient(cloud.client(region));
  const names = { RoleName: await cloud.physicalId(region, lacking.role), PolicyName: lacking.policy };
  const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand(names));
  const whole = decodeURIComponent(PolicyDocument);
  const rest = withoutAction(JSON.parse(whole), lacking);
  if (rest.Statement.length > 0) {
    await iam.send(new PutRolePolicyCommand({ ...names, PolicyDocument: JSON.stringify(rest) }));
  } else await iam.send(new DeleteRolePolicyCommand(names));
  try {
    return await run();
  } finally {
    await iam.send(new PutRolePolicyCommand({ ...names, PolicyDocument: whole }));
  }
}

/** @throws {Error} where the statement does not have the action */
export function withoutAction(document: Document, { role, statement, action }: Permission): Document {
  const actions = [document.Statement[statement]?.Action ?? []].flat();
  const rest = actions.filter((name) => name !== action);
  if (rest.length !== actions.length - 1) throw new Error(`statement ${statement} of ${role} does not have ${action}`);
  return {
    ...document,
    Statement: document.Statement.flatMap((one, index) => {
      if (index !== statement) return [one];
      return rest.length > 0 ? [{ ...one, Action: rest }] : [];
    }),
  };
}
