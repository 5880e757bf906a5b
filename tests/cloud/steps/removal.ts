// "Removing it" of docs/deployment.md, to the last key.
import { expect } from '@jest/globals';
import { type Cloud, regions } from '../cloud.ts';
import { commandsOf, type Step } from '../page.ts';
import type { DefineStep } from './step.ts';

const runPage = ({ shell }: Cloud, step: Step) => shell.run(commandsOf(step));

/** Stacks that are there, without the SAM CLI's own. */
export const stacksOf = async ({ shell }: Cloud) => {
  const answers = await Promise.all(
    regions.map((region) =>
      shell.run(
        `aws cloudformation list-stacks --region ${region} --output text --query 'StackSummaries[?StackStatus!=\`DELETE_COMPLETE\`].StackName'`,
      ),
    ),
  );
  return answers.map((answer) => answer.split(/\s+/).filter((name) => name.startsWith('book-reviews')));
};

export function removeEverything(step: DefineStep): void {
  step('removes the application', async (cloud) => {
    await runPage(cloud, 'deleteApplication');
    expect(await stacksOf(cloud)).toEqual([['book-reviews-database'], ['book-reviews-database']]);
  });

  step('removes the secondary cluster, and then the primary', async (cloud) => {
    cloud.samconfig.set('database-us-east-2', { DeletionProtection: 'false' });
    await runPage(cloud, 'deleteSecondary');
    cloud.samconfig.set('database-us-east-1', { PeerRegion: "''", PeerKeyId: "''", DeletionProtection: 'false' });
    await runPage(cloud, 'deletePrimary');
    expect(await stacksOf(cloud)).toEqual([[], []]);
  });

  step('empties and removes the buckets, and schedules the deletion of a key', async (cloud) => {
    await runPage(cloud, 'empty');
    const buckets = await cloud.shell.run('aws s3 ls --region us-east-1');
    expect(buckets).not.toContain('book-reviews-1');
    const key = (
      await cloud.shell.run("aws kms list-keys --region us-east-1 --query 'Keys[0].KeyId' --output text")
    ).trim();
    const commands = commandsOf('deleteKeys').split('\n');
    const schedule = commands.filter((line) => line.includes('schedule-key-deletion')).join('\n');
    expect(await cloud.shell.run(schedule.replace('KEY', key))).toContain('DeletionDate');
  });
}
