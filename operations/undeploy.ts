// `npm run undeploy`: removes all stacks of both Regions.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { reportFailure } from './command-line.ts';
import { parseUndeployOptions, undeployUsage } from './deploy/options.ts';
import { readPair } from './deploy/samconfig.ts';
import { findTools } from './deploy/tools.ts';
import { undeployAll } from './deploy/undeploy-all.ts';

try {
  const options = parseUndeployOptions(process.argv.slice(2));
  if (options === null) console.log(undeployUsage);
  else {
    const configFile = resolve(options.configFile);
    const pair = readPair(readFileSync(configFile, 'utf8'), !options.hasOwnDatabase);
    await undeployAll(pair, { ...options, configFile }, findTools());
    console.log('\nAll stacks are gone. docs/deployment.md says what stays, and how to remove it.');
  }
} catch (error) {
  reportFailure('undeploy', error);
}
