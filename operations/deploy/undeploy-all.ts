// Removes all stacks of both Regions in the order of docs/deployment.md. Each step removes what blocks the next one.
import { deleteStack, deployStack, type SamOptions } from './deploy-stack.ts';
import type { Override, Pair, StackConfig } from './samconfig.ts';
import { readStackState } from './stacks.ts';
import type { Tools } from './tools.ts';

/** @throws {StoppedError} if the user said no, or a stack could not be deleted */
export async function undeployAll({ primary, secondary }: Pair, options: SamOptions, tools: Tools): Promise<void> {
  for (const { application } of [secondary, primary]) {
    tools.say(`\n== The application in ${application.region}`);
    await deleteStack(application, options, tools);
  }
  const unprotected = 'DeletionProtection=false';
  if (secondary.database) await removeDatabase(secondary.database, [unprotected], options, tools);
  // The empty values end the replication of the secrets. For a missing parameter, sam would send the previous value.
  const alone = ["PeerRegion=''", "PeerKeyId=''", unprotected];
  if (primary.database) await removeDatabase(primary.database, alone, options, tools);
}

async function removeDatabase(stack: StackConfig, overrides: Override[], options: SamOptions, tools: Tools) {
  tools.say(`\n== The database in ${stack.region}`);
  const state = await readStackState(tools.askIn(stack.region), stack);
  // A stack after a failed creation or deletion cannot be changed.
  const isWhole = state && /^(CREATE|UPDATE|IMPORT)_COMPLETE$|^UPDATE_ROLLBACK_COMPLETE$/.test(state.status);
  if (isWhole) await deployStack(stack, overrides, options, tools);
  await deleteStack(stack, options, tools);
}
