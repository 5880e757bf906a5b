// Mistakes that a template can have although its linters accept it, and what notices each.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDirectory } from '../page.ts';

export interface TemplateEdit {
  what: string;
  /** Stands once in template.yaml. */
  find: string;
  put: string;
  noticedBy: 'ingest' | 'roles' | 'schedule' | 'replication' | 'message';
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: placeholders of CloudFormation
export const edits: TemplateEdit[] = [
  {
    what: 'DB-processing may write rejected records to another prefix only',
    find: '${ReviewBucket}/book-review/rejected/*',
    put: '${ReviewBucket}/book-review/rejects/*',
    noticedBy: 'ingest',
  },
  {
    what: 'Postprocess may delete every object',
    find: `Sid: RemoveFiled, Effect: Allow, Action: s3:DeleteObject,
                  Resource: !Sub 'arn:\${AWS::Partition}:s3:::\${ReviewBucket}/book-review/reviews/*'`,
    put: `Sid: RemoveFiled, Effect: Allow, Action: s3:DeleteObject,
                  Resource: !Sub 'arn:\${AWS::Partition}:s3:::\${ReviewBucket}/book-review/*'`,
    noticedBy: 'roles',
  },
  {
    what: 'Preprocess may list every prefix',
    find: `answers 404 only to who may list, else 403.
                  StringLikeIfExists: { s3:prefix: book-review/reviews/* }`,
    put: `answers 404 only to who may list, else 403.
                  StringLikeIfExists: { s3:prefix: book-review/* }`,
    noticedBy: 'roles',
  },
  {
    what: 'the rule leaves out all uploads',
    find: "- !Sub 'book-review/reviews/${PeerRegion}/'",
    put: '- book-review/reviews/',
    noticedBy: 'ingest',
  },
  {
    what: "the queue's policy names another rule",
    find: 'ArnEquals: { aws:SourceArn: !GetAtt UploadRule.Arn }',
    put: "ArnEquals: { aws:SourceArn: !Sub '${UploadRule.Arn}-2' }",
    noticedBy: 'ingest',
  },
  {
    what: 'the bucket sends no events',
    find: 'EventBridgeEnabled: true',
    put: 'EventBridgeEnabled: false',
    noticedBy: 'ingest',
  },
  {
    what: "the pipe's role trusts another service",
    find: 'Principal: { Service: pipes.amazonaws.com }',
    put: 'Principal: { Service: events.amazonaws.com }',
    noticedBy: 'ingest',
  },
  {
    what: 'the definition of the state machine misses a substitution',
    find: '        PostprocessFunctionArn: !GetAtt PostprocessFunction.Arn\n',
    put: '',
    noticedBy: 'ingest',
  },
  {
    what: 'the state machine may not invoke Postprocess',
    find: '!GetAtt DbProcessingFunction.Arn, !GetAtt PostprocessFunction.Arn]',
    put: '!GetAtt DbProcessingFunction.Arn]',
    noticedBy: 'ingest',
  },
  {
    what: 'the handler has another name',
    find: 'Handler: handler.handler',
    put: 'Handler: handler.handle',
    noticedBy: 'ingest',
  },
  {
    what: 'a function misses a variable of its environment',
    find: '          POWERTOOLS_SERVICE_NAME: postprocess\n          BUCKET_NAME: !Ref ReviewBucket\n',
    put: '          POWERTOOLS_SERVICE_NAME: postprocess\n',
    noticedBy: 'ingest',
  },
  {
    what: 'Postprocess may not use the key for what it writes',
    find: `/book-review/reviews/*' }
              - { Sid: UseKey, Effect: Allow, Action: [kms:Decrypt, kms:GenerateDataKey]`,
    put: `/book-review/reviews/*' }
              - { Sid: UseKey, Effect: Allow, Action: kms:Decrypt`,
    noticedBy: 'ingest',
  },
  {
    what: "the drain's schedule has the role of the pipe",
    find: 'RoleArn: !GetAtt DrainScheduleRole.Arn',
    put: 'RoleArn: !GetAtt UploadPipeRole.Arn',
    noticedBy: 'schedule',
  },
  {
    what: "replication may not use the peer's key",
    find: "Action: kms:Encrypt, Resource: !Sub 'arn:${AWS::Partition}:kms:${PeerRegion}",
    put: "Action: kms:Encrypt, Resource: !Sub 'arn:${AWS::Partition}:kms:${AWS::Region}",
    noticedBy: 'replication',
  },
  {
    what: 'EventBridge may not send messages to the topic',
    find: 'Sid: FailedFilesPublish, Effect: Allow, Principal: { Service: events.amazonaws.com }',
    put: 'Sid: FailedFilesPublish, Effect: Allow, Principal: { Service: cloudwatch.amazonaws.com }',
    noticedBy: 'message',
  },
  {
    what: 'EventBridge may not use the key of the topic',
    find: 'Principal: { Service: [cloudwatch.amazonaws.com, events.amazonaws.com] }',
    put: 'Principal: { Service: cloudwatch.amazonaws.com }',
    noticedBy: 'message',
  },
  {
    what: 'the rule for failed files waits for another prefix',
    find: '{ prefix: book-review/failed/ }',
    put: '{ prefix: book-review/failures/ }',
    noticedBy: 'message',
  },
];

/** The emulator asks for network interfaces when it makes a function. So this one shows only where the stack is created. */
export const creationEdit: Omit<TemplateEdit, 'noticedBy'> = {
  what: 'DB-processing may not unassign addresses of its network interfaces',
  find: `ec2:AssignPrivateIpAddresses, ec2:UnassignPrivateIpAddresses], Resource: '*' }
        - PolicyName: work
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - { Sid: TellGoneFromForbidden`,
  put: `ec2:AssignPrivateIpAddresses], Resource: '*' }
        - PolicyName: work
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - { Sid: TellGoneFromForbidden`,
};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: placeholders of CloudFormation

export const originalTemplate = () => readFileSync(join(projectDirectory, 'template.yaml'), 'utf8');

/** Each function has the code that `sam build` made of it. No edit changes the code. */
export const withBuiltCode = (template: string): string =>
  template.replaceAll(
    /^ {2}(\w+):\n {4}Type: AWS::Serverless::Function\n {4}Properties:\n/gm,
    '$&      CodeUri: .aws-sam/build/$1\n',
  );

/** @throws {Error} where the edit is not for this template any more */
export function edited({ what, find, put }: Omit<TemplateEdit, 'noticedBy'>): string {
  const text = originalTemplate();
  const found = text.split(find).length - 1;
  if (found !== 1) throw new Error(`${what}: ${found} times in template.yaml and not once: ${find}`);
  return text.replace(find, () => put);
}
