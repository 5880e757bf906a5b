// Each function's role allows the SDK calls that its code makes, and no more.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { functionBuilds } from '../../local/build/esbuild-options.ts';
import { projectDirectory, template } from '../support/template.ts';

/** What S3 and Secrets Manager ask for, by SDK command. ListBucket: without it an absent object answers 403, not 404. */
const actionsOf: Record<string, string[]> = {
  ListObjectsV2Command: ['s3:ListBucket'],
  HeadObjectCommand: ['s3:GetObject', 's3:ListBucket'],
  GetObjectCommand: ['s3:GetObject', 's3:ListBucket'],
  PutObjectCommand: ['s3:PutObject'],
  // Tags are copied with the object.
  CopyObjectCommand: ['s3:GetObject', 's3:GetObjectTagging', 's3:PutObject', 's3:PutObjectTagging'],
  CreateMultipartUploadCommand: ['s3:PutObject'],
  UploadPartCopyCommand: ['s3:GetObject', 's3:PutObject'],
  CompleteMultipartUploadCommand: ['s3:PutObject'],
  AbortMultipartUploadCommand: ['s3:AbortMultipartUpload'],
  DeleteObjectCommand: ['s3:DeleteObject'],
  // With a condition for each object, it reads their ETags.
  DeleteObjectsCommand: ['s3:DeleteObject', 's3:GetObject'],
  GetBucketVersioningCommand: ['s3:GetBucketVersioning'],
  GetBucketNotificationConfigurationCommand: ['s3:GetBucketNotification'],
  GetSecretValueCommand: ['secretsmanager:GetSecretValue'],
};

interface Statement {
  Sid?: string;
  Action: string | string[];
  Resource: unknown;
}

/** Statements of a role's policy by name; of a conditional statement, what stands where the condition holds. */
function statementsOf(logicalId: string, policyName: string): Statement[] {
  const policies = (template.Resources[logicalId]?.Properties.Policies ?? []) as {
    PolicyName: string;
    PolicyDocument: { Statement: (Statement | { 'Fn::If': [string, Statement, unknown] })[] };
  }[];
  const found = policies.find(({ PolicyName }) => PolicyName === policyName)?.PolicyDocument.Statement ?? [];
  return found.map((statement) => ('Fn::If' in statement ? statement['Fn::If'][1] : statement));
}

const actionsIn = (statements: Statement[]) => [...new Set(statements.flatMap(({ Action }) => Action))].sort();
/** The tails of a statement's object ARNs; the bucket before them is checked to be the stack's own. */
function keysIn(statements: Statement[], action: string): string[] {
  const resources = statements
    .filter(({ Action }) => [Action].flat().includes(action))
    .flatMap(({ Resource }) => Resource);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation
  const ownBucket = 'arn:${AWS::Partition}:s3:::${ReviewBucket}/';
  return resources.map((resource) => (resource as { 'Fn::Sub': string })['Fn::Sub'].replace(ownBucket, '')).sort();
}

/** SDK commands in the project's own files that the function's bundle is made of. */
async function commandsOf(logicalId: string): Promise<string[]> {
  const options = functionBuilds(template).find((one) => one.logicalId === logicalId)?.options;
  const { metafile } = await build({
    ...options,
    absWorkingDir: projectDirectory,
    outdir: 'out',
    write: false,
    metafile: true,
  });
  const files = Object.keys(metafile.inputs).filter((file) => file.startsWith('functions/'));
  const texts = await Promise.all(files.map((file) => readFile(join(projectDirectory, file), 'utf8')));
  // Paginators, waiters and the clients with methods would make calls that this does not find.
  const imported = texts.flatMap((text) =>
    [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-[^']*'/g)].flatMap(([, names = '']) =>
      names.split(','),
    ),
  );
  const others = imported.map((name) => name.trim()).filter((name) => !/^$|^type |(Command|Client)$/.test(name));
  expect(others).toEqual([]);
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/new (\w+Command)\(/g)].map(([, name = '']) => name)))];
}

const roles = ['Preprocess', 'DbProcessing', 'Postprocess', 'Migrate', 'Doctor', 'DailySummary'];

describe.each(roles)('the role of %s', (name) => {
  const work = statementsOf(`${name}Role`, 'work');

  it('allows exactly the calls that the code makes', async () => {
    const commands = await commandsOf(`${name}Function`);
    expect(commands.filter((command) => !(command in actionsOf))).toEqual([]);
    const needed = [...new Set(commands.flatMap((command) => actionsOf[command] ?? []))].sort();
    expect(actionsIn(work).filter((action) => !action.startsWith('kms:'))).toEqual(needed);
  });

  it('names what may be touched, and no other bucket or secret', () => {
    expect(work.filter(({ Resource }) => [Resource].flat().includes('*'))).toEqual([]);
    for (const { Resource } of work.filter(({ Action }) =>
      [Action].flat().some((action) => action.startsWith('s3:')),
    )) {
      expect(JSON.stringify(Resource)).not.toMatch(/s3:::(?!\$\{ReviewBucket\})/);
    }
  });

  it('is that of this function only', () => {
    const holders = Object.entries(template.Resources).filter(
      ([, { Properties }]) =>
        JSON.stringify(Properties.Role) === JSON.stringify({ 'Fn::GetAtt': [`${name}Role`, 'Arn'] }),
    );
    expect(holders.map(([id]) => id)).toEqual([`${name}Function`]);
  });

  it('writes to its own log and nowhere else', () => {
    const [logs] = statementsOf(`${name}Role`, 'telemetry');
    expect(logs).toMatchObject({ Resource: { 'Fn::GetAtt': [`${name}LogGroup`, 'Arn'] } });
  });
});

