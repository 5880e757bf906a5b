import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sandboxEnvironment } from '../../local/lambda/environment.ts';
import { createFunction, type LambdaFunction } from '../../local/lambda/lambda-function.ts';
import type { FunctionDefinition } from '../../local/template/stack.ts';

let directory: string;
let created: LambdaFunction[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sandbox-'));
});
afterEach(async () => {
  await Promise.all(created.map((one) => one.stop()));
  created = [];
});
afterAll(() => rm(directory, { recursive: true }));

/** A function whose bundle is the given CommonJS text. */
async function functionOf(code: string, overrides: Partial<FunctionDefinition> = {}) {
  const taskRoot = join(directory, `bundle-${Math.random().toString(36).slice(2)}`);
  await mkdir(taskRoot);
  await writeFile(join(taskRoot, 'handler.cjs'), code);
  const definition: FunctionDefinition = {
    logicalId: 'Worker',
    name: 'demo-Worker',
    arn: 'arn:aws:lambda:eu-test-1:111122223333:function:demo-Worker',
    handler: 'handler.handler',
    timeoutSeconds: 20,
    memoryMegabytes: 256,
    reservedConcurrency: undefined,
    environment: { FROM_TEMPLATE: 'yes' },
    ...overrides,
  };
  const lines: string[] = [];
  const worker = createFunction(definition, {
    environment: () =>
      sandboxEnvironment(definition, {
        region: 'eu-test-1',
        taskRoot,
        s3Endpoint: 'http://127.0.0.1:1',
        secretsEndpoint: 'http://127.0.0.1:2',
        credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      }),
    log: (line) => lines.push(line),
  });
  created.push(worker);
  return { worker, lines };
}

