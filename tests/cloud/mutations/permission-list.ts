// Takes one permission after the other out of the deployed roles, and shows what stops without it. permissions.ts says which permissions the
// emulator does not ask for. A newer emulator that asks for one of them fails here.
import { expect, it } from '@jest/globals';
import type { Cloud, RegionName } from '../cloud.ts';
import { list } from '../files.ts';
import { attempt } from './attempt.ts';
import { deniedSince, endOfLog } from './denials.ts';
import { stopDrains } from './drains.ts';
import { idlePermissions, type Permission, permissions, uses } from './permissions.ts';
import { cool, expectLog, runs } from './uses.ts';
import { without } from './without.ts';

const secondary: RegionName = 'us-east-2';
/** Migrate works in the primary only. */
const regionOf = ({ role }: Permission): RegionName => (role === 'MigrateRole' ? 'us-east-1' : secondary);

/** How long each use takes where nothing is missing. */
const warmMs = new Map<string, number>();
/** How long a use that was refused must stand still: twice as long as it takes where nothing is missing. */
const stillMs = (use: string) => Math.max(4000, 2 * (warmMs.get(use) ?? 0));

export function takeEachPermission(cloud: () => Cloud): void {
  it.each(Object.entries(runs))('nothing: %s works, from a cold start and from a warm one', async (use, run) => {
    const region = use === 'migrate' ? 'us-east-1' : secondary;
    for (const role of Object.keys(uses)) if (uses[role] === use) await cool(cloud(), region, role);
    await run(cloud(), region, `cold-${use}`);
    const since = performance.now();
    await run(cloud(), region, `warm-${use}`);
    warmMs.set(use, performance.now() - since);
  });

  it.each(permissions().map((one, index) => [titleOf(one), one, `p${index}`] as const))(
    '%s',
    async (_title, permission, name) => {
      const { ending, refused } = await useWithout(cloud(), permission, name);
      const { harmless } = permission;
      expect({ ending, refused }).toEqual({
        ending: harmless ? 'it went well' : 'it stopped',
        refused: harmless?.isAsked ?? true,
      });
    },
  );

  it('all that the emulator never asks for at once: everything works', async () => {
    const idle = idlePermissions();
    expect(idle.length).toBeGreaterThan(50);
    const from = await endOfLog(cloud());
    const everything = async () => {
      for (const use of ['ingest', 'drain', 'doctor', 'summary'] as const) await runs[use](cloud(), secondary, 'idle');
    };
    await idle.reduce<() => Promise<void>>((run, one) => () => without(cloud(), secondary, one, run), everything)();
    for (const role of new Set(idle.map((one) => one.role))) {
      expect({ role, refused: await deniedSince(cloud(), from, await cloud().physicalId(secondary, role)) }).toEqual({
        role,
        refused: [],
      });
    }
  });

  it('nothing any more: all that stopped is ingested in the end', async () => {
    await stopDrains(cloud(), secondary);
    await runs.drain(cloud(), secondary);
    expect(await list(cloud(), secondary, 'reviews', `${secondary}/`)).toEqual([]);
    expect(await list(cloud(), secondary, 'failed', `${secondary}/p`)).toEqual([]);
  });
}

const titleOf = ({ action, role, use, harmless }: Permission) =>
  `${action} of ${role}: ${harmless ? `${use} goes on, ${harmless.because}` : `no ${use}`}`;

export async function useWithout(
  cloud: Cloud,
  permission: Permission,
  name: string,
  region: RegionName = regionOf(permission),
) {
  const { role, use, action } = permission;
  // Secrets and keys are asked for at the start only.
  if (/^(kms|secretsmanager):/.test(action)) await cool(cloud, region, role);
  const physicalRole = await cloud.physicalId(region, role);
  const from = await endOfLog(cloud);
  const isRefused = async () => (await deniedSince(cloud, from, physicalRole)).includes(action);
  const ofRole = uses[role] as keyof typeof runs;
  const run =
    use === 'log'
      ? () => expectLog(cloud, region, role, () => runs[ofRole](cloud, region, name))
      : () => runs[use](cloud, region, name);
  return without(cloud, region, permission, async () => {
    const ending = await attempt(run, permission.harmless ? async () => false : isRefused, stillMs(use));
    await stopDrains(cloud, region);
    return { ending, refused: await isRefused() };
  });
}
