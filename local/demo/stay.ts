// Keeps Regions until Ctrl-C. Prints how to reach them, and a line for each finished file.

import { join, relative } from 'node:path';
import { pendingPrefix } from '../../functions/shared/keys.ts';
import { samArguments } from '../sam/invocation.ts';
import { findLambdaImage } from '../sam/lambda-image.ts';
import { findSamCli } from '../sam/sam-cli.ts';
import { stateDirectory } from '../state-directory.ts';
import { writeEndpoints } from './endpoints.ts';
import type { Scope } from './interruption.ts';
import type { TwoRegions } from './two-regions.ts';

/** Functions to try by hand and their sample events, in the order of a file's way. */
const byHand = [
  ['PreprocessFunction', 'preprocess-pipe-batch.json'],
  ['DbProcessingFunction', 'db-processing.json'],
  ['PostprocessFunction', 'postprocess.json'],
] as const;

/** Never resolves. An interruption ends it. `events`: whether uploads start their processing. */
export async function stayUntilInterrupted(
  two: TwoRegions,
  { scope, say, events = true }: { scope: Scope; say: (line: string) => void; events?: boolean },
) {
  const { endpoints, endpointsFile, samEnvironmentFiles, samTemplateFile, sampleEvents, addHost } = await scope.use(
    () => writeEndpoints(two, stateDirectory),
    ({ remove }) => remove(),
  );
  const here = (path: string) => relative('', path);
  const image = await findLambdaImage();
  const sam = findSamCli() ?? 'sam';
  const invoke = (region: string, logicalId: string, event: string) => {
    const eventFile = here(join(sampleEvents[region] ?? '', event));
    const templateFile = here(samTemplateFile);
    const environmentFile = here(samEnvironmentFiles[region] ?? '');
    return `${sam} ${samArguments({ logicalId, eventFile, templateFile, environmentFile, region, addHost, image }).join(' ')}`;
  };
  for (const [region, { mysql, s3, role }] of Object.entries(endpoints)) {
    const { host, port, user, password, database, caFile } = mysql;
    const credentials = `AWS_ACCESS_KEY_ID=${s3.accessKeyId} AWS_SECRET_ACCESS_KEY=${s3.secretAccessKey} AWS_REGION=${region}`;
    say(`
${region} (${role})
  rows    MYSQL_PWD=${password} mysql --host=${host} --port=${port} --user=${user} --ssl-mode=VERIFY_IDENTITY --ssl-ca=${here(caFile)} ${database}
  upload  ${credentials} aws --endpoint-url ${s3.endpoint} s3 cp FILE s3://${s3.bucket}/${pendingPrefix}
  drain   kill -USR2 ${process.pid}   (both Regions take up what is pending)`);
    // If the Region processed uploads, it would move the file before anyone could invoke a function on it.
    if (events) continue;
    say(`  invoke  what single functions do with events/sample-reviews.jsonl, uploaded as above in place of FILE:`);
    for (const [logicalId, event] of byHand) say(`          ${credentials} ${invoke(region, logicalId, event)}`);
  }
  if (events) say('\nTo invoke single functions by `sam local invoke`, start with `npm run local -- --no-events`.');
  say(`\nFor programs: ${here(endpointsFile)}. Logs: ${here(two.logDirectory)}/. Both Regions stay until Ctrl-C.\n`);

  for (const { name, listeners } of two.regions) {
    listeners.onChunkResult = () => {};
    listeners.onOutcome = ({ outcome, reason }, { source, chunkResults }) => {
      const sum = (count: 'inserted' | 'alreadyPresent' | 'rejected') =>
        (chunkResults ?? []).reduce((total, result) => total + result[count], 0);
      const what =
        outcome === 'completed'
          ? `${sum('inserted')} inserted, ${sum('alreadyPresent')} already present, ${sum('rejected')} rejected`
          : reason;
      say(`${new Date().toTimeString().slice(0, 8)}  ${name}  ${outcome}  ${source.key}: ${what}`);
    };
    listeners.onExecutionEnd = ({ id, status, error }) => {
      if (status === 'FAILED')
        say(`${new Date().toTimeString().slice(0, 8)}  ${name}  execution ${id} failed: ${error}`);
    };
  }
  const drain = () => {
    for (const { name, region } of two.regions) {
      say(`${new Date().toTimeString().slice(0, 8)}  ${name}  drain ${region.startExecution({}).id}`);
    }
  };
  process.on('SIGUSR2', drain);
  // All sockets of the servers may be in other processes, so something must keep this process running.
  const staying = setInterval(() => {}, 60_000);
  await scope.unlessInterrupted(new Promise<never>(() => {})).finally(() => {
    process.off('SIGUSR2', drain);
    clearInterval(staying);
  });
}
