// Asks Doctor about a Region of `npm run local`: the same bundle, in a sandbox with the Region's environment.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Examination, Finding } from '../../functions/doctor/finding.ts';
import { doctorEnvironmentFile } from '../../local/demo/endpoints.ts';
import { stateDirectory } from '../../local/demo/two-regions.ts';
import { startSandbox } from '../../local/lambda/sandbox.ts';
import { chainNames } from './examine-deployed.ts';

/** The embedded S3 server takes a bucket's versioning and notifications and forgets them; the simulation notices uploads by listing. */
const notSimulated = new Set(['bucket versioning', 'bucket events']);

/** A finding, or that nothing was looked at. */
export type LocalFinding = Finding & { isSkipped?: true };

/** @throws {Error} where no such Region runs */
export async function examineLocal(region: string): Promise<{ findings: LocalFinding[] }> {
  const file = join(stateDirectory, doctorEnvironmentFile(region));
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`no Region ${region} runs on this machine: start both with 'npm run local'`);
  });
  const { findings } = await askDoctor(JSON.parse(text) as Record<string, string>);
  return { findings: withSkipped(findings) };
}

/** What Doctor found, without what it could not find here, and with what it looks at in a deployed Region only. */
export const withSkipped = (findings: Finding[]): LocalFinding[] => [
  ...findings.map(excuse),
  ...chainNames.map(skipped),
];

const skipped = (what: string): LocalFinding => ({
  what,
  ok: true,
  seen: 'not looked at on this machine',
  isSkipped: true,
});
const excuse = (finding: Finding): LocalFinding =>
  notSimulated.has(finding.what) && finding.ok === false ? skipped(finding.what) : finding;

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
