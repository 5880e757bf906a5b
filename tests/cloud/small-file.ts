// The shortest way through the whole pipeline: one small file with tags and a line that is no review.
import { GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { expect } from '@jest/globals';
import { bucketOf, type Cloud, type RegionName } from './cloud.ts';
import { awaitFiled, awaitRows, list, read, reviewLines, upload } from './files.ts';

/** Reviewers and folders of the file have this name. */
const tagOf = (name: string, region: RegionName) => `${name}-${region}`;

export async function uploadSmallFile(cloud: Cloud, region: RegionName, name: string): Promise<void> {
  const tag = tagOf(name, region);
  await upload(cloud, region, `${region}/${tag}/a.jsonl`, `${reviewLines(tag, 10)}\n{not json\n`, 'origin=shop');
}

/** Rows in both Regions, the rejected line, the file under completed/ and its tags. @throws where one is missing after `seconds` */
export async function expectSmallFile(cloud: Cloud, region: RegionName, name: string, seconds = 60): Promise<void> {
  const tag = tagOf(name, region);
  await awaitFiled(cloud, region, `${region}/${tag}/`, 1, seconds);
  await awaitRows(cloud, tag, 10);
  const [rejected = ''] = await list(cloud, region, 'rejected', `${region}/${tag}/`);
  expect(await read(cloud, region, `book-review/rejected/${rejected}`)).toContain('{not json');
  const { TagSet } = await cloud
    .s3(region)
    .send(
      new GetObjectTaggingCommand({ Bucket: bucketOf(region), Key: `book-review/completed/${region}/${tag}/a.jsonl` }),
    );
  expect(TagSet).toEqual([{ Key: 'origin', Value: 'shop' }]);
}
