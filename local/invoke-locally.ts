// Invokes a function of a Region that `npm run local` runs: the same bundle, in a sandbox with the Region's environment.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox } from './lambda/sandbox.ts';
import { environmentFile, stateDirectory } from './state-directory.ts';

const timeoutSeconds = 900;
const memoryMegabytes = 1769;

/** @throws {Error} if no such Region runs, and what the function throws */
export async function invokeLocally(region: string, logicalId: string, payload: unknown): Promise<unknown> {
  const file = join(stateDirectory, environmentFile(logicalId, region));
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`no Region ${region} runs on this machine: start both with 'npm run local'`);
  });
  const environment = JSON.parse(text) as Record<string, string>;
  const sandbox = await startSandbox({
    functionArn: environment.AWS_LAMBDA_FUNCTION_NAME ?? '',
    timeoutSeconds,
    memoryMegabytes,
    environment,
    // Callers want the answer. The Region's own sandboxes keep the logs.
    log: () => {},
    signal: new AbortController().signal,
  });
  try {
    return JSON.parse(await sandbox.invoke(JSON.stringify(payload), () => {}));
  } finally {
    await sandbox.kill();
  }
}
