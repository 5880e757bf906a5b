// What the roles are for, each as a run that ends well or throws.
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { until } from '../../../local/until.ts';
import { bucketOf, type Cloud, otherThan, type RegionName } from '../cloud.ts';
import { uploadDamagedFile } from '../damaged-file.ts';
import { awaitFiled, list, reviewLines } from '../files.ts';
import { withMessages } from '../messages.ts';
import { fireSchedule } from '../schedule.ts';
import { expectSmallFile, uploadSmallFile } from '../small-file.ts';
import { uploadUnseen } from '../unseen.ts';
import { drainOnce } from './drains.ts';

/** Longer than each takes from a cold start. */
const seconds = 20;

export const runs = {
  async ingest(cloud: Cloud, region: RegionName, name: string) {
    await uploadSmallFile(cloud, region, name);
    await expectSmallFile(cloud, region, name, seconds);
  },
  drain: (cloud: Cloud, region: RegionName) => drainOnce(cloud, region, seconds),
  schedule: (cloud: Cloud, region: RegionName, name: string) =>
    fireSchedule(cloud, region, 'DrainSchedule', {}, async () => {
      const folder = `${region}/${name}/`;
      await uploadUnseen(cloud, region, { [`${folder}a.jsonl`]: reviewLines(name, 2) });
      await awaitFiled(cloud, region, folder, 1, 10 + seconds);
    }),
  migrate: (cloud: Cloud, region: RegionName) => invoke(cloud, region, 'MigrateFunction', {}),
  async doctor(cloud: Cloud, region: RegionName) {
    const answer = await invoke(cloud, region, 'DoctorFunction', {});
    const { findings } = JSON.parse(answer) as { findings: { what: string; ok: unknown }[] };
    const bad = findings.filter(({ ok }) => ok !== true);
    if (bad.length > 0) throw new Error(JSON.stringify(bad));
  },
  summary: (cloud: Cloud, region: RegionName) =>
    invoke(cloud, region, 'DailySummaryFunction', { date: new Date().toISOString().slice(0, 10) }),
  daily: (cloud: Cloud, region: RegionName) => {
    // Each run has a day of its own, long ago, of which there is no summary yet.
    const date = new Date(Date.UTC(2001, 0, ++days)).toISOString().slice(0, 10);
    return fireSchedule(cloud, region, 'DailySummarySchedule', { date }, () =>
      until(`the summary of ${date}`, async () => (await list(cloud, region, 'summaries', date)).length > 0, {
        withinMs: (10 + seconds) * 1000,
        pauseMs: 300,
      }),
    );
  },
  async message(cloud: Cloud, region: RegionName, name: string) {
    await withMessages(cloud, region, async (messages) => {
      await uploadDamagedFile(cloud, region, name);
      await messages.expectOne(`${region}/${name}/`, seconds);
    });
  },
  async replication(cloud: Cloud, region: RegionName, name: string) {
    const folder = `${region}/${name}/`;
    // It lies where completed files do, so that nobody moves it before it is seen.
    await cloud.s3(region).send(
      new PutObjectCommand({
        Bucket: bucketOf(region),
        Key: `book-review/completed/${folder}a.jsonl`,
        Body: reviewLines(name, 2),
      }),
    );
    const there = async () => (await list(cloud, otherThan(region), 'completed', folder)).length === 1;
    await until(`the replica of ${folder}`, there, { withinMs: seconds * 1000, pauseMs: 200 });
  },
} satisfies Record<string, (cloud: Cloud, region: RegionName, name: string) => Promise<unknown>>;

let days = 0;

/** What the use of a role's function writes into the function's log. */
export async function expectLog(cloud: Cloud, region: RegionName, role: string, run: () => Promise<unknown>) {
  const group = await cloud.physicalId(region, role.replace(/Role$/, 'LogGroup'));
  const since = Date.now();
  await run();
  const events = async () =>
    cloud.shell.run(
      `aws logs filter-log-events --log-group-name ${group} --start-time ${since} --region ${region} --query 'events[].message' --output text`,
    );
  await until(`a line in ${group}`, async () => (await events()).trim() !== '', { withinMs: 4000, pauseMs: 300 });
}

async function invoke(cloud: Cloud, region: RegionName, logicalId: string, payload: unknown): Promise<string> {
  const { FunctionError, Payload } = await new LambdaClient(cloud.client(region)).send(
    new InvokeCommand({
      FunctionName: await cloud.physicalId(region, logicalId),
      Payload: JSON.stringify(payload),
    }),
  );
  const answer = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(answer);
  return answer;
}

/** Lets the functions of a role start again: a warm one has its environment and its secret already. */
export async function cool(cloud: Cloud, region: RegionName, role: string): Promise<void> {
  const logicalId = role.replace(/Role$/, 'Function');
  const FunctionName = await cloud.physicalId(region, logicalId).catch(() => undefined);
  if (!FunctionName) return;
  const lambda = new LambdaClient(cloud.client(region));
  // MiniStack removes the sandboxes of a function only for a setting that the sandbox depends on.
  const { Timeout } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout }));
}
