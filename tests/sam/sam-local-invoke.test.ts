// Each function as the SAM CLI builds it and runs it in Lambda's runtime, with its sample event from events/, against both
// local Regions: the commands that `npm run local -- --no-events` prints. Without the SAM CLI or an image of the runtime these
// tests show as skipped, and local/setup/ has said why.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Examination } from '../../functions/doctor/finding.ts';
import { type WrittenEndpoints, writeEndpoints } from '../../local/demo/endpoints.ts';
import { openScope } from '../../local/demo/interruption.ts';
import { withDatabase } from '../../local/demo/rows.ts';
import { type LocalRegion, startTwoRegions, type TwoRegions } from '../../local/demo/two-regions.ts';
import { samArguments } from '../../local/sam/invocation.ts';
import { findLambdaImage } from '../../local/sam/lambda-image.ts';
import { findSamCli } from '../../local/sam/sam-cli.ts';
import { stackOf } from '../support/template.ts';

const project = resolve(import.meta.dirname, '../..');
const sample = join(project, 'events/sample-reviews.jsonl');
const sampleName = 'sample-reviews.jsonl';

const sam = findSamCli();
const image = await findLambdaImage().catch(() => undefined);
const canRun = sam !== undefined && image !== undefined;

const scope = openScope();
const directory = mkdtempSync(join(tmpdir(), 'sam-'));
let two: TwoRegions;
let written: WrittenEndpoints;

async function runSam(args: string[], environment: Record<string, string> = {}): Promise<string> {
  const options = {
    cwd: project,
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      PATH: [join(project, 'node_modules/.bin'), process.env.PATH].join(delimiter),
      npm_config_prefer_offline: 'true',
      SAM_CLI_TELEMETRY: '0',
      // SAM asks AWS for the account of the credentials, which are not AWS's here.
      AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9',
      AWS_MAX_ATTEMPTS: '1',
      ...environment,
    },
  };
  try {
    return (await promisify(execFile)(sam as string, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`sam ${args.join(' ')}\n${stdout}${stderr}`);
  }
}

beforeAll(async () => {
  if (!canRun) return;
  const buildDirectory = join(directory, 'build');
  [two] = await Promise.all([
    startTwoRegions(
      // An upload would be taken up by the Region itself, and be gone before a function is invoked on it.
      { rttMs: 12, lagMs: 0, stateDirectory: directory, region: () => ({ deliverEvent: () => {} }) },
      { scope, say: () => {} },
    ),
    runSam(['build', '--build-dir', buildDirectory, '--cache-dir', join(directory, 'cache')]),
  ]);
  written = await scope.use(
    () => writeEndpoints(two, directory, buildDirectory),
    ({ remove }) => remove(),
  );
}, 600_000);

