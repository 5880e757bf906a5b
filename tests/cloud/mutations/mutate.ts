// `npm run mutate:cloud`: one deployed cloud, and both lists of what is taken away from it. docs/emulated-aws.md says what they prove.
// One entry: npm run mutate:cloud -- -t 'kms:Decrypt of MigrateRole'
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { openScope } from '../../../local/demo/interruption.ts';
import { findPrograms } from '../can-run.ts';
import { type Cloud, startCloud } from '../cloud.ts';
import { deployByCommand, undeployByCommand } from './deploy-command.ts';
import { takeEachPermission } from './permission-list.ts';
import { makeEachMistake } from './template-list.ts';

const scope = openScope();
let started: Cloud | undefined;
const cloud = () => {
  if (started === undefined) throw new Error('the emulated AWS did not start');
  return started;
};

beforeAll(async () => {
  const programs = await findPrograms();
  if (typeof programs === 'string') throw new Error(programs);
  const running = await startCloud(programs, scope);
  await deployByCommand(running);
  started = running;
}, 900_000);
afterAll(() => scope.stop(), 60_000);

describe('without', () => takeEachPermission(cloud));
describe('with a template in which', () => makeEachMistake(cloud));

describe('at the end', () => {
  it('npm run undeploy removes all that npm run deploy has made', () => undeployByCommand(cloud()), 300_000);
});
