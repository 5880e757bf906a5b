// docs/deployment.md from its first command to its last, against an AWS that others wrote: the shipped templates, bundles and
// samconfig.toml, deployed by the real SAM CLI into two Regions of MiniStack, with IAM and TLS. docs/emulated-aws.md says what this proves.
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { openScope } from '../../local/demo/interruption.ts';
import { findPrograms } from './can-run.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { deployEverything } from './steps/deployment.ts';
import { askEveryRole } from './steps/permissions.ts';
import { removeEverything } from './steps/removal.ts';
import { useIt } from './steps/use.ts';

const programs = await findPrograms();

if (typeof programs === 'string') {
  describe('an emulated AWS', () => {
    it.skip(`runs docs/deployment.md (skipped: ${programs})`, () => {});
  });
} else {
  describe('an emulated AWS', () => {
    const scope = openScope();
    let started: Cloud | undefined;
    let broken: string | undefined;
    const cloud = () => {
      if (started === undefined) throw new Error('the emulated AWS did not start');
      return started;
    };
    beforeAll(async () => {
      started = await startCloud(programs, scope);
    }, 180_000);
    afterAll(() => scope.stop(), 60_000);

    /** A test that builds on all tests before it. */
    const step = (title: string, run: (cloud: Cloud) => Promise<void>, seconds = 120) =>
      it(
        title,
        async () => {
          if (broken !== undefined) throw new Error(`not tried, since an earlier step failed: ${broken}`);
          broken = title;
          await run(cloud());
          broken = undefined;
        },
        seconds * 1000,
      );

    describe('with the commands of docs/deployment.md', () => deployEverything(step));
    describe('in everyday use', () => useIt(step));
    describe('with IAM', () => askEveryRole(step));
    describe('at the end', () => removeEverything(step));
  });
}
