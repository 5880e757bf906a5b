// The drain's schedule with its target and role as they were deployed. Only its time is another one: nobody waits for 15 minutes.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cloud, RegionName } from './cloud.ts';

/** Lets the schedule fire each minute while `run` goes on, with `input` instead of its own. */
export async function withSchedule(
  { shell, physicalId }: Cloud,
  region: RegionName,
  input: unknown,
  run: () => Promise<void>,
): Promise<void> {
  const name = await physicalId(region, 'DrainSchedule');
  const file = join(shell.project, 'schedule.json');
  const scheduler = (command: string) => shell.run(`aws scheduler ${command} --region ${region} --output json`);
  const { ScheduleExpression, FlexibleTimeWindow, Target } = JSON.parse(await scheduler(`get-schedule --name ${name}`));
  const set = async (settings: unknown) => {
    await writeFile(file, JSON.stringify({ Name: name, FlexibleTimeWindow, ...(settings as object) }));
    await scheduler('update-schedule --cli-input-json file://schedule.json');
  };
  await set({ ScheduleExpression: 'rate(1 minute)', Target: { ...Target, Input: JSON.stringify(input) } });
  try {
    await run();
  } finally {
    await set({ ScheduleExpression, Target });
    await rm(file, { force: true });
  }
}
