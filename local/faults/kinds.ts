// The kinds of faults that the campaign draws from. Each has a name, and acts on a Region or on the database between them.
// Most are armed first and strike at their occasion. Some, such as a switchover, happen at once.

import { setTimeout as sleep } from 'node:timers/promises';
import { pendingPrefix, rejectedPrefix, reportsPrefix } from '../../functions/shared/keys.ts';
import { pick } from '../reviews/made-text.ts';
import type { FaultyRegion, FaultyRegions } from './faulty-regions.ts';
import { databaseFault, s3Fault, serverErrors } from './make-fault.ts';
import type { S3Fault, S3Request } from './s3-proxy.ts';

export interface Occasion {
  regions: FaultyRegions;
  region: FaultyRegion;
  random: () => number;
  /** Puts other content over an object that is being processed. */
  overwrite: () => Promise<unknown>;
  /** Deletes that object. */
  remove: () => Promise<unknown>;
  overwriteKey: string;
}

type Kind = (occasion: Occasion) => unknown;

const upTo = (random: () => number, count: number) => Math.floor(random() * count);

/** The first is Preprocess's read of the beginning. The others are reads of DB-processing. */
const readingSource = ({ method, key, hasRange }: S3Request) =>
  method === 'GET' && hasRange && key.startsWith(pendingPrefix);
const copying = ({ isCopy }: S3Request) => isCopy;
const deleting = ({ deletes }: S3Request) => deletes.length > 0;
/** DB-processing reads a small object as a whole. */
const readingSmall = ({ method, key, hasRange }: S3Request) =>
  method === 'GET' && !hasRange && key.startsWith(pendingPrefix);
const writingReport = ({ method, key }: S3Request) => method === 'PUT' && key.startsWith(reportsPrefix);
const writingRejected = ({ method, key }: S3Request) => method === 'PUT' && key.startsWith(rejectedPrefix);
const any = () => true;

const s3 =
  (kind: S3Fault['kind'], on: S3Fault['on'], most: number, leastSkip = 0): Kind =>
  ({ region, random }) =>
    region.s3.arm(s3Fault(kind, on, { skip: leastSkip + upTo(random, 3), times: 1 + upTo(random, most) }));

const refusing =
  (status: 400 | 403): Kind =>
  ({ region, overwriteKey }) =>
    region.s3.refused.set(overwriteKey, status);

/** Sessions that may write from the secondary at once, until the faults are healed. */
const fewForwardedSessions = 2;

const overwriting = ({ overwrite }: Occasion) => overwrite();

/** Changes the object that is being processed, on a request for it. `counted`: the name under which it counts. */
const touched =
  (counted: string, on: S3Fault['on'], act: (occasion: Occasion) => Promise<unknown>, skip = 0): Kind =>
  (occasion) =>
    occasion.region.s3.arm(
      s3Fault(
        's3-object-touched',
        (request) => on(request) && [request.key, request.from, ...request.deletes].includes(occasion.overwriteKey),
        {
          skip,
          act: async () => {
            occasion.regions.count(counted);
            await act(occasion);
          },
        },
      ),
    );

const database =
  (kind: Parameters<typeof databaseFault>[0], on: Parameters<typeof databaseFault>[1], most = 2): Kind =>
  ({ region, random }) =>
    region.armDatabase(databaseFault(kind, on, { skip: upTo(random, 5), times: 1 + upTo(random, most) }));

const serverError =
  (name: keyof typeof serverErrors, on: 'INSERT' | 'LEDGER' | 'COUNT' = 'INSERT'): Kind =>
  ({ region, random }) =>
    region.armDatabase(
      databaseFault('server-error', on, {
        skip: upTo(random, 5),
        times: 1 + upTo(random, 4),
        error: serverErrors[name],
      }),
    );

const functionNames = ['PreprocessFunction', 'DbProcessingFunction', 'DbProcessingFunction', 'PostprocessFunction'];