describe('the separation between the functions', () => {
  it('lets preprocess read pending objects and reports, and nothing else', () => {
    const work = statementsOf('PreprocessRole', 'work');
    expect(keysIn(work, 's3:GetObject')).toEqual(['book-review/reports/*', 'book-review/reviews/*']);
    expect(keysIn(work, 's3:PutObject')).toEqual([]);
  });

  it('lets DB-processing read pending objects and reports, write rejected records, and delete nothing', () => {
    const work = statementsOf('DbProcessingRole', 'work');
    expect(keysIn(work, 's3:GetObject')).toEqual(['book-review/reports/*', 'book-review/reviews/*']);
    expect(keysIn(work, 's3:PutObject')).toEqual(['book-review/rejected/*']);
  });

  it('lets the daily summary read reports and write summaries, and no review file or rejected record', () => {
    const work = statementsOf('DailySummaryRole', 'work');
    expect(keysIn(work, 's3:GetObject')).toEqual(['book-review/reports/*']);
    expect(keysIn(work, 's3:PutObject')).toEqual(['book-review/summaries/*']);
  });

  it('lets postprocess delete pending objects only, and keeps it away from database and secrets', () => {
    const work = statementsOf('PostprocessRole', 'work');
    expect(keysIn(work, 's3:DeleteObject')).toEqual(['book-review/reviews/*']);
    expect(statementsOf('PostprocessRole', 'network')).toEqual([]);
    expect(template.Resources.PostprocessFunction?.Properties).not.toHaveProperty('VpcConfig');
  });
});

describe('the endpoints of the VPC', () => {
  const actionsOfEndpoint = (logicalId: string) =>
    actionsIn(
      (template.Resources[logicalId]?.Properties.PolicyDocument as { Statement: Statement[] } | undefined)?.Statement ??
        [],
    );
  const inVpc = roles.filter((name) => template.Resources[`${name}Function`]?.Properties.VpcConfig !== undefined);
  const needed = (service: string) =>
    actionsIn(inVpc.flatMap((name) => statementsOf(`${name}Role`, 'work'))).filter((action) =>
      action.startsWith(service),
    );

  it('let through what the functions behind them call, and no more', () => {
    expect(inVpc).toEqual(['DbProcessing', 'Migrate', 'Doctor', 'DailySummary']);
    expect(actionsOfEndpoint('S3Endpoint')).toEqual(needed('s3:'));
    expect(actionsOfEndpoint('SecretsManagerEndpoint')).toEqual(needed('secretsmanager:'));
  });
});

describe('the key of the stack', () => {
  const { Statement: statements = [] } = (template.Resources.Key?.Properties.KeyPolicy ?? {}) as {
    Statement?: (Statement & { Principal: { Service?: unknown } })[];
  };
  const mayUse = (service: string) =>
    actionsIn(statements.filter(({ Principal }) => JSON.stringify(Principal.Service ?? '').includes(service)));

  it('can be used by each service that uses it in its own name: logs, and alarms that go to the topic', () => {
    const encrypted = Object.values(template.Resources).filter(({ Properties }) =>
      /"(KmsKeyId|KmsMasterKeyId)":/.test(JSON.stringify(Properties)),
    );
    expect([...new Set(encrypted.map(({ Type }) => Type))].sort()).toEqual(['AWS::Logs::LogGroup', 'AWS::SNS::Topic']);
    expect(mayUse('logs.')).toEqual(expect.arrayContaining(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*']));
    expect(mayUse('cloudwatch.amazonaws.com')).toEqual(['kms:Decrypt', 'kms:GenerateDataKey*']);
  });

  it('is not that of the queues: events and schedules reach them without a line in its policy', () => {
    const queues = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::SQS::Queue');
    expect(queues).toHaveLength(3);
    for (const { Properties } of queues) {
      expect(Properties).toMatchObject({ SqsManagedSseEnabled: true });
      expect(Properties).not.toHaveProperty('KmsMasterKeyId');
    }
  });

  it("opens a source for the replication, and the peer's key closes the replica", () => {
    const replication = statementsOf('ReplicationRole', 'own-bucket-to-peer').filter(({ Action }) =>
      [Action].flat().some((action) => action.startsWith('kms:')),
    );
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation
    const peerKey = 'arn:${AWS::Partition}:kms:${PeerRegion}:${AWS::AccountId}:key/${PeerKeyId}';
    expect(replication).toEqual([
      { Effect: 'Allow', Action: 'kms:Decrypt', Resource: { 'Fn::GetAtt': ['Key', 'Arn'] } },
      { Effect: 'Allow', Action: 'kms:Encrypt', Resource: { 'Fn::Sub': peerKey } },
    ]);
  });
});
