// Asks Doctor about a deployed Region, and the stack about what brings uploads to the state machine; both by the SAM CLI, with
// the credentials of whoever asks.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Examination, Finding } from '../../functions/doctor/finding.ts';
import { parseJson } from '../../functions/shared/parse-json.ts';
import { findSamCli } from '../../local/sam/sam-cli.ts';

const chain: Record<string, string> = {
  UploadRule: 'rule',
  UploadQueue: 'queue',
  UploadPipe: 'pipe',
  StateMachine: 'state machine',
};
/** What of the stack is looked for. */
export const chainNames = Object.values(chain);

/** @throws {Error} with SAM's own words */
export async function examineDeployed(region: string, stackName: string): Promise<Examination> {
  const sam = findSamCli();
  if (!sam) throw new Error('the SAM CLI is not there: local/setup/sam-cli.sh installs it');
  const run = async (...args: string[]) => {
    try {
      return (await promisify(execFile)(sam, [...args, '--stack-name', stackName, '--region', region])).stdout;
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string };
      throw new Error(stderr?.trim() || message);
    }
  };
  const resources = parseJson(await run('list', 'resources', '--output', 'json')) as StackResource[];
  const answer = parseJson(await run('remote', 'invoke', 'DoctorFunction', '--event', '{}')) as Examination;
  return { ...answer, findings: [...answer.findings, ...chainFindings(resources)] };
}

interface StackResource {
  LogicalResourceId: string;
  /** A dash where it is in the template only. */
  PhysicalResourceId: string;
}

export const chainFindings = (resources: StackResource[]): Finding[] =>
  Object.entries(chain).map(([logicalId, what]) => {
    const found = resources.find(({ LogicalResourceId }) => LogicalResourceId === logicalId);
    return found && found.PhysicalResourceId !== '-'
      ? { what, ok: true, seen: found.PhysicalResourceId }
      : { what, ok: false, seen: 'not in the stack', advice: 'Deploy this version: sam build && sam deploy.' };
  });
