// What people do with the service every day, and when a Region is lost.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from '@jest/globals';
import { until } from '../../../local/until.ts';
import { bucketOf, type Cloud, type RegionName, regions } from '../cloud.ts';
import { uploadDamagedFile } from '../damaged-file.ts';
import { execute } from '../execution.ts';
import { awaitFiled, awaitRows, list, reports, reviewLines, rowsOf, upload } from '../files.ts';
import { withMessages } from '../messages.ts';
import { fireSchedule } from '../schedule.ts';
import { expectSmallFile, uploadSmallFile } from '../small-file.ts';
import { uploadUnseen } from '../unseen.ts';
import type { DefineStep } from './step.ts';

export function useIt(step: DefineStep): void {
  ingestFiles(step);
  drain(step);
  repair(step);
}

function ingestFiles(step: DefineStep): void {
  step('ingests a small file in each Region, and keeps its tags and its rejected line', async (cloud) => {
    for (const region of regions) await uploadSmallFile(cloud, region, 'small');
    for (const region of regions) await expectSmallFile(cloud, region, 'small');
  });

  step(
    'ingests a file that the AWS CLI uploads in parts, and a gzip file',
    async (cloud) => {
      const large = reviewLines('large', 60_000);
      expect(large.length).toBeGreaterThan(10_000_000);
      writeFileSync(join(cloud.shell.project, 'large.jsonl'), large);
      await cloud.shell.run(
        `aws s3 cp large.jsonl s3://${bucketOf('us-east-2')}/book-review/reviews/us-east-2/large/a.jsonl --region us-east-2`,
      );
      await upload(cloud, 'us-east-1', 'us-east-1/zipped/a.jsonl.gz', gzipSync(reviewLines('zipped', 300)));
      await awaitFiled(cloud, 'us-east-1', 'us-east-1/zipped/', 1);
      await awaitFiled(cloud, 'us-east-2', 'us-east-2/large/', 1, 90);
      await awaitRows(cloud, 'zipped', 300);
      await awaitRows(cloud, 'large', 60_000);
    },
    180,
  );

  step('files a damaged file under failed/ without a row, says so, and sends a message', async (cloud) => {
    const region = 'us-east-2';
    await withMessages(cloud, region, async (messages) => {
      await uploadDamagedFile(cloud, region, 'cut');
      await awaitFiled(cloud, region, `${region}/cut/`, 1);
      await messages.expectOne(`${region}/cut/`, 20);
    });
    expect(await list(cloud, region, 'failed', `${region}/cut/`)).toHaveLength(1);
    expect((await reports(cloud, region, `${region}/cut/`)).map(({ outcome }) => outcome)).toEqual(['failed']);
    expect(await rowsOf(cloud, 'cut')).toEqual({ 'us-east-1': 0, 'us-east-2': 0 });
    expect(await cloud.shell.run(`npm run -s status -- --region ${region} ${region}/cut/`)).toMatch(
      /FAILED.*us-east-2\/cut/,
    );
  });
}

function drain(step: DefineStep): void {
  step('takes up by a drain what no event told of', async (cloud) => {
    const names = ['a', 'b', 'c'];
    await uploadUnseen(
      cloud,
      'us-east-1',
      Object.fromEntries(names.map((name) => [`us-east-1/drained/${name}.jsonl`, reviewLines(`drained-${name}`, 5)])),
    );
    await cloud.shell.run(await outputOf(cloud, 'us-east-1', 'DrainCommand'));
    await awaitFiled(cloud, 'us-east-1', 'us-east-1/drained/', 3);
    await awaitRows(cloud, 'drained', 15);
  });

  step('drains by schedule what is old enough', async (cloud) => {
    const region = 'us-east-2';
    await uploadUnseen(cloud, region, { [`${region}/by-schedule/a.jsonl`]: reviewLines('by-schedule', 5) });
    await fireSchedule(cloud, region, 'DrainSchedule', { minAgeSeconds: 1 }, () =>
      awaitFiled(cloud, region, `${region}/by-schedule/`, 1),
    );
    await awaitRows(cloud, 'by-schedule', 5);
  });

  step('lets a Region take over what the other one has not ingested, from replicas of S3', async (cloud) => {
    const pipe = await cloud.physicalId('us-east-1', 'UploadPipe');
    const pipes = (command: string) => cloud.shell.run(`aws pipes ${command} --name ${pipe} --region us-east-1`);
    const pendingIn = (region: RegionName) => list(cloud, region, 'reviews', 'us-east-1/taken/');
    await pipes('stop-pipe');
    for (const name of ['a', 'b']) {
      await upload(cloud, 'us-east-1', `us-east-1/taken/${name}.jsonl`, reviewLines(`taken-${name}`, 20));
    }
    await until('both replicas', async () => (await pendingIn('us-east-2')).length === 2, {
      withinMs: 30_000,
      pauseMs: 200,
    });
    // A replica is no source of this Region: its own drain leaves it alone.
    await execute(cloud, 'us-east-2', 'ingest', {});
    expect(await pendingIn('us-east-2')).toHaveLength(2);
    expect(await rowsOf(cloud, 'taken')).toEqual({ 'us-east-1': 0, 'us-east-2': 0 });

    await execute(cloud, 'us-east-2', 'ingest', { takeover: { originBucket: bucketOf('us-east-1') } });
    await awaitFiled(cloud, 'us-east-2', 'us-east-1/taken/', 2);
    await awaitRows(cloud, 'taken', 40);

    await pipes('start-pipe');
    await awaitFiled(cloud, 'us-east-1', 'us-east-1/taken/', 2);
    await awaitRows(cloud, 'taken', 40);
  });
}

function repair(step: DefineStep): void {
  step('finds and puts back rows that were lost', async (cloud) => {
    const region = 'us-east-1';
    const functionName = await cloud.physicalId(region, 'DbProcessingFunction');
    const reconcile = `npm run -s reconcile -- --region ${region} --bucket ${bucketOf(region)} --function ${functionName}`;
    expect(await cloud.shell.run(reconcile)).toMatch(/\b0 short/);
    await cloud.query(region, "DELETE FROM book_reviews WHERE reviewer_id LIKE 'small-us-east-1-%'");
    await awaitRows(cloud, 'small-us-east-1', 0);
    expect(await cloud.shell.run(`${reconcile} --replay`)).toMatch(/replayed/);
    await awaitRows(cloud, 'small-us-east-1', 10);
    await awaitFiled(cloud, region, `${region}/small-us-east-1/`, 1);
    expect(await cloud.shell.run(reconcile)).toMatch(/\b0 short/);
  });

  // It runs the SAM CLI more than ten times.
  step(
    'withdraws a file in both Regions, and brings it back',
    async (cloud) => {
      const withdraw = 'npm run -s withdraw -- --region us-east-2 --file us-east-2/small-us-east-2/a.jsonl --yes';
      await cloud.shell.run(`${withdraw} --reason "sent twice" --by test`);
      await awaitRows(cloud, 'small-us-east-2', 0);
      await cloud.shell.run(`${withdraw} --undo`);
      await awaitRows(cloud, 'small-us-east-2', 10);
      await awaitFiled(cloud, 'us-east-2', 'us-east-2/small-us-east-2/', 1);
    },
    240,
  );
}

const outputOf = async ({ shell }: Cloud, region: RegionName, name: string) =>
  shell.run(
    `aws cloudformation describe-stacks --stack-name book-reviews --region ${region} --output text --query "Stacks[0].Outputs[?OutputKey=='${name}'].OutputValue"`,
  );
