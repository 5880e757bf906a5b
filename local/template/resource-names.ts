// Names and ARNs of a stack's resources, as CloudFormation would make them.
import { evaluate, evaluateText, type Scope } from './evaluate.ts';
import type { Template } from './read-template.ts';

export interface StackOptions {
  region: string;
  accountId: string;
  stackName: string;
  parameters: Record<string, string>;
}

/** Resource types with a name or an ARN here: the values of `Ref` and `.Arn`. */
type Naming = (name: string, options: StackOptions) => { ref: string; arn: string };
const arn = (service: string, { region, accountId }: StackOptions, rest: string) =>
  `arn:aws:${service}:${region}:${accountId}:${rest}`;
const namings: Record<string, { nameProperty: string; naming: Naming }> = {
  'AWS::S3::Bucket': { nameProperty: 'BucketName', naming: (name) => ({ ref: name, arn: `arn:aws:s3:::${name}` }) },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    naming: (name, o) => ({
      ref: `https://sqs.${o.region}.amazonaws.com/${o.accountId}/${name}`,
      arn: arn('sqs', o, name),
    }),
  },
  'AWS::Serverless::Function': {
    nameProperty: 'FunctionName',
    naming: (name, o) => ({ ref: name, arn: arn('lambda', o, `function:${name}`) }),
  },
  'AWS::Serverless::StateMachine': {
    nameProperty: 'Name',
    naming: (name, o) => ({
      ref: arn('states', o, `stateMachine:${name}`),
      arn: arn('states', o, `stateMachine:${name}`),
    }),
  },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    naming: (name, o) => ({ ref: name, arn: arn('logs', o, `log-group:${name}:*`) }),
  },
  'AWS::Events::Rule': {
    nameProperty: 'Name',
    naming: (name, o) => ({ ref: name, arn: arn('events', o, `rule/${name}`) }),
  },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    naming: (name, o) => ({ ref: arn('sns', o, name), arn: arn('sns', o, name) }),
  },
  'AWS::SecretsManager::Secret': {
    nameProperty: 'Name',
    naming: (name, o) => ({
      ref: arn('secretsmanager', o, `secret:${name}`),
      arn: arn('secretsmanager', o, `secret:${name}`),
    }),
  },
};

/** The inputs for the template's expressions. @throws {Error} for a parameter that the template does not declare. */
export function scopeOf(template: Template, options: StackOptions): Scope {
  const { region, accountId, stackName, parameters } = options;
  for (const name of Object.keys(parameters)) {
    if (!(name in template.Parameters)) throw new Error(`template: no parameter ${name}`);
  }
  const scope: Scope = {
    template,
    parameters,
    pseudoParameters: {
      'AWS::Region': region,
      'AWS::AccountId': accountId,
      'AWS::Partition': 'aws',
      'AWS::StackName': stackName,
      'AWS::StackId': arn('cloudformation', options, `stack/${stackName}/local`),
      'AWS::URLSuffix': 'amazonaws.com',
    },
    resource: (logicalId, attribute) => {
      const resource = template.Resources[logicalId];
      const known = namings[resource?.Type ?? ''];
      if (!resource || !known) return undefined;
      const given = evaluate(resource.Properties[known.nameProperty], scope, `${logicalId}.${known.nameProperty}`);
      // CloudFormation adds random characters, and lower-cases a bucket's name. Here the name says where it comes from.
      const made =
        resource.Type === 'AWS::S3::Bucket' ? `${stackName}-${logicalId}`.toLowerCase() : `${stackName}-${logicalId}`;
      const name = given === undefined ? made : String(given);
      const { ref, arn: resourceArn } = known.naming(name, options);
      if (attribute === undefined) return ref;
      if (attribute === 'Arn') return resourceArn;
      if (attribute === 'Name' || attribute === 'QueueName') return name;
      // SAM's AutoPublishAlias: a version is not kept apart here.
      if (attribute === 'Alias' && resource.Properties.AutoPublishAlias) {
        return `${resourceArn}:${evaluateText(resource.Properties.AutoPublishAlias, scope, `${logicalId}.AutoPublishAlias`)}`;
      }
      return undefined;
    },
  };
  return scope;
}
