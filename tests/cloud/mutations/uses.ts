// What the roles are for, each as a run that ends well or throws.
import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { until } from '../../../local/until.ts';
import type { Cloud, RegionName } from '../cloud.ts';
import { otherThan } from '../cloud.ts';
import { execute } from '../execution.ts';
import { awaitFiled, list, reviewLines, upload } from '../files.ts';
import { withSchedule } from '../schedule.ts';
import { expectSmallFile, uploadSmallFile } from '../small-file.ts';
import type { Use } from './permissions.ts';

/** Longer than each takes from a cold start; who gives up has noticed. */
const seconds = 15;
const primary: RegionName = 'us-east-1';

export const runs: Record<Use, (cloud: Cloud, region: RegionName, name: string) => Promise<unknown>> = {
  async ingest(cloud, region, name) {
    await uploadSmallFile(cloud, region, name);
    await expectSmallFile(cloud, region, name, seconds);
  },
  drain: (cloud, region) => execute(cloud, region, 'drain', {}, seconds),
  // A schedule that has just fired fires a minute later.
  schedule: (cloud, region, name) =>
    withSchedule(cloud, region, {}, async () => {
      await uploadUnseen(cloud, region, `${region}/${name}/a.jsonl`);
      await awaitFiled(cloud, region, `${region}/${name}/`, 1, 90);
    }),
  migrate: (cloud) => invoke(cloud, primary, 'MigrateFunction', {}),
  async doctor(cloud, region) {
    const answer = await invoke(cloud, region, 'DoctorFunction', {});
    const { findings } = JSON.parse(answer) as { findings: { what: string; ok: unknown }[] };
    const bad = findings.filter(({ ok }) => ok !== true);
    if (bad.length > 0) throw new Error(JSON.stringify(bad));
  },
  summary: (cloud, region) =>
    invoke(cloud, region, 'DailySummaryFunction', { date: new Date().toISOString().slice(0, 10) }),
  async replication(cloud, region, name) {
    const folder = `${region}/${name}/`;
    await uploadUnseen(cloud, region, `${folder}a.jsonl`);
    const there = async () => (await list(cloud, otherThan(region), 'reviews', folder)).length === 1;
    await until(`the replica of ${folder}`, there, { withinMs: seconds * 1000, pauseMs: 200 });
  },
};

/** No event tells of the file. */
async function uploadUnseen(cloud: Cloud, region: RegionName, name: string): Promise<void> {
  const rule = await cloud.physicalId(region, 'UploadRule');
  const events = (command: string) => cloud.shell.run(`aws events ${command} --name ${rule} --region ${region}`);
  await events('disable-rule');
  await upload(cloud, region, name, reviewLines(name.replaceAll('/', '-'), 2));
  await events('enable-rule');
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

/** Lets the functions of a role start anew: a warm one has its environment and its secret already. */
export async function cool(cloud: Cloud, region: RegionName, role: string): Promise<void> {
  const logicalId = role.replace(/Role$/, 'Function');
  const FunctionName = await cloud.physicalId(region, logicalId).catch(() => undefined);
  if (!FunctionName) return;
  await new LambdaClient(cloud.client(region)).send(
    new UpdateFunctionConfigurationCommand({ FunctionName, Description: `cold at ${Date.now()}` }),
  );
}
