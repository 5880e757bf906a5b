// A deployed schedule fires now: a copy of it with another time has the same target and the same role. Nobody waits for 15 minutes.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cloud, RegionName } from './cloud.ts';

/** The copy fires within 10 s, while `run` goes on, with `input` instead of the schedule's own. Then it is removed. */
export async function fireSchedule(
  { shell, physicalId }: Cloud,
  region: RegionName,
  logicalId: 'DrainSchedule' | 'DailySummarySchedule',
  input: unknown,
  run: () => Promise<void>,
): Promise<void> {
  const name = await physicalId(region, logicalId);
  const copy = `${name.slice(0, 50)}-${Date.now().toString(36)}`;
  const scheduler = (command: string) => shell.run(`aws scheduler ${command} --region ${region} --output json`);
  const { Target } = JSON.parse(await scheduler(`get-schedule --name ${name}`));
  const file = join(shell.project, `${copy}.json`);
  await writeFile(
    file,
    JSON.stringify({
      Name: copy,
      ScheduleExpression: `at(${new Date().toISOString().slice(0, 19)})`,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { ...Target, Input: JSON.stringify(input) },
    }),
  );
  try {
    await scheduler(`create-schedule --cli-input-json file://${file}`);
    await run();
  } finally {
    await scheduler(`delete-schedule --name ${copy}`);
    await rm(file, { force: true });
  }
}
