// Two Regions, as the demo starts them, in which everything can be made to fail at run time; with small chunks and batches,
// so that a file of a hundred reviews has as many seams as one of a million.

import { randomBytes } from 'node:crypto';
import type { BundleProgress } from '../../functions/shared/bundle-contract.ts';
import type { FrontFault, FrontFaultKind } from '../database/front/faults.ts';
import { defaultLimits } from '../database/global-database.ts';
import { type Bucket, openBucket } from '../demo/bucket.ts';
import type { Scope } from '../demo/interruption.ts';
import { type LocalRegion, startTwoRegions, type TwoRegions } from '../demo/two-regions.ts';
import { invocationError } from '../lambda/invocation-error.ts';
import type { RegionOptions } from '../region.ts';
import { plantedText } from './made-content.ts';
import { type S3Proxy, startS3Proxy } from './s3-proxy.ts';
import { pidOfPort } from './sandbox-of-port.ts';

export interface FaultyRegion extends LocalRegion {
  /** The bucket as the functions reach it: through the proxy that has the faults. */
  ownBucket: Bucket;
  s3: S3Proxy;
  armDatabase(fault: FrontFault): Promise<void>;
  /** Until healed: what the next invocations of a function meet. */
  lambda: LambdaFaults;
  /** Until healed: what becomes of an event. `underway`: deliveries that are yet to come. */
  events: {
    delivery: 'once' | 'twice' | 'late' | 'lost' | 'held';
    times: number;
    held: (() => void)[];
    underway: number;
  };
  /** Invocations by the state machine that failed, by the error's name, and sources that did not complete, by their reason. */
  failures: Failure[];
}

export interface Failure {
  /** A Task state, or `pending` or `failed` for a source's outcome. */
  where: string;
  name: string;
  message: string;
}

export interface LambdaFaults {
  /** Refused before they run, by logical id: how many. */
  throttled: Map<string, number>;
  /** The caller gives up at once and tries again, while the invocation continues: how many. */
  zombies: Map<string, number>;
  /** Invocations that are told to have so little time that they stop after a batch. */
  shortDeadlines: number;
  /** Sources of which Postprocess is told one chunk result too few: how many. */
  lostChunkResults: number;
}

export interface FaultyRegions extends TwoRegions {
  faulty: [FaultyRegion, FaultyRegion];
  /** How often each kind of fault struck. */
  struck: Map<string, number>;
  count(kind: string): void;
  /** Log lines that hold a credential or review text. */
  leaks: string[];
  /** Gives the application another password: in the database and in both Regions' secrets. */
  rotateSecret(): Promise<void>;
  /** No fault is left, and what they held up continues. */
  heal(): Promise<void>;
}

/** Faults after which the sandbox that met them is ended. */
const deadly: ReadonlySet<FrontFaultKind> = new Set(['held-before', 'held-sent', 'held-after']);
const lateMs = 800;

/** What a Region's hooks read and write. `s3` and `region` are set once they run. */
type State = Pick<FaultyRegion, 'lambda' | 'events' | 'failures'> & { s3?: S3Proxy; region?: LocalRegion };

const noFaults = (): State => ({
  lambda: { throttled: new Map(), zombies: new Map(), shortDeadlines: 0, lostChunkResults: 0 },
  events: { delivery: 'once', times: 0, held: [], underway: 0 },
  failures: [],
});

function takeOne(left: Map<string, number>, logicalId: string): boolean {
  const times = left.get(logicalId) ?? 0;
  if (times > 0) left.set(logicalId, times - 1);
  return times > 0;
}

/** The hooks by which a Region meets the faults of `own`. */
const regionFaults = (
  own: State,
  onLogLine: NonNullable<RegionOptions['onLogLine']>,
  count: (kind: string) => void,
): Partial<RegionOptions> => ({
  sandboxEnvironment: (): Record<string, string> => (own.s3 ? { AWS_ENDPOINT_URL_S3: own.s3.endpoint } : {}),
  timeoutMs: (logicalId) => {
    if (logicalId !== 'DbProcessingFunction' || own.lambda.shortDeadlines <= 0) return undefined;
    own.lambda.shortDeadlines -= 1;
    count('lambda-deadline-short');
    return shortDeadlineMs;
  },
  beforeInvoke: (logicalId, payload) => failInvocation(own, logicalId, payload, count),
  onTaskEnd: ({ state, error }) => {
    if (error) own.failures.push({ where: state, name: error.name, message: error.message.slice(0, 300) });
  },
  deliverEvent: (event, enqueue) => deliver(own.events, () => enqueue(event), count),
  onLogLine,
});

/** @throws {InvocationError} in place of the invocation */
function failInvocation(own: State, logicalId: string, payload: unknown, count: (kind: string) => void): void {
  if (takeOne(own.lambda.throttled, logicalId)) {
    count('lambda-throttled');
    throw invocationError('Lambda.TooManyRequestsException', 'Rate Exceeded.');
  }
  if (takeOne(own.lambda.zombies, logicalId)) {
    count('lambda-zombie');
    own.region?.region.functions[logicalId]?.invoke(payload).catch(() => {});
    throw invocationError('Lambda.Unknown', 'the connection to Lambda was lost');
  }
  const { chunkResults } = payload as { chunkResults?: unknown[] };
  if (logicalId !== 'PostprocessFunction' || !chunkResults || own.lambda.lostChunkResults === 0) return;
  const results = (chunkResults[0] as Partial<BundleProgress> | undefined)?.results;
  // Of a bundle, one source loses its result. A bundle whose objects all go alone has none.
  const hit = results?.find((result) => 'chunk' in result);
  if (results && !hit) return;
  own.lambda.lostChunkResults -= 1;
  count('chunk-result-lost');
  if (hit && 'chunk' in hit) hit.chunk = { ...hit.chunk, done: false };
  else chunkResults.pop();
}

