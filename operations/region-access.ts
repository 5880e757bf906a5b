// Gives a command access to one Region: its bucket and its functions. For a deployed Region, the stack has their names. For a
// local Region, `npm run local` writes files that say how to reach them.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { parseJson } from '../functions/shared/parse-json.ts';
import { invokeLocally } from '../local/invoke-locally.ts';
import { stateDirectory } from '../local/state-directory.ts';
import { OptionError, regionName } from './command-line.ts';
import { listResources, physicalIdOf } from './stack-resources.ts';

export interface RegionAccess {
  region: string;
  bucket: string;
  s3: S3Client;
  /** The answer of a function, by its name in template.yaml. @throws {Error} with the function's own error */
  invoke(logicalId: string, payload: unknown): Promise<unknown>;
  close(): void;
}

export interface RegionChoice {
  region: string;
  stackName: string;
  /** A Region that `npm run local` runs on this machine, in place of AWS. */
  local: boolean;
}

/** The flags by which every command chooses its Region. */
export const regionFlags = {
  region: { type: 'string' },
  'stack-name': { type: 'string', default: 'book-reviews' },
  local: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export const regionUsage = `  --region REGION      the Region to look at
  --stack-name NAME    the application's stack there (default book-reviews); your AWS credentials must be set
  --local              look at the Regions that 'npm run local' runs on this machine instead`;

/** @throws {OptionError} */
export const regionChoice = (values: { region?: string; 'stack-name': string; local: boolean }): RegionChoice => ({
  region: regionName(values.region),
  stackName: values['stack-name'],
  local: values.local,
});

const usualPeers: Record<string, string> = { 'us-east-1': 'us-east-2', 'us-east-2': 'us-east-1' };

/** The other Region of the pair. @throws {OptionError} if it must be named */
export function peerRegionOf(region: string, named: string | undefined): string {
  const peer = named === undefined ? usualPeers[region] : regionName(named);
  if (peer === undefined) throw new OptionError(`name the other Region of ${region} with --peer-region`);
  if (peer === region) throw new OptionError('--peer-region names another Region than --region');
  return peer;
}

/** @throws {Error} if the stack or the local Region is not there */
export const openRegion = (choice: RegionChoice): Promise<RegionAccess> =>
  choice.local ? openLocal(choice.region) : openDeployed(choice);

async function openDeployed({ region, stackName }: RegionChoice): Promise<RegionAccess> {
  const resources = await listResources(region, stackName);
  const s3 = new S3Client({ region });
  // DB-processing has a limit of concurrent invocations, which ingests may use up. All requests here may be repeated.
  const lambda = new LambdaClient({ region, maxAttempts: 10 });
  return {
    region,
    bucket: physicalIdOf(resources, 'ReviewBucket', stackName),
    s3,
    async invoke(logicalId, payload) {
      const FunctionName = physicalIdOf(resources, logicalId, stackName);
      const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }));
      return answerOf(logicalId, answer.FunctionError !== undefined, answer.Payload?.transformToString());
    },
    close() {
      s3.destroy();
      lambda.destroy();
    },
  };
}

/** The result of a function. @throws {Error} with the name and the message of what it threw */
export function answerOf(logicalId: string, isError: boolean, text: string | undefined): unknown {
  const value = parseJson(text || 'null') as { errorType?: string; errorMessage?: string } | null;
  if (!isError) return value;
  throw new Error(`${logicalId} failed: ${value?.errorType ?? 'unknown error'}: ${value?.errorMessage ?? ''}`);
}

interface LocalEndpoint {
  s3: { endpoint: string; bucket: string; accessKeyId: string; secretAccessKey: string };
}

async function openLocal(region: string): Promise<RegionAccess> {
  const text = await readFile(join(stateDirectory, 'endpoints.json'), 'utf8').catch(() => '{}');
  const found = (parseJson(text) as Record<string, LocalEndpoint>)[region];
  if (!found) throw new Error(`no Region ${region} runs on this machine: start both with 'npm run local'`);
  const { endpoint, bucket, ...credentials } = found.s3;
  const s3 = new S3Client({ region, endpoint, credentials });
  return {
    region,
    bucket,
    s3,
    invoke: (logicalId, payload) => invokeLocally(region, logicalId, payload).catch(unwrap(logicalId)),
    close: () => s3.destroy(),
  };
}

/** A sandbox's error has Lambda's JSON as its message. */
const unwrap = (logicalId: string) => (error: Error) => {
  if (error.message.startsWith('{')) answerOf(logicalId, true, error.message);
  throw error;
};
