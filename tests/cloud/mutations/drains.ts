// Drains of the deployed state machine, each by itself: a drain gives way to another one that is under way.
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { until } from '../../../local/until.ts';
import type { Cloud, RegionName } from '../cloud.ts';
import { account } from '../emulator.ts';

const machineIn = (region: RegionName) => `arn:aws:states:${region}:${account}:stateMachine:book-reviews-drain`;

/** @throws {Error} where the drain fails, gives way to another one, or takes too long */
export async function drainOnce(cloud: Cloud, region: RegionName, seconds: number): Promise<void> {
  const states = new SFNClient(cloud.client(region));
  const { executionArn } = await states.send(
    new StartExecutionCommand({ stateMachineArn: machineIn(region), input: '{}' }),
  );
  const describe = () => states.send(new DescribeExecutionCommand({ executionArn }));
  await until('the end of a drain', async () => (await describe()).status !== 'RUNNING', {
    withinMs: seconds * 1000,
    pauseMs: 200,
  });
  const { status, output = '' } = await describe();
  if (status !== 'SUCCEEDED' || /"running": ?[2-9]/.test(output)) throw new Error(`the drain: ${status} ${output}`);
}

/** A drain that was refused something tries again for a while, and others would give way to it. */
export async function stopDrains(cloud: Cloud, region: RegionName): Promise<void> {
  const states = new SFNClient(cloud.client(region));
  const { executions = [] } = await states.send(
    new ListExecutionsCommand({ stateMachineArn: machineIn(region), statusFilter: 'RUNNING' }),
  );
  for (const { executionArn } of executions) await states.send(new StopExecutionCommand({ executionArn }));
}
