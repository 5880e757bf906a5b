// Asks the SAM CLI about a deployed stack, with the caller's credentials.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseJson } from '../functions/shared/parse-json.ts';
import { findSamCli } from '../local/sam/sam-cli.ts';

export interface StackResource {
  LogicalResourceId: string;
  /** A dash if it is only in the template. */
  PhysicalResourceId: string;
}

/** Runs `sam ARGUMENTS` on one stack and returns what it prints. @throws {Error} with SAM's own words */
export async function runSam(region: string, stackName: string, ...args: string[]): Promise<string> {
  const sam = findSamCli();
  if (!sam) throw new Error('the SAM CLI is not there: local/setup/sam-cli.sh installs it');
  try {
    return (await promisify(execFile)(sam, [...args, '--stack-name', stackName, '--region', region])).stdout;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(stderr?.trim() || message);
  }
}

export const listResources = async (region: string, stackName: string): Promise<StackResource[]> =>
  parseJson(await runSam(region, stackName, 'list', 'resources', '--output', 'json')) as StackResource[];

/** @throws {Error} if the stack does not have it */
export function physicalIdOf(resources: StackResource[], logicalId: string, stackName: string): string {
  const found = resources.find(({ LogicalResourceId }) => LogicalResourceId === logicalId)?.PhysicalResourceId;
  if (found !== undefined && found !== '-') return found;
  throw new Error(`the stack ${stackName} has no ${logicalId}: deploy this version with sam build && sam deploy`);
}
