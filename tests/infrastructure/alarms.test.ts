// Alarms and dashboard look at metrics that somebody writes.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { completedKey, failedKey, pendingPrefix, reportKey, reportsPrefix } from '../../functions/shared/keys.ts';
import { matchesPattern } from '../../local/events/event-pattern.ts';
import { evaluate } from '../../local/template/evaluate.ts';
import { projectDirectory, stackOf, template } from '../support/template.ts';

/** Metrics that AWS documents, by namespace. */
const awsMetrics: Record<string, string[]> = {
  'AWS/States': [
    'ExecutionsStarted',
    'ExecutionsSucceeded',
    'ExecutionsFailed',
    'ExecutionsTimedOut',
    'ExecutionsAborted',
  ],
  'AWS/Lambda': ['Errors', 'Throttles', 'Duration', 'Invocations', 'ConcurrentExecutions'],
  'AWS/SQS': ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'],
  'AWS/S3': ['ReplicationLatency', 'OperationsFailedReplication'],
  'AWS/RDS': [
    'AuroraGlobalDBReplicationLag',
    'AuroraGlobalDBProgressLag',
    'ForwardingReplicaDMLLatency',
    'ForwardingReplicaReadWaitLatency',
    'ForwardingWriterOpenSessions',
  ],
};

/** The dimensions that AWS gives them, of those that it has; and ours. */
const dimensionsOf: Record<string, string[]> = {
  'AWS/States': ['StateMachineArn'],
  'AWS/Lambda': ['FunctionName'],
  'AWS/SQS': ['QueueName'],
  'AWS/S3': ['SourceBucket', 'DestinationBucket', 'RuleId'],
  'AWS/RDS': ['DBClusterIdentifier'],
  BookReviews: ['service'],
};
const typeOf = (logicalId: unknown) => template.Resources[String(logicalId)]?.Type;

type DimensionValue = { Ref?: string; 'Fn::GetAtt'?: [string, string] } & string;

/** What may stand as a dimension's value: a resource of the right type by the attribute that is its name, or a parameter. */
const isValueOf: Record<string, (value: DimensionValue) => boolean> = {
  StateMachineArn: ({ Ref }) => /::StateMachine$/.test(typeOf(Ref) ?? ''),
  FunctionName: ({ Ref }) => typeOf(Ref) === 'AWS::Serverless::Function',
  QueueName: ({ 'Fn::GetAtt': [id, attribute] = ['', ''] }) =>
    typeOf(id) === 'AWS::SQS::Queue' && attribute === 'QueueName',
  SourceBucket: ({ Ref }) => typeOf(Ref) === 'AWS::S3::Bucket',
  DestinationBucket: ({ Ref }) => Ref === 'PeerBucketName',
  RuleId: (value) => JSON.stringify(template.Resources.ReviewBucket).includes(`"Id":"${value}"`),
  DBClusterIdentifier: ({ Ref }) => Ref === 'DatabaseClusterId',
  service: (value) => serviceNames.includes(value),
};
const serviceNames = Object.values(stackOf('us-east-1').functions).map(
  ({ environment }) => environment.POWERTOOLS_SERVICE_NAME,
);

interface Metric {
  Namespace: string;
  MetricName: string;
  Dimensions: { Name: string; Value: unknown }[];
}

/** The code of one function names the metric. */
function isWrittenBy(service: string, metricName: string): boolean {
  const directory = join(projectDirectory, 'functions', service);
  return readdirSync(directory)
    .filter((file) => file.endsWith('.ts'))
    .some((file) => readFileSync(join(directory, file), 'utf8').includes(`'${metricName}'`));
}

const isKnown = (namespace: string, metricName: string, service: unknown) =>
  namespace === 'BookReviews'
    ? isWrittenBy(String(service), metricName)
    : (awsMetrics[namespace]?.includes(metricName) ?? false);

const alarms = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm');

describe('the alarms', () => {
  const metricsOf = (Properties: Record<string, unknown>) =>
    (Properties.Metrics as { MetricStat?: { Metric: Metric } }[] | undefined)?.flatMap(
      ({ MetricStat }) => MetricStat?.Metric ?? [],
    ) ?? [Properties as unknown as Metric];

  it.each(alarms)('%s looks at metrics that the code or AWS writes', (_, { Properties }) => {
    for (const { Namespace, MetricName, Dimensions } of metricsOf(Properties)) {
      const service = Dimensions.find(({ Name }) => Name === 'service')?.Value;
      expect([MetricName, isKnown(Namespace, MetricName, service)]).toEqual([MetricName, true]);
    }
  });

  it.each(alarms)('%s looks for them under the dimensions that they are written with', (_, { Properties }) => {
    for (const { Namespace, MetricName, Dimensions } of metricsOf(Properties)) {
      expect([MetricName, Dimensions.map(({ Name }) => Name)]).toEqual([MetricName, dimensionsOf[Namespace]]);
      const wrong = Dimensions.filter(({ Name, Value }) => !isValueOf[Name]?.(Value as DimensionValue));
      expect([MetricName, wrong]).toEqual([MetricName, []]);
    }
  });

  it.each(alarms)('%s says what it means, tells the topic, and takes silence for health', (_, { Properties }) => {
    expect(Properties).toMatchObject({ AlarmActions: [{ Ref: 'AlarmTopic' }], TreatMissingData: 'notBreaching' });
    expect(Properties.AlarmDescription).toMatch(/^\S.{30,}\.$/s);
  });
});

