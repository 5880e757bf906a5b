// Does inside a sandbox what Lambda's Node runtime does: loads the bundle once, then answers one invocation at a time.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ErrorDescription, InvokeMessage, SandboxMessage } from './messages.ts';
import { peakRssKib } from './peak-memory.ts';

type Handler = (payload: unknown, context: object) => unknown;

// A sandbox never outlives the simulation.
process.on('disconnect', () => process.exit(0));

const tell = (message: SandboxMessage) => process.send?.(message);

function describe(thrown: unknown): ErrorDescription {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') };
}

async function loadHandler(): Promise<Handler> {
  const [module = '', name = ''] = (process.env._HANDLER ?? '').split(/\.([^.]*)$/);
  const file = ['.js', '.mjs', '.cjs']
    .map((extension) => join(process.env.LAMBDA_TASK_ROOT ?? '', module + extension))
    .find(existsSync);
  if (!file) {
    throw Object.assign(new Error(`Cannot find module '${module}'`), { name: 'Runtime.ImportModuleError' });
  }
  const loaded = await import(pathToFileURL(file).href);
  const handler = loaded[name] ?? loaded.default?.[name];
  if (typeof handler !== 'function') {
    throw Object.assign(new Error(`${process.env._HANDLER} is undefined or not exported`), {
      name: 'Runtime.HandlerNotFound',
    });
  }
  return handler;
}

async function invoke(handler: Handler, { requestId, payload, deadline, functionArn }: InvokeMessage) {
  const { AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_MEMORY_SIZE, AWS_LAMBDA_LOG_GROUP_NAME } = process.env;
  const context = {
    functionName: AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: requestId,
    logGroupName: AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    const result = JSON.stringify((await handler(JSON.parse(payload), context)) ?? null);
    tell({ kind: 'returned', requestId, result, maxRssKib: peakRssKib() });
  } catch (thrown) {
    tell({ kind: 'threw', requestId, error: describe(thrown), maxRssKib: peakRssKib() });
  }
}

try {
  const handler = await loadHandler();
  process.on('message', (message) => void invoke(handler, message as InvokeMessage));
  tell({ kind: 'ready' });
} catch (thrown) {
  tell({ kind: 'init-failed', error: describe(thrown) });
}
