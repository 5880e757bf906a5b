// What a cost report groups by: each resource that can have tags has the same three.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { readTemplate } from '../../local/template/read-template.ts';
import { projectDirectory, template } from '../support/template.ts';

const databaseText = readFileSync(join(projectDirectory, 'database/template.yaml'), 'utf8');
const wanted = { project: 'book-reviews', stack: { Ref: 'AWS::StackName' }, region: { Ref: 'AWS::Region' } };

/** CloudFormation knows no tags of these. */
const untaggable = new Set([
  'AWS::Backup::BackupSelection',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::KMS::Alias',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
]);
/** Where the property has another name. */
const names: Record<string, string> = {
  'AWS::Backup::BackupPlan': 'BackupPlanTags',
  'AWS::Backup::BackupVault': 'BackupVaultTags',
};

type Tags = { Key: string; Value: unknown }[] | Record<string, unknown> | undefined;
const asObject = (tags: Tags) =>
  Array.isArray(tags) ? Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) : tags;

describe.each([
  ['template.yaml', template],
  ['database/template.yaml', readTemplate(databaseText)],
])('the resources of %s', (path, { Resources }) => {
  const { Globals } = parse(readFileSync(join(projectDirectory, path), 'utf8'), { logLevel: 'silent' }) as {
    Globals?: { Function?: { Tags?: Record<string, unknown> } };
  };

  it('are tagged with project, stack and Region', () => {
    const tagged = Object.entries(Resources).filter(
      ([, { Type }]) => !untaggable.has(Type) && Type !== 'AWS::Serverless::Function',
    );
    expect(tagged.length).toBeGreaterThan(10);
    for (const [id, { Type, Properties }] of tagged) {
      const tags = (Properties as Record<string, Tags>)[names[Type] ?? 'Tags'];
      expect([id, asObject(tags)]).toEqual([id, wanted]);
    }
  });

  it('have no other tags on a function than those of all functions', () => {
    const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Serverless::Function');
    if (functions.length === 0) return;
    // The parser leaves out what a tag of CloudFormation stands for, so that a reference is its bare name here.
    expect(Globals?.Function?.Tags).toEqual({
      project: 'book-reviews',
      stack: 'AWS::StackName',
      region: 'AWS::Region',
    });
    for (const { Properties } of functions) expect(Properties).not.toHaveProperty('Tags');
  });
});
