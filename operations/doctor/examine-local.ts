// Asks Doctor about a Region of `npm run local`: the same bundle, in a sandbox with the Region's environment.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Examination, Finding } from '../../functions/doctor/finding.ts';
import { doctorEnvironmentFile } from '../../local/demo/endpoints.ts';
import { stateDirectory } from '../../local/demo/two-regions.ts';
import { startSandbox } from '../../local/lambda/sandbox.ts';

/** The embedded S3 server keeps no versions, and the simulation notices uploads by listing. */
const notSimulated = new Set(['bucket versioning', 'bucket events']);

/** @throws {Error} where no such Region runs */
export async function examineLocal(region: string): Promise<Examination> {
  const file = join(stateDirectory, doctorEnvironmentFile(region));
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`no Region ${region} runs on this machine: start both with 'npm run local'`);
  });
  const { findings, ...rest } = await askDoctor(JSON.parse(text) as Record<string, string>);
  return { ...rest, findings: findings.map(excuse) };
}

const excuse = (finding: Finding): Finding =>
  notSimulated.has(finding.what) && finding.ok === false
    ? { what: finding.what, ok: true, seen: 'not simulated on this machine' }
    : finding;

/** `environment`: all of a sandbox's. */
async function askDoctor(environment: Record<string, string>): Promise<Examination> {
  const sandbox = await startSandbox({
    functionArn: environment.AWS_LAMBDA_FUNCTION_NAME ?? '',
    timeoutSeconds: 120,
    memoryMegabytes: 512,
    environment,
    // What it logs is what it answers.
    log: () => {},
    signal: new AbortController().signal,
  });
  try {
    return JSON.parse(await sandbox.invoke('{}', () => {})) as Examination;
  } finally {
    await sandbox.kill();
  }
}
