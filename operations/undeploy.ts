// `npm run undeploy`: removes all stacks of both Regions.
import { reportFailure } from './command-line.ts';
import { parseUndeployOptions, undeployUsage } from './deploy/options.ts';
import { openPair } from './deploy/samconfig.ts';
import { findTools } from './deploy/tools.ts';
import { undeployAll } from './deploy/undeploy-all.ts';

try {
  const options = parseUndeployOptions(process.argv.slice(2));
  if (options === null) console.log(undeployUsage);
  else {
    const { pair, configFile } = openPair(options);
    await undeployAll(pair, { ...options, configFile }, findTools());
    console.log('\nAll stacks are gone. docs/deployment.md says what stays, and how to remove it.');
  }
} catch (error) {
  reportFailure('undeploy', error);
}
