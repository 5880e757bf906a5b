// The database's template as each Region's configuration gives it to CloudFormation, and how it fits the application's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { conditionHolds, evaluate, type Scope } from '../../local/template/evaluate.ts';
import { readTemplate } from '../../local/template/read-template.ts';
import { parameterOverrides, projectDirectory, regions, template } from '../support/template.ts';

const text = readFileSync(join(projectDirectory, 'database/template.yaml'), 'utf8');
const database = readTemplate(text);
const { Outputs } = parse(text, { logLevel: 'silent' }) as { Outputs: Record<string, object> };

/** The resources of one stack, without what its conditions leave out; a reference to a resource becomes its logical id. */
function resourcesOf(region: string, parameters: Record<string, string> = {}) {
  const scope: Scope = {
    template: database,
    parameters: { ...parameterOverrides(`database-${region}`), ...parameters },
    pseudoParameters: {
      'AWS::Region': region,
      'AWS::StackName': 'book-reviews-database',
      'AWS::AccountId': '000000000000',
      'AWS::Partition': 'aws',
    },
    resource: (logicalId, attribute) => [logicalId, attribute].filter(Boolean).join('.'),
  };
  const existing = Object.entries(database.Resources).filter(
    ([id, { Condition }]) => Condition === undefined || conditionHolds(Condition, scope, id),
  );
  return Object.fromEntries(
    existing.map(([id, { Properties }]) => [id, evaluate(Properties, scope, id) as Record<string, unknown>]),
  );
}

const [primaryRegion = '', secondaryRegion = ''] = regions;
const [primary, secondary] = [resourcesOf(primaryRegion), resourcesOf(secondaryRegion)];
const stacks: [string, typeof primary][] = [
  ['primary', primary],
  ['secondary', secondary],
];
const instancesOf = (resources: typeof primary) => Object.keys(resources).filter((id) => id.endsWith('Instance'));

