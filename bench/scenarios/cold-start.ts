// What it takes to start a sandbox until the bundle is loaded, against one with a handler that does nothing.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sandboxEnvironment } from '../../local/lambda/environment.ts';
import { startSandbox } from '../../local/lambda/sandbox.ts';
import { stateDirectory } from '../../local/state-directory.ts';
import { figureOf } from '../figures.ts';
import type { Scenario, Stage } from '../stage.ts';

const starts = 7;
const emptyDirectory = join(stateDirectory, 'bench', 'empty-handler');

async function startMs({ alone: { region } }: Stage, logicalId: string, taskRoot: string): Promise<number> {
  const definition = region.stack.functions[logicalId];
  if (definition === undefined) throw new Error(`no function ${logicalId}`);
  const ending = new AbortController();
  const sandbox = await startSandbox({
    functionArn: definition.arn,
    timeoutSeconds: definition.timeoutSeconds,
    memoryMegabytes: definition.memoryMegabytes,
    environment: sandboxEnvironment(definition, {
      region: region.name,
      taskRoot,
      s3Endpoint: region.s3.endpoint,
      secretsEndpoint: region.secretsEndpoint,
      credentials: region.s3,
    }),
    log: () => {},
    signal: ending.signal,
  });
  await sandbox.kill();
  return sandbox.initMs;
}

const scenario = (name: string, logicalId: string, taskRoot: string): Scenario => ({
  name,
  unit: 'ms',
  async before() {
    await mkdir(emptyDirectory, { recursive: true });
    await writeFile(join(emptyDirectory, 'handler.cjs'), 'exports.handler = async () => ({});\n');
  },
  async turn(stage) {
    const taken: number[] = [];
    for (let start = 0; start < starts; start += 1) taken.push(await startMs(stage, logicalId, taskRoot));
    return { value: figureOf(taken).median };
  },
});

const built = (logicalId: string) => join(import.meta.dirname, '../../.aws-sam/build', logicalId);

export const coldStarts: Scenario[] = [
  scenario('coldStartEmptyHandler', 'DbProcessingFunction', emptyDirectory),
  ...['PreprocessFunction', 'DbProcessingFunction', 'PostprocessFunction'].map((logicalId) =>
    scenario(`coldStart${logicalId.replace('Function', '')}`, logicalId, built(logicalId)),
  ),
];
