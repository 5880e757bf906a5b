// The page's way from two empty Regions to the first summary.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect } from '@jest/globals';
import { countIndependently } from '../../../local/reviews/read-independently.ts';
import { type Cloud, otherThan, type RegionName, regions } from '../cloud.ts';
import { account } from '../emulator.ts';
import { awaitFiled, reports } from '../files.ts';
import { commandsOf, type Step } from '../page.ts';
import type { DefineStep } from './step.ts';

const runPage = ({ shell }: Cloud, step: Step) => shell.run(commandsOf(step));

/** The lines of a step that do not need each other, at the same time. It saves a third of the time. */
const runLinesAtOnce = async ({ shell }: Cloud, step: Step): Promise<string> => {
  const lines = commandsOf(step).trim().split('\n');
  return (await Promise.all(lines.map((line) => shell.run(line)))).join('\n');
};

export function deployEverything(step: DefineStep): void {
  deployStacks(step);
  followPage(step);
}

function deployStacks(step: DefineStep): void {
  step('asks for the concurrency that is left', async (cloud) => {
    expect(await runPage(cloud, 'quota')).toMatch(/^\d+\n\d+\n$/);
  });

  step('deploys the database, and once more with the key of the peer', async (cloud) => {
    const PeerKeyId = (await runPage(cloud, 'database')).trim().split('\n').at(-1) ?? '';
    expect(PeerKeyId).toMatch(/^[0-9a-f-]{36}$/);
    cloud.samconfig.set('database-us-east-1', { PeerRegion: 'us-east-2', PeerKeyId });
    await runPage(cloud, 'databasePeer');
    await takeLocalUsers(cloud);
  });

  step(
    'deploys the application with the outputs of the database',
    async (cloud) => {
      const answers = readJsonValues(await runPage(cloud, 'databaseOutputs')) as string[][];
      for (const [index, region] of regions.entries()) {
        const outputs = Object.fromEntries((answers[index] ?? []).map((line) => line.split('=') as [string, string]));
        expect(outputs).toEqual({
          DatabaseWriterEndpoint: expect.stringMatching(/^host\.docker\.internal:\d+$/),
          DatabaseReaderEndpoint: expect.stringMatching(/^host\.docker\.internal:\d+$/),
          DatabasePort: '3306',
          DatabaseSecurityGroupId: expect.stringMatching(/^sg-/),
          DatabaseClusterId: `book-reviews-${region}`,
          SecretKeyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          DatabaseName: cloud.database.database,
        });
        cloud.samconfig.set(region, outputs);
      }
      expect(await runPage(cloud, 'application')).toContain('"applicationUser":');
      for (const region of regions) {
        const tables = await cloud.query<Record<string, string>>(region, 'SHOW TABLES');
        expect(tables.flatMap((row) => Object.values(row))).toContain('book_reviews');
      }
    },
    240,
  );

  step('finds with the doctor that all is well', async (cloud) => {
    expect((await runLinesAtOnce(cloud, 'doctor')).match(/^All is well/gm)).toHaveLength(2);
  });

  step('deploys both again with the bucket and the key of the peer', async (cloud) => {
    const lines = (await runPage(cloud, 'applicationOutputs'))
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    const perRegion = regions.map(
      (region, index) => [region, Object.fromEntries(lines.slice(2 * index, 2 * index + 2))] as const,
    );
    const outputs = Object.fromEntries(perRegion) as Record<RegionName, Record<string, string>>;
    for (const region of regions) {
      const { ReviewBucketName, KeyId } = outputs[otherThan(region)];
      expect(ReviewBucketName).toBe(`book-reviews-${account}-${otherThan(region)}`);
      cloud.samconfig.set(region, withValues({ PeerBucketName: ReviewBucketName, PeerKeyId: KeyId }));
    }
    await runLinesAtOnce(cloud, 'applicationPeers');
  });
}

/** What the page does with both stacks. */
function followPage(step: DefineStep): void {
  step(
    'ingests the first files of both Regions, and accounts for every line of them',
    async (cloud) => {
      await runPage(cloud, 'upload');
      for (const region of regions) {
        const directory = join(cloud.shell.project, 'made', region);
        const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
          entry.isFile(),
        );
        const counts = await Promise.all(files.map((file) => countIndependently(join(file.parentPath, file.name))));
        const sum = (of: 'reviews' | 'rejected' | 'lines') => counts.reduce((total, one) => total + one[of], 0);
        expect(sum('rejected')).toBeGreaterThan(0);
        await awaitFiled(cloud, region, `${region}/`, files.length, 120);
        const totals = (await reports(cloud, region, `${region}/`)).map((report) => report.totals);
        const total = (of: 'inserted' | 'rejected' | 'lines') => totals.reduce((all, one) => all + (one?.[of] ?? 0), 0);
        expect({ lines: total('lines'), inserted: total('inserted'), rejected: total('rejected') }).toEqual({
          lines: sum('lines'),
          inserted: sum('reviews'),
          rejected: sum('rejected'),
        });
        for (const side of regions) {
          const [row] = await cloud.query<{ n: number }>(
            side,
            'SELECT COUNT(*) AS n FROM book_reviews WHERE region_indicator = ?',
            [region],
          );
          expect(Number(row?.n)).toBe(sum('reviews'));
        }
      }
    },
    300,
  );

  step('shows files and reports, and the password to read rows with', async (cloud) => {
    expect(await runPage(cloud, 'reports')).toContain('book-review/completed/us-east-1/');
    expect(existsSync(join(cloud.shell.project, 'reports'))).toBe(true);
    expect(JSON.parse(await runPage(cloud, 'rows'))).toEqual({
      username: cloud.database.users.application.user,
      password: cloud.database.users.application.password,
    });
  });

  step('starts a drain', async (cloud) => {
    expect(await runPage(cloud, 'drain')).toContain('executionArn');
  });

  step('writes the summary of today', async (cloud) => {
    await runPage(cloud, 'summary');
    expect(readFileSync(join(cloud.shell.project, 'summary.html'), 'utf8')).toMatch(/us-east-1[\s\S]*us-east-2/);
  });
}

/** A parameter that has no value would be a finding of its own. */
function withValues(values: Record<string, string | undefined>): Record<string, string> {
  for (const [name, value] of Object.entries(values)) if (!value) throw new Error(`the stack has no output ${name}`);
  return values as Record<string, string>;
}

/** The emulated cluster has no users, so both secrets get those of the local database. Their replicas follow. */
export async function takeLocalUsers({ client, database }: Cloud): Promise<void> {
  const primary = new SecretsManagerClient(client('us-east-1'));
  const secondary = new SecretsManagerClient(client('us-east-2'));
  for (const [SecretId, { user, password }] of [
    ['book-reviews/application', database.users.application],
    ['book-reviews/admin', database.users.admin],
  ] as const) {
    const SecretString = JSON.stringify({ username: user, password });
    await primary.send(new PutSecretValueCommand({ SecretId, SecretString }));
    const replica = await secondary.send(new GetSecretValueCommand({ SecretId }));
    expect(replica.SecretString).toBe(SecretString);
  }
}

/** The AWS CLI prints one JSON value a command, each over many lines. */
const readJsonValues = (text: string): unknown[] => JSON.parse(`[${text.trim().replaceAll(/^\]\n\[/gm, '],\n[')}]`);