describe.each(stacks)('the %s', (_, resources) => {
  it('encrypts storage, insight, logs and backups with the key of its Region, which stays', () => {
    expect(resources.Cluster).toMatchObject({ StorageEncrypted: true, KmsKeyId: 'Key.Arn' });
    for (const id of instancesOf(resources)) {
      expect(resources[id]).toMatchObject({ EnablePerformanceInsights: true, PerformanceInsightsKMSKeyId: 'Key.Arn' });
    }
    for (const id of ['AuditLogGroup', 'ErrorLogGroup']) expect(resources[id]).toMatchObject({ KmsKeyId: 'Key.Arn' });
    expect(resources.Key).toMatchObject({ EnableKeyRotation: true });
    expect(database.Resources.Key).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  it('forwards writes, in the role that it has now or after a switchover', () => {
    expect(resources.Cluster).toMatchObject({ EnableGlobalWriteForwarding: true });
  });

  it('speaks TLS only, admits nobody by itself and is not public', () => {
    expect(resources.ClusterParameterGroup?.Parameters).toMatchObject({
      require_secure_transport: 'ON',
      tls_version: 'TLSv1.2,TLSv1.3',
    });
    expect(resources.DatabaseSecurityGroup).not.toHaveProperty('SecurityGroupIngress');
    expect(resources.DatabaseSecurityGroup).toMatchObject({
      SecurityGroupEgress: [{ CidrIp: '255.255.255.255/32' }],
    });
    for (const id of instancesOf(resources)) expect(resources[id]).toMatchObject({ PubliclyAccessible: false });
  });

  it('writes no log that quotes statements, which hold review text', () => {
    expect(resources.Cluster?.EnableCloudwatchLogsExports).toEqual(['audit', 'error']);
    expect(resources.ClusterParameterGroup?.Parameters).toMatchObject({ server_audit_events: 'CONNECT' });
  });

  it('is protected, and leaves a snapshot when it goes', () => {
    expect(resources.Cluster).toMatchObject({ DeletionProtection: true, BackupRetentionPeriod: '14' });
    expect(database.Resources.Cluster).toMatchObject({ DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' });
  });

  it('has a writer and one to take over', () => {
    expect(instancesOf(resources)).toEqual(['FirstInstance', 'SecondInstance']);
  });
});

describe('the two clusters', () => {
  it('are one global database, made with the primary', () => {
    expect(primary.GlobalCluster).toMatchObject({
      GlobalClusterIdentifier: 'book-reviews',
      StorageEncrypted: true,
      DeletionProtection: true,
    });
    expect(primary.Cluster?.GlobalClusterIdentifier).toBe('GlobalCluster');
    expect(secondary).not.toHaveProperty('GlobalCluster');
    expect(secondary.Cluster?.GlobalClusterIdentifier).toBe(primary.GlobalCluster?.GlobalClusterIdentifier);
  });

  it('run the same version and settings', () => {
    expect(secondary.Cluster?.EngineVersion).toBe(primary.Cluster?.EngineVersion);
    expect(primary.GlobalCluster?.EngineVersion).toBe(primary.Cluster?.EngineVersion);
    const { Tags: _, ...settings } = primary.ClusterParameterGroup ?? {};
    expect(settings).toHaveProperty('Parameters');
    expect(secondary.ClusterParameterGroup).toMatchObject(settings);
  });

  it('have the administrator and the database from the primary: a secondary is given neither', () => {
    const ofPrimary = ['MasterUsername', 'MasterUserPassword', 'DatabaseName'];
    for (const property of ofPrimary) {
      expect(primary.Cluster).toHaveProperty(property);
      expect(secondary.Cluster).not.toHaveProperty(property);
    }
    // Not supported in a global database.
    expect(text).not.toContain('ManageMasterUserPassword');
  });

  it('leave nothing behind when their creation fails, so that it can be tried again', () => {
    const policies = [database, template].flatMap(({ Resources }) =>
      Object.entries(Resources).map(([id, resource]) => [id, (resource as { DeletionPolicy?: string }).DeletionPolicy]),
    );
    const kept = policies.filter(([, policy]) => policy === 'RetainExceptOnCreate').map(([id]) => id);
    expect(kept.sort()).toEqual(['AuditLogGroup', 'BackupVault', 'ErrorLogGroup', 'Key', 'Key', 'ReviewBucket']);
    expect(policies.filter(([, policy]) => policy === 'Retain')).toEqual([]);
  });

  it('differ by role and network only, so that either can take the other role', () => {
    const differing = Object.keys(secondary).filter(
      (id) => JSON.stringify(primary[id]).replaceAll(primaryRegion, secondaryRegion) !== JSON.stringify(secondary[id]),
    );
    expect(differing.sort()).toEqual(['Cluster', 'DatabaseSecurityGroup', 'SubnetGroup']);
    expect(Object.keys(primary).filter((id) => !(id in secondary))).toEqual([
      'AdminSecret',
      'ApplicationSecret',
      'GlobalCluster',
    ]);
  });
});

describe('the secrets', () => {
  const secrets = ['AdminSecret', 'ApplicationSecret'];

  it.each(secrets)('%s is generated, with a password that needs no quoting and fits Aurora', (id) => {
    expect(primary[id]).toMatchObject({
      KmsKeyId: 'Key.Arn',
      GenerateSecretString: { ExcludePunctuation: true, PasswordLength: 40, GenerateStringKey: 'password' },
    });
  });

  it.each(secrets)('%s is replicated to the peer under the key there, once the peer is there', (id) => {
    expect(primary[id]).not.toHaveProperty('ReplicaRegions');
    const PeerKeyId = '11111111-2222-3333-4444-555555555555';
    const replicated = resourcesOf(primaryRegion, { PeerRegion: secondaryRegion, PeerKeyId });
    expect(replicated[id]?.ReplicaRegions).toEqual([
      { Region: secondaryRegion, KmsKeyId: `arn:aws:kms:${secondaryRegion}:000000000000:key/${PeerKeyId}` },
    ]);
  });

  it('have the names by which the application asks for them in either Region', () => {
    for (const region of regions) {
      const { SchemaSecretId, DatabaseSecretId } = parameterOverrides(region);
      expect([primary.AdminSecret?.Name, primary.ApplicationSecret?.Name]).toEqual([SchemaSecretId, DatabaseSecretId]);
    }
  });
});

describe('the choices', () => {
  it('are Serverless v2 with a capacity range', () => {
    const { Cluster, FirstInstance } = resourcesOf(primaryRegion, { InstanceClass: 'db.serverless' });
    expect(Cluster?.ServerlessV2ScalingConfiguration).toEqual({ MinCapacity: '8', MaxCapacity: '32' });
    expect(FirstInstance?.DBInstanceClass).toBe('db.serverless');
    expect(primary.Cluster).not.toHaveProperty('ServerlessV2ScalingConfiguration');
  });

  it('are one to three instances', () => {
    const counts = ['1', '2', '3'].map((InstanceCount) => instancesOf(resourcesOf(primaryRegion, { InstanceCount })));
    expect(counts.map(({ length }) => length)).toEqual([1, 2, 3]);
  });

  it("are daily backups, planned by the primary and copied to the peer's vault", () => {
    const parameters = { BackupPlanDays: '35' };
    const planned = resourcesOf(primaryRegion, { ...parameters, PeerRegion: secondaryRegion });
    expect(planned.BackupPlan?.BackupPlan).toMatchObject({
      BackupPlanRule: [
        {
          CopyActions: [
            {
              DestinationBackupVaultArn: `arn:aws:backup:${secondaryRegion}:000000000000:backup-vault:book-reviews-database`,
            },
          ],
        },
      ],
    });
    const copied = resourcesOf(secondaryRegion, parameters);
    expect(copied.BackupVault).toMatchObject({ BackupVaultName: 'book-reviews-database', EncryptionKeyArn: 'Key.Arn' });
    expect(copied).not.toHaveProperty('BackupPlan');
  });
});

describe('the version', () => {
  const { AllowedPattern = '', Default } = database.Parameters.EngineVersion as {
    AllowedPattern?: string;
    Default?: string;
  };
  const isAllowed = (version: string) => new RegExp(`^(?:${AllowedPattern})$`).test(version);

  it.each([
    ['8.0.mysql_aurora.3.10.6', 'aurora-mysql8.0'],
    ['8.0.mysql_aurora.3.09.0', 'aurora-mysql8.0'],
    ['8.4.mysql_aurora.8.4.8', 'aurora-mysql8.4'],
  ])('%s is taken, with settings of the family %s', (EngineVersion, family) => {
    expect(isAllowed(EngineVersion)).toBe(true);
    const { ClusterParameterGroup, Cluster, GlobalCluster } = resourcesOf(primaryRegion, { EngineVersion });
    expect(ClusterParameterGroup?.Family).toBe(family);
    expect([Cluster?.EngineVersion, GlobalCluster?.EngineVersion]).toEqual([EngineVersion, EngineVersion]);
  });

  it.each([
    '5.7.mysql_aurora.2.12.5',
    '8.0.mysql_aurora.8.4.8',
    '8.4.mysql_aurora.3.10.6',
    '8.4.7',
    '8.0.mysql_aurora.3.',
    '',
  ])('%s is refused', (version) => expect(isAllowed(version)).toBe(false));

  it('is one with long-term support by default', () => {
    expect(Default).toMatch(/^8\.0\.mysql_aurora\.3\.10\.\d+$/);
  });
});

describe('the database stack and the application stack', () => {
  it('are in the same network, by samconfig.toml', () => {
    for (const region of regions) {
      const { VpcId, SubnetIds } = parameterOverrides(region);
      expect(parameterOverrides(`database-${region}`)).toMatchObject({ VpcId, SubnetIds });
    }
  });

  it('name the same cluster, by samconfig.toml', () => {
    for (const region of regions) {
      expect(resourcesOf(region).Cluster?.DBClusterIdentifier).toBe(parameterOverrides(region).DatabaseClusterId);
    }
  });

  it('fit by name: each output from DatabaseWriterEndpoint on is a parameter of the application', () => {
    const names = Object.keys(Outputs);
    const forApplication = names.slice(names.indexOf('DatabaseWriterEndpoint'));
    expect(forApplication.length).toBeGreaterThan(5);
    expect(Object.keys(template.Parameters)).toEqual(expect.arrayContaining(forApplication));
    // The ones that docs/deployment.md has copied.
    expect(names.filter((name) => /^Database|^SecretKeyId$/.test(name))).toEqual(forApplication);
  });

  it('agree on the defaults of what both of them name', () => {
    const both = Object.keys(database.Parameters).filter((name) => name in template.Parameters);
    expect(both).toEqual(expect.arrayContaining(['DatabaseName', 'DatabasePort', 'VpcId', 'SubnetIds']));
    const differing = both.filter(
      (name) =>
        database.Parameters[name]?.Default !== template.Parameters[name]?.Default && name !== 'LogRetentionDays',
    );
    expect(differing).toEqual([]);
  });

  it('agree on the forwarded sessions: the share of a db.r6g.large, 1000 connections', () => {
    const share = Number(database.Parameters.ForwardedConnectionsPercent?.Default) / 100;
    expect(template.Parameters.ForwardedSessionsCap?.Default).toBe(share * 1000);
    expect(database.Parameters.InstanceClass?.Default).toBe('db.r6g.large');
  });
});

describe('parameters of database/template.yaml', () => {
  it('each say what they are, and are given where they have no default', () => {
    const parameters = Object.entries(database.Parameters);
    expect(parameters.filter(([, parameter]) => !('Description' in parameter))).toEqual([]);
    const required = parameters.filter(([, { Default }]) => Default === undefined).map(([name]) => name);
    for (const region of regions) {
      const given = Object.keys(parameterOverrides(`database-${region}`));
      expect(given.sort()).toEqual(required.sort());
    }
  });
});
