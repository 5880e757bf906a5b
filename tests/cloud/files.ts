// What becomes of uploads, seen through S3 and SQL only.

import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { bucketOf, type Cloud, type RegionName, regions } from './cloud.ts';

export type Prefix = 'reviews' | 'completed' | 'failed' | 'rejected' | 'reports' | 'summaries';

/** A report, as docs and dashboards use it. */
export interface Report {
  outcome: string;
  totals?: { lines: number; inserted: number; alreadyPresent: number; rejected: number; blank: number };
}

/** Keys below book-review/PREFIX/FOLDER, without book-review/PREFIX/. */
export async function list(cloud: Cloud, region: RegionName, prefix: Prefix, folder: string): Promise<string[]> {
  const root = `book-review/${prefix}/`;
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await cloud.s3(region).send(
      new ListObjectsV2Command({
        Bucket: bucketOf(region),
        Prefix: root + folder,
        ...(token && { ContinuationToken: token }),
      }),
    );
    for (const { Key = '' } of page.Contents ?? []) names.push(Key.slice(root.length));
    token = page.NextContinuationToken;
  } while (token);
  return names.sort();
}

export async function read(cloud: Cloud, region: RegionName, key: string): Promise<string> {
  const answer = await cloud.s3(region).send(new GetObjectCommand({ Bucket: bucketOf(region), Key: key }));
  return (await answer.Body?.transformToString()) ?? '';
}

export const upload = (cloud: Cloud, region: RegionName, name: string, body: string | Buffer, tagging?: string) =>
  cloud.s3(region).send(
    new PutObjectCommand({
      Bucket: bucketOf(region),
      Key: `book-review/reviews/${name}`,
      Body: body,
      ...(tagging && { Tagging: tagging }),
    }),
  );

/** Reports of all files below the folder. */
export async function reports(cloud: Cloud, region: RegionName, folder: string): Promise<Report[]> {
  const keys = await list(cloud, region, 'reports', folder);
  return Promise.all(keys.map(async (key) => JSON.parse(await read(cloud, region, `book-review/reports/${key}`))));
}

/** Until nothing below the folder is pending, and `count` files are filed under completed/ or failed/. */
export async function awaitFiled(
  cloud: Cloud,
  region: RegionName,
  folder: string,
  count: number,
  seconds = 60,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const [pending, completed, failed] = await Promise.all(
      (['reviews', 'completed', 'failed'] as const).map((prefix) => list(cloud, region, prefix, folder)),
    );
    if (pending?.length === 0 && (completed?.length ?? 0) + (failed?.length ?? 0) === count) return;
    if (Date.now() > deadline) {
      throw new Error(
        `${folder} in ${region} after ${seconds} s: ${count} uploaded, pending ${pending}, completed ${completed}, failed ${failed}; ${cloud.emulator.logFile}`,
      );
    }
    await sleep(250);
  }
}

const names = ['Ann', 'Zoë', '张伟'];

/** Lines that are reviews. Each tag has different reviewers. */
export const reviewLines = (tag: string, count: number) =>
  Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      reviewerID: `${tag}-${index}`,
      asin: `B0000${String(index).padStart(5, '0')}`,
      reviewerName: names[index % names.length],
      overall: 1 + (index % 5),
      unixReviewTime: 1_400_000_000 + index,
      reviewText: `Review ${index} of ${tag}. ${'A book to read again. '.repeat(3)}`,
    }),
  ).join('\n');

/** Rows of the reviewers with the tag, as each Region's own endpoint counts them. */
export async function rowsOf(cloud: Cloud, tag: string): Promise<Record<RegionName, number>> {
  const counts = await Promise.all(
    regions.map(async (region) => {
      const [row] = await cloud.query<{ n: number }>(
        region,
        'SELECT COUNT(*) AS n FROM book_reviews WHERE reviewer_id LIKE ?',
        [`${tag}-%`],
      );
      return [region, Number(row?.n)] as const;
    }),
  );
  return Object.fromEntries(counts) as Record<RegionName, number>;
}

/** Replication takes a moment. @throws {Error} if a Region does not come to have so many rows */
export async function awaitRows(cloud: Cloud, tag: string, count: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const rows = await rowsOf(cloud, tag);
    if (regions.every((region) => rows[region] === count)) return;
    if (Date.now() > deadline)
      throw new Error(`${count} rows of ${tag} expected in both Regions: ${JSON.stringify(rows)}`);
    await sleep(200);
  }
}
