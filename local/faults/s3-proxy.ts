// S3 as it behaves on a bad day: a proxy in front of a Region's S3 server that answers most requests as the server does,
// and some as S3 does when it is overloaded, or as a network does that breaks. Path-style addresses, plain HTTP.
// Also keeps DeleteObject's If-Match, which the embedded server ignores: S3 itself does not.
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createStrikes, type Strike } from './strikes.ts';

export type S3FaultKind =
  /** 503 SlowDown: the request was not carried out. */
  | 's3-slow-down'
  /** 500 InternalError: the request was not carried out. */
  | 's3-internal-error'
  /** The connection is reset before S3 has seen the request. */
  | 's3-connection-reset'
  /** S3 carried the request out, and its answer is lost. */
  | 's3-answer-lost'
  /** The body ends early, and the connection with it. */
  | 's3-body-truncated'
  /** The body stops in the middle and nothing ends it, until the faults are healed. */
  | 's3-body-stalled'
  /** The body is shorter than asked for, and ends as if it were whole. */
  | 's3-body-short'
  /** Something happens to the object right before the request is passed on: `act` says what; it may change the object. */
  | 's3-object-touched';

export interface S3Fault extends Strike<S3FaultKind> {
  /** Requests that it may strike. */
  on: (request: S3Request) => boolean;
  /** For `s3-object-touched`; 'dropped': the request is not passed on then. */
  act?: () => Promise<unknown>;
}

export interface S3Request {
  method: string;
  /** Decoded; '' for requests of the bucket. */
  key: string;
  isCopy: boolean;
  hasRange: boolean;
}

export interface S3Proxy {
  endpoint: string;
  arm(fault: S3Fault): void;
  /** Objects that S3 is to say of that it replicated them here, which the embedded server cannot. */
  replicas: Set<string>;
  /** Until healed: objects that S3 refuses to show, by key, with the status of the answer. As under a foreign key of KMS, or SSE-C. */
  refused: Map<string, 400 | 403>;
  /** Drops what is armed and ends what is stalled. */
  heal(): void;
  stop(): Promise<void>;
}

/** In a client's user agent: its requests meet no fault. */
export const pastFaults = 'past-faults';

const failures: Partial<Record<S3FaultKind, [status: number, code: string]>> = {
  's3-slow-down': [503, 'SlowDown'],
  's3-internal-error': [500, 'InternalError'],
};

const refusals = { 400: 'InvalidRequest', 403: 'AccessDenied' } as const;

function requestOf({ url = '', method = '', headers }: IncomingMessage): S3Request {
  const path = decodeURIComponent(url.split('?')[0] ?? '');
  const key = path.split('/').slice(2).join('/');
  return { method, key, hasRange: headers.range !== undefined, isCopy: 'x-amz-copy-source' in headers };
}

/** A request that is being answered, with the body that came or that goes. */
interface Exchange {
  incoming: IncomingMessage;
  response: ServerResponse;
  body: Buffer;
}

const forward = (target: URL, incoming: IncomingMessage, body: Buffer) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const { method, url: path } = incoming;
    const outgoing = httpRequest(
      { hostname: target.hostname, port: target.port, method, path, headers: incoming.headers },
      resolve,
    );
    outgoing.on('error', reject).end(body);
  });

/** Answers as S3 does, or as the fault has it. @returns the response that the fault leaves unfinished, if it does */
async function answer(
  target: URL,
  { incoming, response, body }: Exchange,
  request: S3Request,
  fault: S3Fault | undefined,
  { refusal, isReplica }: { refusal: [number, string] | undefined; isReplica: boolean },
): Promise<ServerResponse | undefined> {
  const failure = refusal ?? (fault && failures[fault.kind]);
  if (failure) {
    respondError(response, failure, 'made up by a fault', incoming.method === 'HEAD');
    return undefined;
  }
  if (fault?.kind === 's3-connection-reset') {
    incoming.socket.resetAndDestroy();
    return undefined;
  }
  if (incoming.method === 'DELETE' && incoming.headers['if-match'] && !(await stillMatches(target, incoming))) {
    respondError(response, [412, 'PreconditionFailed'], '-', false);
    return undefined;
  }
  const upstream = await forward(target, incoming, body);
  if (fault?.kind === 's3-answer-lost') {
    upstream.resume().on('end', () => incoming.socket.resetAndDestroy());
    return undefined;
  }
  const parts: Buffer[] = [];
  for await (const part of upstream) parts.push(part);
  const ofReplica = isReplica && (request.method === 'HEAD' || request.method === 'GET');
  const replication = ofReplica ? ['x-amz-replication-status', 'REPLICA'] : [];
  return passBody({ incoming, response, body: Buffer.concat(parts) }, upstream, replication, fault);
}