describe('the message about a failed file', () => {
  const { EventPattern, Targets } = (template.Resources.FailedFileRule?.Properties ?? {}) as {
    EventPattern: Record<string, unknown>;
    Targets: { Arn: unknown; InputTransformer: { InputPathsMap: Record<string, string>; InputTemplate: string } }[];
  };
  const bucket = 'reviews-of-us-east-1';
  const pattern = evaluate(
    EventPattern,
    { template, parameters: {}, pseudoParameters: {}, resource: () => bucket },
    'FailedFileRule',
  ) as Record<string, unknown>;
  const event = (key: string) => ({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    region: 'us-east-1',
    detail: { bucket: { name: bucket }, object: { key } },
  });
  const source = { key: `${pendingPrefix}us-east-1/a.jsonl`, sourceId: '0f' };

  it('is sent for a file under failed/, and for no other', () => {
    expect(matchesPattern(pattern, event(failedKey(source)))).toBe(true);
    expect(matchesPattern(pattern, event(completedKey(source)))).toBe(false);
    expect(matchesPattern(pattern, event(reportKey(source)))).toBe(false);
  });

  it('names the Region, the bucket, the key and the place of the report', () => {
    const [target, ...others] = Targets;
    expect([target?.Arn, others]).toEqual([{ Ref: 'AlarmTopic' }, []]);
    const { InputPathsMap = {}, InputTemplate = '' } = target?.InputTransformer ?? {};
    const valueAt = (path: string) =>
      path
        .split('.')
        .slice(1)
        .reduce((node, name) => (node as Record<string, unknown>)[name], event(failedKey(source)) as unknown);
    const text = InputTemplate.replace(/<(\w+)>/g, (_, name) => String(valueAt(InputPathsMap[name] ?? '')));
    expect(text).toMatch(/^"[^"\n]+"$/);
    for (const part of ['us-east-1', bucket, failedKey(source), reportsPrefix]) expect(text).toContain(part);
  });

  it('may be published, and may use the key of the topic', () => {
    type Statement = { Effect: string; Action: string | string[]; Principal: { Service?: string | string[] } };
    const allowedTo = (statements: Statement[]) =>
      statements
        .filter(
          ({ Effect, Principal }) => Effect === 'Allow' && [Principal.Service].flat().includes('events.amazonaws.com'),
        )
        .flatMap(({ Action }) => Action);
    const statementsOf = (logicalId: string, policy: string) =>
      (template.Resources[logicalId]?.Properties[policy] as { Statement: Statement[] } | undefined)?.Statement ?? [];
    expect(allowedTo(statementsOf('AlarmTopicPolicy', 'PolicyDocument'))).toEqual(['sns:Publish']);
    expect(allowedTo(statementsOf('Key', 'KeyPolicy'))).toEqual(['kms:Decrypt', 'kms:GenerateDataKey*']);
  });
});

describe('the metrics of the functions', () => {
  it('is under the namespace and the dimension that the alarms name', () => {
    const code = `import { metrics } from './functions/shared/telemetry.ts'; metrics.addMetric('LinesRead', 'Count', 1); metrics.publishStoredMetrics();`;
    const { environment = {} } = stackOf('us-east-1').functions.DbProcessingFunction ?? {};
    const written = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: projectDirectory,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, AWS_LAMBDA_FUNCTION_NAME: 'any', ...environment },
    });
    const { _aws, service } = JSON.parse(written.trim().split('\n').at(-1) ?? '');
    expect(_aws.CloudWatchMetrics).toMatchObject([
      { Namespace: 'BookReviews', Dimensions: [dimensionsOf.BookReviews] },
    ]);
    expect(service).toBe('db-processing');
  });
});

describe('the dashboard', () => {
  const scope = {
    template,
    parameters: { PeerRegion: 'us-east-2' },
    pseudoParameters: {
      'AWS::Region': 'us-east-1',
      'AWS::StackName': 'book-reviews',
      'AWS::AccountId': '000000000000',
      'AWS::Partition': 'aws',
    },
    resource: (logicalId: string) => logicalId.toLowerCase(),
  };
  const body = JSON.parse(String(evaluate(template.Resources.Dashboard?.Properties.DashboardBody, scope, 'Dashboard')));
  const graphs: { title: string; region: string; metrics: (string | { expression?: string })[][] }[] = body.widgets
    .filter(({ type }: { type: string }) => type === 'metric')
    .map(({ properties }: { properties: unknown }) => properties);

  it('shows the same of both Regions', () => {
    const titlesOf = (region: string) =>
      graphs.filter((graph) => graph.region === region).map(({ title }) => title.replace(region, ''));
    expect(titlesOf('us-east-1')).toEqual(titlesOf('us-east-2'));
    expect(titlesOf('us-east-1').length).toBe(graphs.length / 2);
  });

  it('shows metrics that the code or AWS writes', () => {
    for (const { metrics } of graphs) {
      let above: string[] = [];
      for (const row of metrics) {
        const [{ expression = '' }] = row as [{ expression?: string }];
        const [, namespace = '', searched = ''] = expression.match(/^SEARCH\('\{([^,]+),.*MetricName="(\w+)"/) ?? [];
        // A dot repeats what the row above has in this place.
        above =
          expression === ''
            ? (row.slice(0, 4) as string[]).map((part, i) => (part === '.' ? (above[i] ?? '') : part))
            : [];
        const [space, name, dimension, value] = expression === '' ? above : [namespace, searched];
        expect([name, isKnown(space ?? '', name ?? '', dimension === 'service' ? value : undefined)]).toEqual([
          name,
          true,
        ]);
        const searchedDimension = expression.match(/^SEARCH\('\{[^,]+,(\w+)\}/)?.[1];
        expect([name, [dimension ?? searchedDimension]]).toEqual([name, dimensionsOf[space ?? '']]);
      }
    }
  });
});
