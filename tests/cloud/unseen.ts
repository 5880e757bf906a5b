// Files that no event tells of: they wait for a drain.
import type { Cloud, RegionName } from './cloud.ts';
import { upload } from './files.ts';

/** @param files text by name */
export async function uploadUnseen(cloud: Cloud, region: RegionName, files: Record<string, string>): Promise<void> {
  const rule = await cloud.physicalId(region, 'UploadRule');
  const events = (command: string) => cloud.shell.run(`aws events ${command} --name ${rule} --region ${region}`);
  await events('disable-rule');
  for (const [name, body] of Object.entries(files)) await upload(cloud, region, name, body);
  await events('enable-rule');
}
