// Deploys the application with one mistake after the other in its template, and shows that a use or a question fails then.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { Cloud } from '../cloud.ts';
import { askRolesOf } from '../steps/permissions.ts';
import { edited, edits, originalTemplate, type TemplateEdit, withBuiltCode } from './template-edits.ts';
import { runs } from './uses.ts';

const region = 'us-east-2';

const checks: Record<TemplateEdit['noticedBy'], (cloud: Cloud, name: string) => Promise<unknown>> = {
  ingest: (cloud, name) => runs.ingest(cloud, region, name),
  roles: (cloud) => askRolesOf(cloud, region),
  schedule: (cloud, name) => runs.schedule(cloud, region, name),
  replication: (cloud, name) => runs.replication(cloud, region, name),
  message: (cloud, name) => runs.message(cloud, region, name),
};

/** Deploys the template with the code that is built already. All other parameters keep the values that `npm run deploy` gave them. */
async function deploy({ shell }: Cloud, template: string): Promise<void> {
  writeFileSync(join(shell.project, 'mistake.yaml'), withBuiltCode(template));
  await shell.run(`sam deploy --config-env ${region} --template-file mistake.yaml --parameter-overrides LogLevel=INFO`);
}

export function makeEachMistake(cloud: () => Cloud): void {
  it.each(edits.map((edit, index) => [edit.what, edit.noticedBy, edit, `t${index}`] as const))(
    '%s: noticed by %s',
    async (_what, noticedBy, edit, name) => {
      await deploy(cloud(), edited(edit));
      await expect(checks[noticedBy](cloud(), name)).rejects.toThrow();
    },
  );

  it('nothing is wrong any more: every check passes', async () => {
    await deploy(cloud(), originalTemplate());
    for (const check of Object.values(checks)) await check(cloud(), 'right');
  });
}