afterAll(async () => {
  await scope.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

const sampleEvent = (region: LocalRegion, name: string) =>
  JSON.parse(readFileSync(join(written.sampleEvents[region.name] as string, name), 'utf8'));

/** The function's result, or the error that it ended with: { errorType, errorMessage, ... }. */
async function invoke({ name, region }: LocalRegion, logicalId: string, event: string): Promise<unknown> {
  const stdout = await runSam(
    samArguments({
      logicalId,
      eventFile: join(written.sampleEvents[name] as string, event),
      templateFile: written.samTemplateFile,
      environmentFile: written.samEnvironmentFiles[name] as string,
      region: name,
      addHost: written.addHost,
      image,
    }),
    { AWS_ACCESS_KEY_ID: region.s3.accessKeyId, AWS_SECRET_ACCESS_KEY: region.s3.secretAccessKey },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const rowsSeenIn = (region: LocalRegion, sourceId: string) =>
  withDatabase(region.database(), (query) =>
    query<{ reviewer_id: string; region_indicator: string }>(
      'SELECT reviewer_id, region_indicator FROM book_reviews WHERE source_id = UNHEX(?) ORDER BY source_offset',
      [sourceId],
    ),
  );

/** What each function must do with its sample event, in the order of a file's way. */
const cases: Record<string, (region: LocalRegion) => Promise<void>> = {
  async MigrateFunction(region) {
    const result = await invoke(region, 'MigrateFunction', 'migrate.json');
    if (region.role() === 'secondary') expect(result).toMatchObject({ errorType: 'ConfigurationError' });
    else expect(result).toMatchObject({ applied: [], alreadyApplied: expect.arrayContaining([expect.any(String)]) });
  },

  async PreprocessFunction(region) {
    await region.bucket.upload(sampleName, sample, statSync(sample).size);
    const { source } = sampleEvent(region, 'db-processing.json');
    for (const event of ['preprocess-pipe-batch.json', 'preprocess-drain.json']) {
      const page = await invoke(region, 'PreprocessFunction', event);
      // The time of this upload is no part of the sample.
      const planned = { ...source, uploadedAt: expect.any(String) };
      expect(page).toEqual({ sources: [planned], dropped: {}, cursor: null });
    }
  },

  async DbProcessingFunction(region) {
    const { source } = sampleEvent(region, 'db-processing.json');
    expect(await rowsSeenIn(region, source.sourceId)).toEqual([]);
    const progress = await invoke(region, 'DbProcessingFunction', 'db-processing.json');
    const [expected] = sampleEvent(region, 'postprocess.json').chunkResults;
    // Both Regions have the sample. Either may be the first, and the other then names that one's as a file with the same content.
    const others = two.regions.filter((other) => other !== region);
    const same = [null, ...others.map((other) => sampleEvent(other, 'db-processing.json').source.sourceId)];
    const { sameness } = progress as { sameness: { sameContentAs: string | null } };
    expect(same).toContain(sameness.sameContentAs);
    expect(progress).toEqual({
      ...expected,
      sameness: { ...expected.sameness, sameContentAs: sameness.sameContentAs },
    });
    // The secondary's rows went through its own front to the primary, and came back by replication.
    for (const seenIn of two.regions) {
      while ((await rowsSeenIn(seenIn, source.sourceId)).length === 0) await sleep(50);
      await expect(rowsSeenIn(seenIn, source.sourceId)).resolves.toEqual([
        { reviewer_id: 'SAMPLE-REVIEWER-1', region_indicator: region.name },
        { reviewer_id: 'SAMPLE-REVIEWER-2', region_indicator: region.name },
      ]);
    }
    expect(await region.bucket.rejectedLines()).toBe(1);
  },

  async PostprocessFunction(region) {
    const { source } = sampleEvent(region, 'postprocess.json');
    const outcome = await invoke(region, 'PostprocessFunction', 'postprocess.json');
    expect(outcome).toEqual({ sourceId: source.sourceId, outcome: 'completed' });
    expect(await region.bucket.listing()).toMatchObject({ pending: [], completed: [sampleName], failed: [] });
    expect(await region.bucket.reports()).toMatchObject([
      { outcome: 'completed', totals: { inserted: 2, rejected: 1 } },
    ]);
  },

  async DailySummaryFunction(region) {
    // Yesterday, when these Regions were not there yet.
    const result = (await invoke(region, 'DailySummaryFunction', 'daily-summary.json')) as { date: string };
    expect(result).toMatchObject({ bucket: region.region.bucket, totals: { reviews: 0 } });
    await expect(region.bucket.read('summaries', `${result.date}/summary.html`)).resolves.toContain('No reviews');
    const summary = JSON.parse(await region.bucket.read('summaries', `${result.date}/summary.json`));
    expect(summary.readFrom).toMatchObject({ region: region.name, role: region.role() });
  },

  async DoctorFunction(region) {
    const { findings } = (await invoke(region, 'DoctorFunction', 'doctor.json')) as Examination;
    expect(findings).toContainEqual({ what: 'role', ok: true, seen: region.role() });
    // The embedded S3 server has neither.
    const notOk = findings.filter(({ ok }) => ok !== true).map(({ what }) => what);
    expect(notOk).toEqual(['bucket versioning', 'bucket events']);
  },
};

describe('sam local invoke', () => {
  it('is tried with every function of the template', () => {
    expect(Object.keys(stackOf('us-east-1').functions).sort()).toEqual(Object.keys(cases).sort());
  });

  (canRun ? it : it.skip).each(Object.entries(cases))(
    'of %s does its work in both Regions',
    async (_logicalId, does) => {
      await Promise.all(two.regions.map(does));
    },
    120_000,
  );
});