/** The error of an invocation that fails, its Cause parsed. */
const failureOf = async (invocation: Promise<unknown>) => {
  const error = await invocation.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  return { name: error?.name, cause: JSON.parse(error?.message ?? '{}') };
};

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a sandbox', () => {
  it('gives the handler the payload and a context, and its result back', async () => {
    const { worker } = await functionOf(`exports.handler = async (payload, context) => ({
      payload, name: context.functionName, arn: context.invokedFunctionArn, id: context.awsRequestId, memory: context.memoryLimitInMB,
      remaining: context.getRemainingTimeInMillis() })`);
    const result = (await worker.invoke({ text: 'ü\u2028' })) as Record<string, unknown>;
    expect(result).toMatchObject({
      payload: { text: 'ü\u2028' },
      name: 'demo-Worker',
      arn: worker.definition.arn,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      memory: '256',
    });
    expect(result.remaining).toBeGreaterThan(19_000);
    expect(result.remaining).toBeLessThanOrEqual(20_000);
  });

  it('has the environment of the template and of Lambda, and nothing of the simulation’s own', async () => {
    const { worker } = await functionOf('exports.handler = async () => ({ env: process.env, argv: process.execArgv })');
    process.env.SANDBOX_TEST_MARKER = 'of the parent';
    const { env, argv } = (await worker.invoke({})) as { env: Record<string, string>; argv: string[] };
    delete process.env.SANDBOX_TEST_MARKER;
    expect(env).toMatchObject({
      FROM_TEMPLATE: 'yes',
      AWS_REGION: 'eu-test-1',
      AWS_LAMBDA_FUNCTION_NAME: 'demo-Worker',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
      TZ: ':UTC',
    });
    expect(env).not.toHaveProperty('SANDBOX_TEST_MARKER');
    expect(env).not.toHaveProperty('HOME');
    expect(argv).toEqual(['--expose-gc', '--max-semi-space-size=12', '--max-old-space-size=230']);
  });

  it('stays warm: module scope is loaded once for many invocations', async () => {
    const { worker } = await functionOf('let count = 0; exports.handler = async () => [process.pid, ++count];');
    const first = (await worker.invoke({})) as number[];
    expect(await worker.invoke({})).toEqual([first[0], 2]);
    expect(await worker.invoke({})).toEqual([first[0], 3]);
    expect(worker.sandboxes()).toMatchObject([{ pid: first[0], busy: false, invocations: 3 }]);
  });

  it('takes one invocation at a time; more at once get a sandbox each', async () => {
    const { worker } = await functionOf(`let running = 0;
      exports.handler = async () => { running += 1; await new Promise((r) => setTimeout(r, 300)); return [process.pid, running--]; }`);
    const results = (await Promise.all([1, 2, 3].map(() => worker.invoke({})))) as number[][];
    expect(new Set(results.map(([pid]) => pid)).size).toBe(3);
    expect(results.map(([, running]) => running)).toEqual([1, 1, 1]);
    await worker.invoke({});
    expect(worker.sandboxes()).toHaveLength(3);
  });

  it('refuses what is over the reserved concurrency, without running it', async () => {
    const { worker } = await functionOf(
      'exports.handler = async () => { await new Promise((r) => setTimeout(r, 200)); return 1; }',
      { reservedConcurrency: 2 },
    );
    const running = [worker.invoke({}), worker.invoke({})];
    expect((await failureOf(worker.invoke({}))).name).toBe('Lambda.TooManyRequestsException');
    expect(await Promise.all(running)).toEqual([1, 1]);
    expect(await worker.invoke({})).toBe(1);
    expect(worker.sandboxes()).toHaveLength(2);
  });

  it('passes an error’s name on, with type, message and trace as the Cause, and stays warm after it', async () => {
    const { worker } = await functionOf(`let count = 0; exports.handler = async () => {
      if (++count === 1) { const e = new Error('no such thing'); e.name = 'InvalidInputError'; throw e; } return count; }`);
    const { name, cause } = await failureOf(worker.invoke({}));
    expect(name).toBe('InvalidInputError');
    expect(cause).toMatchObject({ errorType: 'InvalidInputError', errorMessage: 'no such thing' });
    expect(cause.trace.join('\n')).toContain('handler.cjs');
    expect(await worker.invoke({})).toBe(2);
  });

  it('is killed at the function’s time-out, even in a busy loop, and the next invocation gets a new one', async () => {
    const { worker } = await functionOf('exports.handler = async (p) => { while (p.busy); return process.pid; }', {
      timeoutSeconds: 1,
    });
    const pid = (await worker.invoke({})) as number;
    const { name, cause } = await failureOf(worker.invoke({ busy: true }));
    expect(name).toBe('Sandbox.Timedout');
    expect(cause.errorMessage).toMatch(/Task timed out after 1.00 seconds$/);
    expect(isAlive(pid)).toBe(false);
    expect(await worker.invoke({})).not.toBe(pid);
  });

  it('fails the invocation as Runtime.ExitError if it exits or crashes during it', async () => {
    const { worker } =
      await functionOf(`exports.handler = async ({ how }) => { await new Promise((r) => setTimeout(r, 20));
      if (how === 'exit') process.exit(3);
      setTimeout(() => { throw new Error('from a timer'); }); await new Promise(() => setTimeout(() => {}, 5000)); }`);
    const exited = await failureOf(worker.invoke({ how: 'exit' }));
    expect(exited.name).toBe('Runtime.ExitError');
    expect(exited.cause.errorMessage).toMatch(/exit status 3$/);
    expect((await failureOf(worker.invoke({ how: 'crash' }))).name).toBe('Runtime.ExitError');
  });

  it('fails its invocation if it is killed from outside, and is not used again if it was idle', async () => {
    const { worker } = await functionOf(`exports.handler = async ({ ms }) => {
      await new Promise((r) => setTimeout(r, ms)); return process.pid; }`);
    const pid = await worker.invoke({ ms: 0 });
    const slow = failureOf(worker.invoke({ ms: 5000 }));
    await sleep(50);
    await worker.sandboxes()[0]?.kill();
    expect(await slow).toMatchObject({
      name: 'Runtime.ExitError',
      cause: { errorMessage: expect.stringMatching(/SIGKILL$/) },
    });
    const next = await worker.invoke({ ms: 0 });
    expect(next).not.toBe(pid);
    await worker.sandboxes()[0]?.kill();
    expect(await worker.invoke({ ms: 0 })).not.toBe(next);
  });

  it('fails each invocation with the name of the error if its bundle cannot be loaded', async () => {
    const { worker } = await functionOf(
      "const e = new Error('BUCKET_NAME: missing'); e.name = 'ConfigurationError'; throw e;",
    );
    for (let i = 0; i < 2; i++) {
      expect(await failureOf(worker.invoke({}))).toMatchObject({
        name: 'ConfigurationError',
        cause: { errorMessage: 'BUCKET_NAME: missing' },
      });
    }
    const { worker: nothing } = await functionOf('exports.other = 1;');
    expect((await failureOf(nothing.invoke({}))).name).toBe('Runtime.HandlerNotFound');
    const { worker: nowhere } = await functionOf('', { handler: 'elsewhere.handler' });
    expect((await failureOf(nowhere.invoke({}))).name).toBe('Runtime.ImportModuleError');
  });

  it('fails on a result over 6 MB', async () => {
    const { worker } = await functionOf("exports.handler = async () => 'x'.repeat(7e6)");
    expect((await failureOf(worker.invoke({}))).name).toBe('Function.ResponseSizeTooLarge');
  });

  it('has its output logged line by line, and a report of each invocation with time and memory', async () => {
    const { worker, lines } = await functionOf(
      "exports.handler = async () => { console.log('one\\ntwo'); console.error('three'); }",
    );
    expect(await worker.invoke({})).toBeNull();
    await sleep(50);
    expect(lines).toEqual(expect.arrayContaining(['one', 'two', 'three']));
    const report = lines
      .map((line) => line.startsWith('{') && JSON.parse(line))
      .find((line) => line?.type === 'platform.report');
    expect(report.record.metrics).toMatchObject({ memorySizeMB: 256, initDurationMs: expect.any(Number) });
    expect(report.record.metrics.maxMemoryUsedMB).toBeGreaterThan(10);
  });

  it('is a separate process group, so that Ctrl-C in the terminal leaves it to the simulation', async () => {
    const { worker } = await functionOf('exports.handler = async () => process.pid');
    // A negative id means a process group; signal 0 only asks whether there is one.
    expect(process.kill(-((await worker.invoke({})) as number), 0)).toBe(true);
  });
});

describe('the stop of a function', () => {
  it('ends idle, busy and starting sandboxes', async () => {
    const { worker } = await functionOf(
      'exports.handler = async ({ ms }) => { await new Promise((r) => setTimeout(r, ms)); return process.pid; }',
    );
    const [a, b] = (await Promise.all([worker.invoke({ ms: 50 }), worker.invoke({ ms: 50 })])) as number[];
    const busy = [
      failureOf(worker.invoke({ ms: 9000 })),
      failureOf(worker.invoke({ ms: 9000 })),
      failureOf(worker.invoke({ ms: 9000 })),
    ];
    await sleep(20);
    await worker.stop();
    expect((await Promise.all(busy)).map(({ name }) => name)).toEqual(Array(3).fill('Runtime.ExitError'));
    expect([a, b].some((pid) => isAlive(pid ?? -1))).toBe(false);
    expect((await failureOf(worker.invoke({ ms: 0 }))).name).toBe('Runtime.ExitError');
  });
});
