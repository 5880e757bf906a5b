// Asks Doctor about a deployed Region. Asks AWS, with the caller's credentials, for the state of the parts that bring uploads
// to the state machine.
import type { Examination } from '../../functions/doctor/finding.ts';
import { parseJson } from '../../functions/shared/parse-json.ts';
import { askAws } from '../aws-cli.ts';
import { listResources, runSam } from '../stack-resources.ts';
import { examineState } from './examine-state.ts';

/** @throws {Error} with SAM's own words */
export async function examineDeployed(region: string, stackName: string): Promise<Examination> {
  const ask = askAws(region);
  const resources = await listResources(region, stackName);
  const answer = parseJson(
    await runSam(region, stackName, 'remote', 'invoke', 'DoctorFunction', '--event', '{}'),
  ) as Examination;
  return { ...answer, findings: [...answer.findings, ...(await examineState(resources, ask, new Date()))] };
}