function deliver(events: FaultyRegion['events'], enqueue: () => void, count: (kind: string) => void): void {
  const delivery = events.times > 0 ? events.delivery : 'once';
  if (delivery !== 'once') {
    events.times -= 1;
    count(`event-${delivery}`);
  }
  if (delivery === 'held') {
    events.held.push(enqueue);
    return;
  }
  const enqueueIn = (ms: number) => {
    events.underway += 1;
    setTimeout(() => {
      events.underway -= 1;
      enqueue();
    }, ms);
  };
  if (delivery === 'late') enqueueIn(lateMs);
  else if (delivery !== 'lost') enqueue();
  if (delivery === 'twice') enqueueIn(Math.random() * lateMs);
}

/** Files of some kilobytes have several chunks and batches, and the smallest ones travel in bundles. */
const parameters = {
  ChunkBytes: '16384',
  SmallBytes: '2000',
  BatchRows: '10',
  DbProcessingConcurrency: '4',
  SourceConcurrency: '3',
  ChunkConcurrency: '2',
};

export async function startFaultyRegions(
  options: { rttMs: number; lagMs: number; stateDirectory: string; parameters?: Record<string, string> },
  { scope, say }: { scope: Scope; say: (line: string) => void },
): Promise<FaultyRegions> {
  const struck = new Map<string, number>();
  const count = (kind: string) => void struck.set(kind, (struck.get(kind) ?? 0) + 1);
  const leaks: string[] = [];
  const passwords = { admin: newPassword(), application: newPassword() };
  const secretTexts = [plantedText, passwords.admin, passwords.application];
  const noteLeak = (name: string, { logicalId, line }: { logicalId: string; line: string }) => {
    if (secretTexts.some((text) => line.includes(text))) leaks.push(`${name} ${logicalId}: ${line}`);
  };
  const state = new Map<string, State>();
  const stateOf = (name: string): State => {
    if (!state.has(name)) state.set(name, noFaults());
    return state.get(name) as State;
  };

  const two = await startTwoRegions(
    {
      ...options,
      passwords,
      parameters: { ...parameters, ...options.parameters },
      region: (name) => regionFaults(stateOf(name), (entry) => noteLeak(name, entry), count),
    },
    { scope, say },
  );

  const { globalDatabase, regions } = two;
  globalDatabase.faults.onStruck((name, { kind, error }, clientPort) => {
    if (!deadly.has(kind)) return count(`database-${kind}${error ? `-${error.errno}` : ''}`);
    count(`sandbox-killed-${kind.slice('held-'.length)}-statement`);
    endSandboxOf(stateOf(name), clientPort);
  });

  const faulty = await Promise.all(
    regions.map(async (local): Promise<FaultyRegion> => {
      const armDatabase = (fault: FrontFault) => globalDatabase.faults.arm(local.name, fault);
      const own = stateOf(local.name);
      return { ...local, ...(await putProxy(local, own, count, scope)), armDatabase, ...pickFaults(own) };
    }),
  );

  return {
    ...two,
    faulty: faulty as [FaultyRegion, FaultyRegion],
    struck,
    count,
    leaks,
    async rotateSecret() {
      const password = newPassword();
      secretTexts.push(password);
      await globalDatabase.faults.rotatePassword(password);
      const secret = { username: 'application', password };
      for (const { region } of regions) region.secrets.put('book-reviews/application', secret);
    },
    async heal() {
      for (const region of faulty) healRegion(region);
      await globalDatabase.setLimits({ maxForwardedSessions: defaultLimits.maxForwardedSessions });
      await globalDatabase.faults.heal();
    },
  };
}

function healRegion({ region, s3, lambda, events }: FaultyRegion): void {
  s3.heal();
  region.secrets.fail(null);
  lambda.throttled.clear();
  lambda.zombies.clear();
  lambda.shortDeadlines = 0;
  lambda.lostChunkResults = 0;
  events.times = 0;
  // The last one first.
  for (const release of events.held.splice(0).reverse()) release();
}

/** Ends the sandbox that has the connection, or any busy one. */
function endSandboxOf({ region }: State, clientPort: number): void {
  const sandboxes = region?.region.functions.DbProcessingFunction?.sandboxes() ?? [];
  const pid = pidOfPort(
    clientPort,
    sandboxes.map((sandbox) => sandbox.pid),
  );
  const doomed = sandboxes.find((sandbox) => sandbox.pid === pid) ?? sandboxes.find(({ busy }) => busy);
  void doomed?.kill();
}

const pickFaults = ({ lambda, events, failures }: State) => ({ lambda, events, failures });

/** From now on the Region's sandboxes reach S3 through a proxy. */
async function putProxy(local: LocalRegion, own: State, count: (kind: string) => void, scope: Scope) {
  own.region = local;
  const s3 = await scope.use(
    () => startS3Proxy(local.region.s3.endpoint, count),
    (proxy) => proxy.stop(),
  );
  own.s3 = s3;
  const ownBucket = openBucket(local.name, { ...local.region.s3, endpoint: s3.endpoint });
  await scope.use(
    async () => ownBucket,
    ({ close }) => close(),
  );
  local.listeners.onOutcome = ({ outcome, reason = '' }) => {
    if (outcome !== 'completed') own.failures.push({ where: outcome, name: reason, message: '' });
  };
  return { s3, ownBucket };
}

/** Below what DB-processing keeps in reserve for an invocation's end, so that it stops after its first batch. */
const shortDeadlineMs = 9_000;
const newPassword = () => `secret-${randomBytes(12).toString('base64url')}`;
