// `npm run deploy` from two empty Regions, with what can come between: a no, and a creation that fails. Then `npm run undeploy`.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Cloud } from '../cloud.ts';
import { projectDirectory } from '../page.ts';
import { takeLocalUsers } from '../steps/deployment.ts';
import { stacksOf } from '../steps/removal.ts';
import { creationEdit, edited } from './template-edits.ts';

export async function deployByCommand(cloud: Cloud): Promise<void> {
  const { shell } = cloud;
  await expect(shell.run('exec < <(yes n)\nnpm run deploy')).rejects.toThrow('was not made');

  const template = join(shell.project, 'template.yaml');
  writeFileSync(template, edited(creationEdit));
  await expect(shell.run('npm run deploy')).rejects.toThrow(/sam deploy .* ended with status 1/);
  cpSync(join(projectDirectory, 'template.yaml'), template);
  await takeLocalUsers(cloud);

  const said = await shell.run('npm run deploy');
  expect(said).toContain('is ROLLBACK_COMPLETE: a failed creation left it. It is deleted first.');
  expect(said.match(/^All is well/gm)).toHaveLength(2);
  expect(said).toContain('Both Regions are deployed.');
}

export async function undeployByCommand(cloud: Cloud): Promise<void> {
  await expect(cloud.shell.run('exec < <(yes n)\nnpm run undeploy')).rejects.toThrow('was not deleted');
  expect(await cloud.shell.run('npm run undeploy')).toContain('All stacks are gone.');
  expect(await stacksOf(cloud)).toEqual([[], []]);
}