/** Ends the busy sandbox of a function during a request. S3 never sees the request. */
const killAt =
  (logicalId: string, on: S3Fault['on'], name: string): Kind =>
  ({ regions, region, random }) =>
    region.s3.arm(
      s3Fault('s3-object-touched', on, {
        skip: upTo(random, 3),
        act: async () => {
          regions.count(name);
          const busy = region.region.functions[logicalId]?.sandboxes().filter((sandbox) => sandbox.busy) ?? [];
          await Promise.all(busy.map((sandbox) => sandbox.kill()));
          return 'dropped';
        },
      }),
    );

/** These happen at once. The others are armed, and strike at their occasion. */
export const immediateKinds: ReadonlySet<string> = new Set([
  'database-session-killed',
  'database-replication-stopped',
  'database-switchover',
  'sandbox-killed-at-any-time',
]);

export const kinds: Record<string, Kind> = {
  's3-slow-down': s3('s3-slow-down', any, 8),
  's3-internal-error-on-copy': s3('s3-internal-error', copying, 7),
  's3-internal-error-on-delete': s3('s3-internal-error', deleting, 7),
  's3-connection-reset': s3('s3-connection-reset', any, 3),
  's3-answer-lost-of-copy': s3('s3-answer-lost', copying, 2),
  's3-answer-lost-of-delete': s3('s3-answer-lost', deleting, 2),
  's3-answer-lost-of-report': s3('s3-answer-lost', writingReport, 2),
  's3-answer-lost-of-rejected': s3('s3-answer-lost', writingRejected, 2),
  's3-body-truncated': s3('s3-body-truncated', readingSource, 4, 1),
  's3-body-truncated-in-preprocess': s3('s3-body-truncated', readingSource, 1),
  's3-body-short': s3('s3-body-short', readingSource, 2, 1),
  's3-body-short-in-preprocess': s3('s3-body-short', readingSource, 1),
  's3-body-stalled': s3('s3-body-stalled', readingSource, 1, 1),
  's3-object-overwritten-before-read': touched('s3-object-overwritten', readingSource, overwriting, 1),
  's3-object-overwritten-before-delete': touched('s3-object-overwritten-before-delete', deleting, overwriting),
  's3-object-deleted-before-read': touched('s3-object-deleted', readingSource, ({ remove }) => remove(), 1),
  's3-body-truncated-of-small': s3('s3-body-truncated', readingSmall, 4),
  's3-body-short-of-small': s3('s3-body-short', readingSmall, 2),
  's3-body-stalled-of-small': s3('s3-body-stalled', readingSmall, 1),
  's3-object-overwritten-before-small-read': touched('s3-object-overwritten', readingSmall, overwriting),
  's3-object-deleted-before-small-read': touched('s3-object-deleted', readingSmall, ({ remove }) => remove()),
  's3-object-overwritten-before-copy': touched('s3-object-overwritten-before-copy', copying, overwriting),
  's3-object-refused-403': refusing(403),
  's3-object-refused-400': refusing(400),
  'database-connection-reset': database('connection-reset', 'INSERT'),
  'database-connection-reset-in-set-up': database('connection-reset', 'SET'),
  'database-connection-reset-in-handshake': database('connection-reset-in-handshake', 'any'),
  'database-connection-silent': database('connection-silent', 'INSERT', 1),
  'database-session-ended-idle': database('ended-idle', 'INSERT'),
  'database-answer-lost': database('answer-lost', 'INSERT', 3),
  'database-answer-lost-of-ledger': database('answer-lost', 'LEDGER', 3),
  'database-connection-reset-in-ledger': database('connection-reset', 'LEDGER'),
  'database-answer-of-read-lost': database('answer-lost', 'COUNT', 3),
  'database-deadlock': serverError('deadlock'),
  'database-deadlock-in-ledger': serverError('deadlock', 'LEDGER'),
  'database-lock-wait': serverError('lockWait'),
  'database-too-many-connections': serverError('tooManyConnections'),
  'database-refuses-connections': ({ region, random }) =>
    region.armDatabase(
      databaseFault('connection-refused', 'any', {
        times: 1 + upTo(random, 6),
        error: serverErrors.tooManyConnections,
      }),
    ),
  'database-read-only': serverError('superReadOnly'),
  'database-read-only-1836': serverError('readOnly'),
  'database-write-forwarding-error': serverError('writeForwarding'),
  'database-shutdown': serverError('shutdown', 'COUNT'),
  'database-lost-in-query': serverError('lostInQuery'),
  'database-session-killed': async ({ regions, random }) => {
    // There may be none now.
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if (await regions.globalDatabase.faults.killSession((count) => upTo(random, count))) {
        return regions.count('database-session-killed');
      }
      await sleep(20);
    }
  },
  'database-replication-stopped': async ({ regions }) => {
    await regions.globalDatabase.faults.stopReplication();
    regions.count('database-replication-stopped');
  },
  'database-lag': async ({ regions, random }) => {
    await regions.globalDatabase.setLagMs(100 + upTo(random, 300));
    regions.count('database-lag');
  },
  'database-forwarding-saturated': async ({ regions }) => {
    await regions.globalDatabase.setLimits({ maxForwardedSessions: fewForwardedSessions });
    regions.count('database-forwarding-saturated');
  },
  'database-switchover': async ({ regions }) => {
    await regions.globalDatabase.switchover();
    regions.count('database-switchover');
  },
  'sandbox-killed-before-insert': database('held-before', 'INSERT', 1),
  'sandbox-killed-after-insert-was-sent': database('held-sent', 'INSERT', 1),
  'sandbox-killed-between-commit-and-answer': database('held-after', 'INSERT', 1),
  'sandbox-killed-in-ledger': database('held-after', 'LEDGER', 1),
  'sandbox-killed-in-read-back': database('held-before', 'COUNT', 1),
  'sandbox-killed-between-copy-and-delete': killAt('PostprocessFunction', deleting, 'sandbox-killed-before-delete'),
  'sandbox-killed-before-copy': killAt('PostprocessFunction', copying, 'sandbox-killed-before-copy'),
  'sandbox-killed-at-any-time': async ({ regions, region, random }) => {
    const sandboxes = region.region.functions[pick(random, functionNames)]?.sandboxes() ?? [];
    const doomed = sandboxes[upTo(random, sandboxes.length)];
    if (!doomed) return;
    regions.count(`sandbox-killed-${doomed.busy ? 'busy' : 'idle'}`);
    await doomed.kill();
  },
  'lambda-throttled': ({ region, random }) =>
    region.lambda.throttled.set(pick(random, functionNames), 2 + upTo(random, 20)),
  'lambda-zombie': ({ region, random }) => region.lambda.zombies.set(pick(random, functionNames), 1 + upTo(random, 3)),
  'lambda-deadline-short': ({ region, random }) => {
    region.lambda.shortDeadlines = 3 + upTo(random, 10);
  },
  'event-twice': ({ region, random }) =>
    Object.assign(region.events, { delivery: 'twice', times: 1 + upTo(random, 4) }),
  'event-late': ({ region, random }) => Object.assign(region.events, { delivery: 'late', times: 1 + upTo(random, 4) }),
  'event-lost': ({ region, random }) => Object.assign(region.events, { delivery: 'lost', times: 1 + upTo(random, 3) }),
  'event-out-of-order': ({ region, random }) =>
    Object.assign(region.events, { delivery: 'held', times: 2 + upTo(random, 4) }),
  'chunk-result-lost': ({ region, random }) => {
    region.lambda.lostChunkResults = 1 + upTo(random, 2);
  },
  'secrets-throttled': async ({ regions, region }) => {
    region.region.secrets.fail('ThrottlingException');
    regions.count('secrets-throttled');
    await endWarmSandboxes(region);
  },
  'secrets-down': async ({ regions, region }) => {
    region.region.secrets.fail('down');
    regions.count('secrets-down');
    await endWarmSandboxes(region);
  },
  'secret-rotated': async ({ regions }) => {
    await regions.rotateSecret();
    regions.count('secret-rotated');
  },
};

/** A warm sandbox already has the secret, so only a new one meets the fault. */
const endWarmSandboxes = async ({ region }: FaultyRegion) => {
  await Promise.all(region.functions.DbProcessingFunction?.sandboxes().map((sandbox) => sandbox.kill()) ?? []);
};
