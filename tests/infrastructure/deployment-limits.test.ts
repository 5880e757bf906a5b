// Limits that AWS checks only when it deploys. template.yaml has the reference for each.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { projectDirectory, regions, stackOf, template } from '../support/template.ts';

const read = (path: string) => readFileSync(join(projectDirectory, path), 'utf8');

const { pipe, smallBatchPipe } = stackOf('us-east-1');

describe.each([
  ['the pipe', pipe],
  ['the pipe for long keys', smallBatchPipe],
])('%s', (_, definition) => {
  const { batchSize = 0, batchingWindowSeconds = 0, inputTemplate = '' } = definition ?? {};

  it('has a batch and a window that AWS takes, and a window where it has more than ten messages', () => {
    expect([batchSize >= 1, batchSize <= 10_000]).toEqual([true, true]);
    expect([batchingWindowSeconds >= 0, batchingWindowSeconds <= 300]).toEqual([true, true]);
    expect(batchSize <= 10 || batchingWindowSeconds >= 1).toBe(true);
  });

  it('makes a message as the other one does', () => {
    expect(inputTemplate).toBe(pipe.inputTemplate);
  });
});

describe('the input of an execution, which holds 262144 characters', () => {
  /** A message without its key, and the comma behind it. The size has the most digits that Preprocess takes as small. */
  const rest = JSON.stringify({ key: '', size: 5 * 1024 ** 4, etag: `${'0'.repeat(32)}-10000` }).length + 1;

  it('has room for a full batch of keys of 500 characters', () => {
    expect(pipe.batchSize * (rest + 500)).toBeLessThan(262_144);
  });

  it('has room for a full batch of the longest keys, where batches are small', () => {
    // JSON makes \u0001 of a control character.
    const longestKey = 1024 * (JSON.stringify('\x01').length - 2);
    expect(longestKey).toBe(1024 * 6);
    expect((smallBatchPipe?.batchSize ?? 0) * (rest + longestKey)).toBeLessThan(262_144);
  });
});

describe('reserved concurrency', () => {
  it('is what docs/deployment.md asks the account for, less the 100 that AWS wants to stay unreserved', () => {
    const reserved = Object.values(stackOf('us-east-1').functions).map(
      ({ reservedConcurrency = 0 }) => reservedConcurrency,
    );
    const needed = reserved.reduce((sum, one) => sum + one, 0) + 100;
    expect(read('docs/deployment.md')).toContain(`In each Region ${needed} or more unreserved concurrent executions`);
  });
});

describe('log groups that a state machine writes to', () => {
  it('have names that need no line of their own in the resource policy of the account', () => {
    const machines = Object.values(template.Resources).filter(({ Type }) => Type?.endsWith('::StateMachine'));
    const destinations = machines.map(({ Properties: { Logging, LoggingConfiguration } }) => {
      const { Destinations } = (Logging ?? LoggingConfiguration) as { Destinations: object };
      return JSON.stringify(Destinations).match(/"Fn::GetAtt":\["(\w+)"/)?.[1] ?? '';
    });
    expect(destinations).toHaveLength(2);
    for (const id of destinations) {
      expect(JSON.stringify(template.Resources[id]?.Properties.LogGroupName)).toMatch(/"\/aws\/vendedlogs\/states\//);
    }
  });
});

describe('a limit of CloudFormation', () => {
  it('is 51200 bytes of a template without a bucket, and the config environments of the database name none', () => {
    const samconfig = read('samconfig.toml');
    for (const region of regions) {
      const section = samconfig.split(`[database-${region}.deploy.parameters]`)[1]?.split(/^\[/m)[0] ?? '';
      expect(section).toContain('parameter_overrides');
      expect(section).not.toContain('resolve_s3');
    }
    expect(statSync(join(projectDirectory, 'database/template.yaml')).size).toBeLessThan(51_200);
  });

  it('is 1 MB of a template in a bucket, 500 resources, 200 parameters and outputs', () => {
    expect(statSync(join(projectDirectory, 'template.yaml')).size).toBeLessThan(1_000_000);
    expect(Object.keys(template.Resources).length).toBeLessThan(500);
    expect(Object.keys(template.Parameters).length).toBeLessThanOrEqual(200);
  });
});
