// Asks Doctor about a deployed Region, and the stack about what brings uploads to the state machine; both by the SAM CLI, with
// the credentials of whoever asks.
import type { Examination, Finding } from '../../functions/doctor/finding.ts';
import { parseJson } from '../../functions/shared/parse-json.ts';
import { listResources, runSam, type StackResource } from '../stack-resources.ts';

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
  const resources = await listResources(region, stackName);
  const answer = parseJson(
    await runSam(region, stackName, 'remote', 'invoke', 'DoctorFunction', '--event', '{}'),
  ) as Examination;
  return { ...answer, findings: [...answer.findings, ...chainFindings(resources)] };
}

export const chainFindings = (resources: StackResource[]): Finding[] =>
  Object.entries(chain).map(([logicalId, what]) => {
    const found = resources.find(({ LogicalResourceId }) => LogicalResourceId === logicalId);
    return found && found.PhysicalResourceId !== '-'
      ? { what, ok: true, seen: found.PhysicalResourceId }
      : { what, ok: false, seen: 'not in the stack', advice: 'Deploy this version: sam build && sam deploy.' };
  });
