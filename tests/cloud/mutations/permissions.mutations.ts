// Takes one permission after the other out of the deployed roles, and shows what stops without it. The list in permissions.ts says which
// permissions the emulator does not ask for. A newer emulator that asks for one fails here.
import { DeleteRolePolicyCommand, GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { describe, expect, it } from '@jest/globals';
import type { RegionName } from '../cloud.ts';
import { type Permission, permissions } from './permissions.ts';
import { useDeployedCloud } from './start.ts';
import { cool, runs } from './uses.ts';

const cloud = useDeployedCloud();

/** Migrate works in the primary only. */
const regionOf = ({ use }: Permission): RegionName => (use === 'migrate' ? 'us-east-1' : 'us-east-2');

describe('without the permission', () => {
  it.each(
    permissions().map((one, index) => {
      const title = `${one.action} of ${one.role}: ${one.because === undefined ? `no ${one.use}` : one.because}`;
      return [title, one, index] as const;
    }),
  )('%s', async (_title, permission, index) => {
    const region = regionOf(permission);
    await cool(cloud(), region, permission.role);
    const error = await without(permission, () => runs[permission.use](cloud(), region, `p${index}`));
    if (permission.because === undefined) expect(error).toBeInstanceOf(Error);
    else expect(error).toBeUndefined();
  });

  it('once all are back, everything works', async () => {
    for (const use of new Set(permissions().map(({ use }) => use))) await runs[use](cloud(), 'us-east-2', 'control');
  });
});

/** @returns the error with which `run` ends while the role lacks the permission */
async function without(permission: Permission, run: () => Promise<unknown>) {
  const { role, policy, statement, action } = permission;
  const region = regionOf(permission);
  const iam = new IAMClient(cloud().client(region));
  const names = { RoleName: await cloud().physicalId(region, role), PolicyName: policy };
  const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand(names));
  const whole = decodeURIComponent(PolicyDocument);
  const document = JSON.parse(whole);
  const one = document.Statement[statement];
  const rest = [one.Action].flat().filter((name: string) => name !== action);
  expect(rest.length).toBe([one.Action].flat().length - 1);
  if (rest.length > 0) one.Action = rest;
  else document.Statement.splice(statement, 1);
  if (document.Statement.length > 0)
    await iam.send(new PutRolePolicyCommand({ ...names, PolicyDocument: JSON.stringify(document) }));
  else await iam.send(new DeleteRolePolicyCommand(names));
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await iam.send(new PutRolePolicyCommand({ ...names, PolicyDocument: whole }));
  }
}