function respondError(response: ServerResponse, [status, code]: [number, string], message: string, isHead: boolean) {
  const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(isHead ? '' : text);
}

/** The server's answer, whole or as the fault cuts it. @returns the response if it stalls */
function passBody(
  { incoming, response, body }: Exchange,
  upstream: IncomingMessage,
  headers: string[],
  fault: S3Fault | undefined,
): Promise<ServerResponse | undefined> | undefined {
  const status = upstream.statusCode ?? 502;
  const half = body.subarray(0, Math.floor(body.length / 2));
  if (fault?.kind === 's3-body-short' && body.length >= 2) {
    response.writeHead(status, { ...upstream.headers, 'content-length': half.length }).end(half);
    return undefined;
  }
  response.writeHead(status, [...upstream.rawHeaders, ...headers]);
  if ((fault?.kind !== 's3-body-truncated' && fault?.kind !== 's3-body-stalled') || body.length < 2) {
    response.end(body);
    return undefined;
  }
  return new Promise((resolve) => {
    response.write(half, () => {
      if (fault.kind === 's3-body-truncated') incoming.socket.destroy();
      resolve(fault.kind === 's3-body-stalled' ? response : undefined);
    });
  });
}

async function stillMatches({ hostname, port }: URL, incoming: IncomingMessage): Promise<boolean> {
  const head = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest({ hostname, port, method: 'HEAD', path: incoming.url?.split('?')[0] }, resolve)
      .on('error', reject)
      .end();
  });
  head.resume();
  return head.headers.etag === incoming.headers['if-match'];
}

/** `onStruck` is told of each fault when it strikes, but for what `act` does. */
export async function startS3Proxy(
  target: string,
  onStruck: (kind: S3FaultKind | `s3-object-refused-${400 | 403}`) => void,
): Promise<S3Proxy> {
  const server = new URL(target);
  const strikes = createStrikes<S3Fault>();
  const stalled = new Set<ServerResponse>();
  const replicas = new Set<string>();
  const refused = new Map<string, 400 | 403>();
  const inTurn = new Map<string, Promise<unknown>>();

  /** A copy reads the object too. */
  const refusalOf = ({ method, key }: S3Request, { headers }: IncomingMessage): [number, string] | undefined => {
    const copied = decodeURIComponent(String(headers['x-amz-copy-source'] ?? '').split('?')[0] ?? '');
    const read = method === 'GET' || method === 'HEAD' ? key : copied.replace(/^\/?[^/]+\//, '');
    const status = headers['user-agent']?.includes(pastFaults) ? undefined : refused.get(read);
    if (status === undefined) return undefined;
    onStruck(`s3-object-refused-${status}`);
    return [status, refusals[status]];
  };

  /** Changes of one key one after the other, so that nothing comes between a condition and what it guards. */
  const takeTurn = (key: string, act: () => Promise<unknown>) => {
    const mine = (inTurn.get(key) ?? Promise.resolve()).then(act, act);
    inTurn.set(key, mine);
    return mine.finally(() => inTurn.get(key) === mine && inTurn.delete(key));
  };

  const proxy = createServer(async (incoming, response) => {
    try {
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(part);
      const body = Buffer.concat(parts);
      const request = requestOf(incoming);
      const { method, key } = request;
      const isExempt = incoming.headers['user-agent']?.includes(pastFaults) ?? false;
      const fault = isExempt ? undefined : strikes.take((one) => one.on(request));
      if (fault && fault.kind !== 's3-object-touched') onStruck(fault.kind);
      if (fault?.kind === 's3-object-touched' && (await fault.act?.()) === 'dropped') return incoming.socket.destroy();
      const act = async () => {
        const limits = { refusal: refusalOf(request, incoming), isReplica: replicas.has(request.key) };
        const unfinished = await answer(server, { incoming, response, body }, request, fault, limits);
        if (unfinished) stalled.add(unfinished);
      };
      await (method === 'PUT' || method === 'DELETE' ? takeTurn(key, act) : act());
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const heal = () => {
    strikes.clear();
    refused.clear();
    for (const response of stalled) response.destroy();
    stalled.clear();
  };
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    arm: strikes.arm,
    replicas,
    refused,
    heal,
    stop: () =>
      new Promise((resolve) => {
        heal();
        proxy.close(() => resolve());
        proxy.closeAllConnections();
      }),
  };
}
