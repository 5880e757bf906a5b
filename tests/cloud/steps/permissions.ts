// Every role, with its own credentials, asks for everything that it must do and for what it must not. The expected answers come from
// what each part is for, not from the template.
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect } from '@jest/globals';
import { bucketOf, type Cloud, type Credentials, otherThan, type RegionName, regions } from '../cloud.ts';
import { account } from '../emulator.ts';
import { credentialsOf, isAllowed } from '../identities.ts';
import type { DefineStep } from './step.ts';

const prefixes = ['reviews', 'completed', 'failed', 'rejected', 'reports', 'summaries', 'withdrawn'] as const;
const secrets = ['application', 'admin'] as const;
const functions = ['Preprocess', 'DbProcessing', 'Postprocess', 'Migrate', 'DailySummary', 'Doctor'] as const;

/** All that a role may do; the other questions must be denied. */
const duties: Record<string, string[]> = {
  PreprocessRole: ['list reviews', 'get reviews', 'get reports'],
  DbProcessingRole: ['list reviews', 'get reviews', 'get reports', 'put rejected', 'secret application'],
  PostprocessRole: [
    ...prefixes.map((prefix) => `list ${prefix}`),
    ...['reviews', 'completed', 'failed', 'reports'].map((prefix) => `get ${prefix}`),
    ...['completed', 'failed', 'reports'].map((prefix) => `put ${prefix}`),
    'delete reviews',
  ],
  MigrateRole: ['secret admin', 'secret application'],
  DailySummaryRole: ['list reports', 'get reports', 'put summaries', 'secret application'],
  DoctorRole: ['list reviews', 'secret application'],
  StateMachineRole: ['invoke Preprocess', 'invoke DbProcessing', 'invoke Postprocess', 'start ingest'],
  DrainMachineRole: ['start ingest'],
  UploadPipeRole: ['start ingest'],
  DrainScheduleRole: ['start drain'],
  // What it replicates by is no request that anybody can make.
  ReplicationRole: ['list everything', ...prefixes.map((prefix) => `list ${prefix}`)],
};

/** The summary's schedule is in one Region only. */
const scheduleDuties: Record<string, string[]> = { DailySummaryScheduleRole: ['invoke DailySummary'] };

export function askEveryRole(step: DefineStep): void {
  for (const region of regions) {
    step(`lets each role in ${region} do what it is for, and nothing else`, (cloud) => askRolesOf(cloud, region));
  }
}

export async function askRolesOf(cloud: Cloud, region: RegionName): Promise<void> {
  const roles = { ...duties, ...(region === 'us-east-2' ? scheduleDuties : {}) };
  const stack = await names(cloud, region);
  let asked = 0;
  for (const [role, expected] of Object.entries(roles)) {
    const questions = questionsOf(cloud, region, await credentialsOf(cloud, region, role), stack);
    const allowed: string[] = [];
    for (const [question, ask] of Object.entries(questions)) if (await isAllowed(ask)) allowed.push(question);
    asked += Object.keys(questions).length;
    expect({ role, allowed: allowed.sort() }).toEqual({ role, allowed: [...expected].sort() });
  }
  expect(asked).toBeGreaterThan(400);
}

interface Names {
  key: string;
  functions: Record<string, string>;
}

const names = async (cloud: Cloud, region: RegionName): Promise<Names> => ({
  key: await cloud.physicalId(region, 'Key'),
  functions: Object.fromEntries(
    await Promise.all(functions.map(async (name) => [name, await cloud.physicalId(region, `${name}Function`)])),
  ),
});

type Questions = Record<string, () => Promise<unknown>>;

function questionsOf(cloud: Cloud, region: RegionName, credentials: Credentials, names: Names): Questions {
  const settings = cloud.client(region, credentials);
  const abroad = cloud.client(otherThan(region), credentials);
  const states = new SFNClient(settings);
  const lambda = new LambdaClient(settings);
  const start =
    (machine: string, client = states, there = region) =>
    () =>
      client.send(
        new StartExecutionCommand({
          stateMachineArn: `arn:aws:states:${there}:${account}:stateMachine:book-reviews-${machine}`,
          // Preprocess refuses it, so nothing is ingested by it.
          input: JSON.stringify({ question: true }),
        }),
      );
  return {
    ...questionsOfBucket(new S3Client({ ...settings, forcePathStyle: true }), bucketOf(region)),
    ...questionsOfSecrets(new SecretsManagerClient(settings)),
    'get from the peer': () =>
      new S3Client({ ...abroad, forcePathStyle: true }).send(
        new GetObjectCommand({ Bucket: bucketOf(otherThan(region)), Key: 'book-review/reviews/question.json' }),
      ),
    'put to the peer': () =>
      new S3Client({ ...abroad, forcePathStyle: true }).send(
        new PutObjectCommand({
          Bucket: bucketOf(otherThan(region)),
          Key: 'book-review/rejected/question.json',
          Body: '{}',
        }),
      ),
    'secret of the peer': () =>
      new SecretsManagerClient(abroad).send(new GetSecretValueCommand({ SecretId: 'book-reviews/application' })),
    'use the key by itself': () =>
      new KMSClient(settings).send(new GenerateDataKeyCommand({ KeyId: names.key, KeySpec: 'AES_256' })),
    'make a user': () => new IAMClient(settings).send(new CreateUserCommand({ UserName: 'intruder' })),
    'start ingest': start('ingest'),
    'start drain': start('drain'),
    'start ingest of the peer': start('ingest', new SFNClient(abroad), otherThan(region)),
    ...Object.fromEntries(
      Object.entries(names.functions).map(([name, FunctionName]) => [
        `invoke ${name}`,
        () => lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'DryRun' })),
      ]),
    ),
  };
}

function questionsOfBucket(s3: S3Client, Bucket: string): Questions {
  const key = (prefix: string) => `book-review/${prefix}/question/none.json`;
  return {
    ...Object.fromEntries(
      prefixes.flatMap((prefix) => [
        [`list ${prefix}`, () => s3.send(new ListObjectsV2Command({ Bucket, Prefix: `book-review/${prefix}/` }))],
        [`get ${prefix}`, () => s3.send(new GetObjectCommand({ Bucket, Key: key(prefix) }))],
        [`put ${prefix}`, () => s3.send(new PutObjectCommand({ Bucket, Key: key(prefix), Body: '{}' }))],
        [`delete ${prefix}`, () => s3.send(new DeleteObjectCommand({ Bucket, Key: key(prefix) }))],
      ]),
    ),
    'list everything': () => s3.send(new ListObjectsV2Command({ Bucket, Prefix: '' })),
    'delete a version': () => s3.send(new DeleteObjectCommand({ Bucket, Key: key('reviews'), VersionId: 'any' })),
    'read the policy': () => s3.send(new GetBucketPolicyCommand({ Bucket })),
    'change the policy': () => s3.send(new PutBucketPolicyCommand({ Bucket, Policy: '{}' })),
  };
}

const questionsOfSecrets = (client: SecretsManagerClient): Questions => ({
  ...Object.fromEntries(
    secrets.map((name) => [
      `secret ${name}`,
      () => client.send(new GetSecretValueCommand({ SecretId: `book-reviews/${name}` })),
    ]),
  ),
  'change a secret': () =>
    client.send(new PutSecretValueCommand({ SecretId: 'book-reviews/application', SecretString: 'changed' })),
});
