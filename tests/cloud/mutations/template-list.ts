// Deploys the application with one mistake after the other in its template, and shows that a use or a question fails then.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { Cloud } from '../cloud.ts';
import { projectDirectory } from '../page.ts';
import { askRolesOf } from '../steps/permissions.ts';
import { edited, edits, type TemplateEdit } from './template-edits.ts';
import { runs } from './uses.ts';

const region = 'us-east-2';

const checks: Record<TemplateEdit['noticedBy'], (cloud: Cloud, name: string) => Promise<unknown>> = {
  ingest: (cloud, name) => runs.ingest(cloud, region, name),
  roles: (cloud) => askRolesOf(cloud, region),
  schedule: (cloud, name) => runs.schedule(cloud, region, name),
  replication: (cloud, name) => runs.replication(cloud, region, name),
  message: (cloud, name) => runs.message(cloud, region, name),
};

/** All other parameters keep the values that `npm run deploy` gave them. */
const deploy = ({ shell }: Cloud) =>
  shell.run(`sam build && sam deploy --config-env ${region} --parameter-overrides LogLevel=INFO`);

export function makeEachMistake(cloud: () => Cloud): void {
  it.each(edits.map((edit, index) => [edit.what, edit.noticedBy, edit, `t${index}`] as const))(
    '%s: noticed by %s',
    async (_what, noticedBy, edit, name) => {
      writeFileSync(join(cloud().shell.project, 'template.yaml'), edited(edit));
      await deploy(cloud());
      await expect(checks[noticedBy](cloud(), name)).rejects.toThrow();
    },
  );

  it('nothing is wrong any more: every check passes', async () => {
    cpSync(join(projectDirectory, 'template.yaml'), join(cloud().shell.project, 'template.yaml'));
    await deploy(cloud());
    for (const check of Object.values(checks)) await check(cloud(), 'right');
  });
}
