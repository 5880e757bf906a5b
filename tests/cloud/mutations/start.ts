// A cloud with both stacks deployed and both Regions ingesting: the suite's own steps, without those that remove it again.
import { afterAll, beforeAll } from '@jest/globals';
import { openScope, type Scope } from '../../../local/demo/interruption.ts';
import { findPrograms } from '../can-run.ts';
import { type Cloud, startCloud } from '../cloud.ts';
import { deployEverything } from '../steps/deployment.ts';
import type { DefineStep } from '../steps/step.ts';

/** Starts it before all tests of a file, and ends it after them. @returns the cloud, for use in tests */
export function useDeployedCloud(): () => Cloud {
  const scope = openScope();
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startDeployedCloud(scope);
  }, 600_000);
  afterAll(() => scope.stop(), 60_000);
  return () => cloud;
}

async function startDeployedCloud(scope: Scope): Promise<Cloud> {
  const programs = await findPrograms();
  if (typeof programs === 'string') throw new Error(programs);
  const cloud = await startCloud(programs, scope);
  const steps: Parameters<DefineStep>[1][] = [];
  deployEverything((_title, run) => steps.push(run));
  for (const run of steps) await run(cloud);
  return cloud;
}
