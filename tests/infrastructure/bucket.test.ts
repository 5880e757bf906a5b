import { describe, expect, it } from '@jest/globals';
import { completedPrefix, pendingPrefix, rejectedPrefix, reportsPrefix } from '../../functions/shared/keys.ts';
import { evaluate } from '../../local/template/evaluate.ts';
import { regions, template } from '../support/template.ts';

/** What these tests look at in the bucket's properties. */
interface Bucket {
  BucketName: string;
  VersioningConfiguration: object;
  PublicAccessBlockConfiguration: object;
  BucketEncryption: { ServerSideEncryptionConfiguration: { ServerSideEncryptionByDefault: object }[] };
  LifecycleConfiguration: { Rules: Record<string, unknown>[] };
  ReplicationConfiguration?: { Rules: { Id: string; Filter: { Prefix: string } }[] };
}

interface PolicyStatement {
  Effect: string;
  Principal: string;
  Action: string;
  Condition: object;
}

/** The bucket's properties in a Region, with a peer or without. */
function bucketIn(region: string, peer: Record<string, string> = {}) {
  const scope = {
    template,
    parameters: peer,
    pseudoParameters: { 'AWS::Region': region, 'AWS::AccountId': '000000000000', 'AWS::Partition': 'aws' },
    resource: (logicalId: string, attribute?: string) => [logicalId, attribute].filter(Boolean).join('.'),
  };
  return evaluate(template.Resources.ReviewBucket?.Properties, scope, 'ReviewBucket') as Bucket;
}
const peer = { PeerBucketName: 'peer', PeerRegion: 'us-east-2', PeerKeyId: '00000000-0000-0000-0000-000000000000' };

describe('the bucket', () => {
  it('is named after account and Region, so that the peer can name it before it exists', () => {
    expect(bucketIn('us-east-1').BucketName).toBe('book-reviews-000000000000-us-east-1');
  });

  it('keeps versions, is closed to the public, and is encrypted with the stack’s own key, which stays with it', () => {
    const bucket = bucketIn('us-east-1');
    expect(bucket.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(bucket.BucketEncryption.ServerSideEncryptionConfiguration[0]?.ServerSideEncryptionByDefault).toEqual({
      SSEAlgorithm: 'aws:kms',
      KMSMasterKeyID: 'Key.Arn',
    });
    for (const id of ['ReviewBucket', 'Key'])
      expect(template.Resources[id]).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate' });
  });

  it('refuses uploads under a key that the functions cannot use', () => {
    const policy = template.Resources.ReviewBucketPolicy?.Properties.PolicyDocument as { Statement: PolicyStatement[] };
    const denied = policy.Statement.filter(({ Action }) => Action === 's3:PutObject');
    const header = (name: string) => `s3:x-amz-server-side-encryption-${name}`;
    expect(denied).toMatchObject([
      {
        Effect: 'Deny',
        Principal: '*',
        Condition: {
          // Without the header, the bucket's own key is used.
          Null: { [header('aws-kms-key-id')]: 'false' },
          StringNotEquals: { [header('aws-kms-key-id')]: { 'Fn::GetAtt': ['Key', 'Arn'] } },
        },
      },
      { Effect: 'Deny', Principal: '*', Condition: { Null: { [header('customer-algorithm')]: 'false' } } },
    ]);
  });

  it('expires rejected records and old versions, never a pending source or a completed one', () => {
    const rules = bucketIn('us-east-1').LifecycleConfiguration.Rules;
    const expiring = rules.filter((rule) => 'ExpirationInDays' in rule);
    expect(expiring.map(({ Prefix }) => Prefix)).toEqual([rejectedPrefix]);
    expect(rules.filter((rule) => 'Transitions' in rule).map(({ Prefix }) => Prefix)).toEqual([completedPrefix]);
  });
});

describe('the replication to the peer', () => {
  it('is off until the peer’s bucket is named', () => {
    expect(bucketIn('us-east-1')).not.toHaveProperty('ReplicationConfiguration');
  });

  it('never reaches a key that the peer uses for its uploads', () => {
    const prefixesOf = (region: string) =>
      bucketIn(region, peer).ReplicationConfiguration?.Rules.map((rule) => rule.Filter.Prefix);
    const [own = [], peers = []] = regions.map((region) => prefixesOf(region) ?? []);
    expect(own).toEqual([pendingPrefix, completedPrefix, reportsPrefix].map((prefix) => `${prefix}us-east-1/`));
    expect(peers.filter((prefix) => own.some((other) => prefix.startsWith(other) || other.startsWith(prefix)))).toEqual(
      [],
    );
  });

  it('is watched, and takes what this Region has completed out of the peer’s copy', () => {
    for (const rule of bucketIn('us-east-1', peer).ReplicationConfiguration?.Rules ?? []) {
      expect(rule).toMatchObject({
        DeleteMarkerReplication: { Status: 'Enabled' },
        SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
        Destination: { ReplicationTime: { Status: 'Enabled' }, Metrics: { Status: 'Enabled' } },
      });
      const watched = Object.values(template.Resources).filter(
        ({ Type, Properties }) =>
          Type === 'AWS::CloudWatch::Alarm' && JSON.stringify(Properties).includes(`"${rule.Id}"`),
      );
      expect(watched).toHaveLength(1);
    }
  });
});
