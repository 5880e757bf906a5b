// Executions of the deployed state machines.
import { expect } from '@jest/globals';
import { until } from '../../local/until.ts';
import type { Cloud, RegionName } from './cloud.ts';
import { account } from './emulator.ts';

/** Starts a state machine as docs/operations.md does, and waits until it has succeeded. */
export async function execute(
  { shell }: Cloud,
  region: RegionName,
  machine: string,
  input: unknown,
  seconds = 30,
): Promise<void> {
  const states = `aws stepfunctions --region ${region} --output text`;
  const arn = `arn:aws:states:${region}:${account}:stateMachine:book-reviews-${machine}`;
  const started = await shell.run(
    `${states} start-execution --state-machine-arn ${arn} --input '${JSON.stringify(input)}' --query executionArn`,
  );
  const status = async () =>
    (await shell.run(`${states} describe-execution --execution-arn ${started.trim()} --query status`)).trim();
  await until(`the end of ${started}`, async () => (await status()) !== 'RUNNING', {
    withinMs: seconds * 1000,
    pauseMs: 200,
  });
  expect(await status()).toBe('SUCCEEDED');
}
