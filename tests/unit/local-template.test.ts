import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readTemplate } from '../../local/template/read-template.ts';
import { readStack, type Stack } from '../../local/template/stack.ts';

const options = { region: 'eu-test-1', accountId: '111122223333', stackName: 'demo' };

/** The least that a Region needs, with the given environment of its one function. */
const small = (environment: string, rest = '') => `
Parameters:
  Endpoint: { Type: String }
  Size: { Type: Number, Default: 7 }
  Names: { Type: CommaDelimitedList, Default: 'a,b' }
Conditions:
  HasEndpoint: !Not [!Equals [!Ref Endpoint, '']]
  Always: !Or [!Condition HasEndpoint, !And [!Condition HasEndpoint, !Condition HasEndpoint]]
Mappings:
  Regions: { eu-test-1: { zone: west } }
Globals:
  Function:
    Handler: handler.handler
    Timeout: 10
    Environment: { Variables: { BOTH: global, ONLY_GLOBAL: 'yes' } }
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub 'bucket-\${AWS::AccountId}-\${AWS::Region}'
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } }
  Queue: { Type: AWS::SQS::Queue, Properties: { VisibilityTimeout: 45 } }
  DeadLetters: { Type: AWS::SQS::Queue }
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: { detail: { bucket: { name: [!Ref Bucket] }, object: { key: [prefix: in/] } } }
      Targets: [{ Id: q, Arn: !GetAtt Queue.Arn }]
  Pipe:
    Type: AWS::Pipes::Pipe
    Properties:
      Source: !GetAtt Queue.Arn
      SourceParameters: { SqsQueueParameters: { BatchSize: !Ref Size, MaximumBatchingWindowInSeconds: 2 } }
      RoleArn: !GetAtt SomethingThatTheSimulationDoesNotKnow.Arn
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: !Sub '\${AWS::StackName}-ingest'
      DefinitionUri: machine.asl.json
      DefinitionSubstitutions: { WorkerArn: !GetAtt Worker.Arn, Size: !Ref Size }
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      MemorySize: 256
      ReservedConcurrentExecutions: !Ref Size
      Environment:
        Variables:
${environment.replace(/^/gm, '          ')}
${rest}`;

const stackOf = (text: string, parameters: Record<string, string> = {}): Stack =>
  readStack(readTemplate(text), { ...options, parameters: { Endpoint: 'db:1', ...parameters } });
const environmentOf = (text: string, parameters?: Record<string, string>) =>
  stackOf(small(text), parameters).functions.Worker?.environment;

