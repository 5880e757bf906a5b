// Deploys the application with one mistake after the other in its template, and shows that a use or a question fails then.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { projectDirectory } from '../page.ts';
import { askRolesOf } from '../steps/permissions.ts';
import { useDeployedCloud } from './start.ts';
import { edited, edits, type TemplateEdit } from './template-edits.ts';
import { runs } from './uses.ts';

const region = 'us-east-2';
const cloud = useDeployedCloud();

const deploy = () => cloud().shell.run(`sam build && sam deploy --config-env ${region}`);
const checks: Record<TemplateEdit['noticedBy'], (name: string) => Promise<unknown>> = {
  deployment: async () => {},
  ingest: (name) => runs.ingest(cloud(), region, name),
  roles: () => askRolesOf(cloud(), region),
  schedule: (name) => runs.schedule(cloud(), region, name),
  replication: (name) => runs.replication(cloud(), region, name),
};

describe('a template in which', () => {
  it.each(edits.map((edit, index) => [edit.what, edit.noticedBy, edit, index] as const))(
    '%s is noticed by: %s',
    async (_what, noticedBy, edit, index) => {
      writeFileSync(join(cloud().shell.project, 'template.yaml'), edited(edit));
      if (noticedBy === 'deployment') await expect(deploy()).rejects.toThrow();
      else {
        await deploy();
        await expect(checks[noticedBy](`t${index}`)).rejects.toThrow();
      }
    },
  );

  it('nothing is wrong passes every check', async () => {
    cpSync(join(projectDirectory, 'template.yaml'), join(cloud().shell.project, 'template.yaml'));
    await deploy();
    for (const check of Object.values(checks)) await check('control');
  });
});
