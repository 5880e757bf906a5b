import { describe, expect, it } from '@jest/globals';
import type * as z from 'zod/mini';
import {
  dailySummaryEnv,
  dbProcessingEnv,
  doctorEnv,
  migrateEnv,
  postprocessEnv,
  preprocessEnv,
} from '../../functions/shared/env.ts';
import * as prefixes from '../../functions/shared/keys.ts';
import { matchesPattern } from '../../local/events/event-pattern.ts';
import { parameterOverrides, regions, stackOf, template } from '../support/template.ts';

const { pendingPrefix } = prefixes;

const schemas: Record<string, z.ZodMiniObject> = {
  PreprocessFunction: preprocessEnv,
  DbProcessingFunction: dbProcessingEnv,
  PostprocessFunction: postprocessEnv,
  MigrateFunction: migrateEnv,
  DoctorFunction: doctorEnv,
  DailySummaryFunction: dailySummaryEnv,
};
/** Read by Powertools and by Node itself. */
const isReadByLibraries = (name: string) => name.startsWith('POWERTOOLS_') || name === 'NODE_OPTIONS';
/** Set by the Lambda runtime. */
const isSetByRuntime = (name: string) => name === 'AWS_REGION';

describe.each(regions)('template.yaml as samconfig.toml configures it for %s', (region) => {
  const stack = stackOf(region);

  it('describes exactly the functions that have an environment schema', () => {
    expect(Object.keys(stack.functions).sort()).toEqual(Object.keys(schemas).sort());
  });

  it.each(Object.keys(schemas))('gives %s what its code parses, and nothing else', (logicalId) => {
    const environment = stack.functions[logicalId]?.environment ?? {};
    const schema = schemas[logicalId] as z.ZodMiniObject;
    const parsed = schema.safeParse({ ...environment, AWS_REGION: region });
    expect(parsed.error?.issues ?? []).toEqual([]);
    expect(
      Object.keys(environment)
        .filter((name) => !isReadByLibraries(name))
        .sort(),
    ).toEqual(
      Object.keys(schema.shape)
        .filter((name) => !isSetByRuntime(name))
        .sort(),
    );
  });

  it('names each function in its logs and counts its metrics in one namespace', () => {
    const services = Object.values(stack.functions).map(({ environment }) => environment.POWERTOOLS_SERVICE_NAME);
    expect(services.sort()).toEqual([
      'daily-summary',
      'db-processing',
      'doctor',
      'migrate',
      'postprocess',
      'preprocess',
    ]);
    for (const { environment } of Object.values(stack.functions)) {
      expect(environment.POWERTOOLS_METRICS_NAMESPACE).toBe('BookReviews');
    }
  });

  it('hands uploads on within two seconds, and has the message back only after the pipe had time to start an execution', () => {
    expect(stack.pipe.batchSize).toBe(440);
    expect(stack.pipe.batchingWindowSeconds).toBeLessThanOrEqual(1);
    expect(stack.queue.visibilityTimeoutSeconds).toBeGreaterThanOrEqual(6 * stack.pipe.batchingWindowSeconds + 30);
  });

  it('keeps the sessions that may be forwarded, even with as many of killed sandboxes, under the cap of a db.r6g.large', () => {
    const { reservedConcurrency = Infinity, environment = {} } = stack.functions.DbProcessingFunction ?? {};
    const forwardedSessionsCap = 0.1 * 1000;
    expect(2 * reservedConcurrency * Number(environment.DATABASE_CONNECTIONS)).toBeLessThanOrEqual(
      forwardedSessionsCap,
    );
  });
});

describe.each(regions)('the rule for uploads of %s', (region) => {
  const stack = stackOf(region);

  it('takes as uploads what is created under the pending prefix of its bucket, where there is no peer', () => {
    expect(stackOf(region, { PeerRegion: '' }).eventPattern).toEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: [stack.bucket] }, object: { key: [{ prefix: pendingPrefix }] } },
    });
  });

  it('takes neither what S3 replicated from the peer nor what this service writes', () => {
    const event = (key: string) => ({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: { bucket: { name: stack.bucket }, object: { key } },
    });
    const peer = regions.find((other) => other !== region);
    const isTaken = (key: string) => matchesPattern(stack.eventPattern, event(key));
    for (const folder of ['', `${region}/`, `${peer}2/`]) expect(isTaken(`${pendingPrefix}${folder}a.json`)).toBe(true);
    expect(isTaken(`${pendingPrefix}${peer}/a.json`)).toBe(false);
    const { pendingPrefix: pending, rootPrefix, ...others } = prefixes;
    const written = Object.values(others).filter((value) => typeof value === 'string' && value.startsWith(rootPrefix));
    expect(written).toHaveLength(6);
    for (const prefix of written) expect(isTaken(`${prefix}${region}/a.json`)).toBe(false);
  });
});

describe('samconfig.toml', () => {
  it('differs between the Regions in endpoints, network, cluster, the name of the peer and who writes the daily summary only', () => {
    const [one = {}, other = {}] = regions.map(parameterOverrides);
    expect(Object.keys(one)).toEqual(Object.keys(other));
    expect(Object.keys(one).filter((name) => one[name] !== other[name])).toEqual([
      'DatabaseWriterEndpoint',
      'DatabaseReaderEndpoint',
      'PeerRegion',
      'VpcId',
      'SubnetIds',
      'DatabaseSecurityGroupId',
      'RouteTableIds',
      'S3PrefixListId',
      'DatabaseClusterId',
      'DailySummary',
      'SecretKeyId',
    ]);
  });

  it('has the daily summary written by one Region only: the secondary, whose readers have the time', () => {
    expect(regions.map((region) => parameterOverrides(region).DailySummary)).toEqual(['disabled', 'enabled']);
  });

  it('gives every parameter that has no default, and none that the template does not know', () => {
    const required = Object.entries(template.Parameters).filter(([, { Default }]) => Default === undefined);
    for (const region of regions) {
      const given = Object.keys(parameterOverrides(region));
      expect(given).toEqual(expect.arrayContaining(required.map(([name]) => name)));
      expect(Object.keys(template.Parameters)).toEqual(expect.arrayContaining(given));
    }
  });
});

describe('parameters of template.yaml', () => {
  it('each say what they are', () => {
    const silent = Object.entries(template.Parameters).filter(([, parameter]) => !('Description' in parameter));
    expect(silent.map(([name]) => name)).toEqual([]);
  });
});