describe('the template reader', () => {
  it('merges the environment of Globals with a function’s own, which wins', () => {
    expect(environmentOf('BOTH: own')).toEqual({ BOTH: 'own', ONLY_GLOBAL: 'yes' });
  });

  it('resolves references to parameters, given or by default, and to resources and pseudo parameters', () => {
    const environment = environmentOf(
      ['A: !Ref Endpoint', 'B: !Ref Size', 'C: !Ref Bucket', 'D: !Ref AWS::Region', 'E: !GetAtt Queue.Arn'].join('\n'),
    );
    expect(environment).toMatchObject({
      A: 'db:1',
      B: '7',
      C: 'bucket-111122223333-eu-test-1',
      D: 'eu-test-1',
      E: 'arn:aws:sqs:eu-test-1:111122223333:demo-Queue',
    });
  });

  it('substitutes names, attributes and own variables, and leaves an escaped placeholder', () => {
    expect(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation
      environmentOf("A: !Sub '${Size}/${Bucket.Arn}/${!Literal}'\nB: !Sub ['${x}', { x: !Ref Size }]"),
    ).toMatchObject({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation
      A: '7/arn:aws:s3:::bucket-111122223333-eu-test-1/${Literal}',
      B: '7',
    });
  });

  it('evaluates If over Not, Equals, And, Or and named conditions', () => {
    expect(environmentOf('A: !If [HasEndpoint, yes, no]\nB: !If [Always, 1, 2]')).toMatchObject({ A: 'yes', B: '1' });
    expect(environmentOf('A: !If [HasEndpoint, yes, no]', { Endpoint: '' })).toMatchObject({ A: 'no' });
  });

  it('leaves out what has no value', () => {
    expect(environmentOf('A: !If [HasEndpoint, !Ref AWS::NoValue, x]\nB: b')).not.toHaveProperty('A');
  });

  it('joins, splits, selects and looks into mappings', () => {
    expect(
      environmentOf(
        "A: !Join ['-', !Ref Names]\nB: !Select [1, !Split [':', !Ref Endpoint]]\nC: !FindInMap [Regions, !Ref AWS::Region, zone]",
      ),
    ).toMatchObject({ A: 'a-b', B: '1', C: 'west' });
  });

  it('takes limits from the function, then from Globals, then from Lambda’s defaults', () => {
    const worker = stackOf(small('A: a')).functions.Worker;
    expect(worker).toMatchObject({
      memoryMegabytes: 256,
      timeoutSeconds: 10,
      reservedConcurrency: 7,
      handler: 'handler.handler',
    });
  });

  it('finds bucket, rule, queue, pipe and state machine by how they are connected', () => {
    expect(stackOf(small('A: a'))).toMatchObject({
      bucket: 'bucket-111122223333-eu-test-1',
      eventPattern: { detail: { object: { key: [{ prefix: 'in/' }] } } },
      queue: { arn: 'arn:aws:sqs:eu-test-1:111122223333:demo-Queue', visibilityTimeoutSeconds: 45 },
      pipe: { batchSize: 7, batchingWindowSeconds: 2 },
      stateMachine: {
        name: 'demo-ingest',
        substitutions: { WorkerArn: 'arn:aws:lambda:eu-test-1:111122223333:function:demo-Worker', Size: '7' },
      },
    });
  });

  it('names the path of an intrinsic that it does not know', () => {
    expect(() => environmentOf('A: !ImportValue other-stack')).toThrow(
      'Resources.Worker.Properties.Environment.Variables.A.Fn::ImportValue: the simulation does not know the intrinsic',
    );
  });

  it('names the path of a reference that leads nowhere', () => {
    expect(() => environmentOf('A: !Ref Nothing')).toThrow('Variables.A.Ref: nothing known for Nothing');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation
    expect(() => environmentOf("A: !Sub '${Nothing.Arn}'")).toThrow(
      'Variables.A.Fn::Sub: nothing known for Nothing.Arn',
    );
  });

  it('refuses a parameter that the template does not declare, and one that has no value', () => {
    expect(() => stackOf(small('A: a'), { Typo: 'x' })).toThrow('no parameter Typo');
    expect(() => readStack(readTemplate(small('A: !Ref Endpoint')), { ...options, parameters: {} })).toThrow(
      'nothing known for Endpoint',
    );
  });

  it('refuses an environment that Lambda would refuse for its size', () => {
    expect(() => environmentOf(`A: ${'x'.repeat(4096)}`)).toThrow('Lambda takes 4096');
  });

  it('refuses a tag that CloudFormation does not know', () => {
    expect(() => environmentOf('A: !Refer Endpoint')).toThrow(/tag/);
  });

  it('reads the shipped template, with nothing given but the database’s endpoints and the network', () => {
    const parameters = { DatabaseWriterEndpoint: 'w', DatabaseReaderEndpoint: 'r', VpcId: 'v', SubnetIds: 's' };
    const stack = readStack(readTemplate(readFileSync('template.yaml', 'utf8')), { ...options, parameters });
    expect(Object.keys(stack.functions)).toEqual(
      expect.arrayContaining(['PreprocessFunction', 'DbProcessingFunction', 'PostprocessFunction', 'MigrateFunction']),
    );
    expect(stack.functions.DbProcessingFunction?.environment).toMatchObject({
      BUCKET_NAME: stack.bucket,
      DATABASE_WRITER_ENDPOINT: 'w',
    });
  });
});
