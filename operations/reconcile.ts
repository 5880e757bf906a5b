// `npm run reconcile -- --region us-east-1 --bucket NAME --function NAME [--since 2026-11-21T10:00:00Z] [--file KEY] [--replay [--lost-bucket NAME]]`
// With the operator's own AWS credentials. Exit status 0: no source is short, or every short one was put back; 3: some are short.

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { pendingPrefix } from '../functions/shared/keys.ts';
import { parseJson } from '../functions/shared/parse-json.ts';
import { parseFlags } from './command-line.ts';
import { reconcile } from './reconcile/find-short-sources.ts';

const usage =
  'npm run reconcile -- --region REGION --bucket BUCKET --function DB_PROCESSING_FUNCTION [--since ISO_TIME] [--file KEY] [--replay [--lost-bucket BUCKET]]';

const explain = (message: string): never => {
  console.error(`reconcile: ${message}\n${usage}`);
  process.exit(2);
};

function readOptions() {
  try {
    return parseFlags(process.argv.slice(2), {
      region: { type: 'string' },
      bucket: { type: 'string' },
      function: { type: 'string' },
      since: { type: 'string' },
      file: { type: 'string' },
      replay: { type: 'boolean', default: false },
      'lost-bucket': { type: 'string' },
      help: { type: 'boolean', default: false },
    });
  } catch (error) {
    return explain((error as Error).message);
  }
}

const options = readOptions();
if (options.help) {
  console.log(usage);
  process.exit(0);
}
const { replay, file, 'lost-bucket': lostBucket } = options;
const region = options.region ?? explain('--region is missing');
const bucket = options.bucket ?? explain('--bucket is missing');
const FunctionName = options.function ?? explain('--function is missing');
const since = options.since === undefined ? undefined : new Date(options.since);
if (since && Number.isNaN(since.getTime()))
  explain(`--since ${options.since} is not a time, such as 2026-11-21T10:00:00Z`);
if (file !== undefined && !file.startsWith(pendingPrefix)) explain(`--file begins with ${pendingPrefix}`);
if (lostBucket === bucket) explain('--lost-bucket is the bucket of the other Region, which stays lost');
const s3 = new S3Client({ region });
const lambda = new LambdaClient({ region });

const countRows = async (ids: string[]): Promise<Record<string, number>> => {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify({ countRows: ids, withErased: true }) }),
  );
  const answer = parseJson(Payload?.transformToString() ?? 'null') as Record<string, number> & {
    errorType?: string;
    errorMessage?: string;
  };
  if (FunctionError) throw new Error(`${FunctionName}: ${answer?.errorType}: ${answer?.errorMessage}`);
  return answer;
};

const { reports, filed, short } = await reconcile(
  {
    region,
    bucket,
    replay,
    ...(since && { since }),
    ...(file !== undefined && { file }),
    ...(lostBucket !== undefined && { lostBucket }),
  },
  { s3, countRows, say: console.log },
);
const missing = short.map(({ reported, found }) => Math.max(0, reported - found)).filter((rows) => rows > 0);
const replayed = short.filter(({ outcome }) => outcome === 'replayed').length;
const rows = missing.reduce((sum, each) => sum + each, 0);
console.log(
  `${reports} reports, ${filed} ${file === undefined ? 'completed' : 'filed'} sources; ${missing.length} short by ${rows} rows, ${replayed} put back to be processed again`,
);
process.exitCode = replayed === short.length && (file === undefined || filed > 0) ? 0 : 3;
