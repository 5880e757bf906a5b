// `npm run deploy`: deploys both Regions, from nothing or from the place where an earlier run stopped. Status 1 if a check fails.
import { reportFailure } from './command-line.ts';
import { deployAll } from './deploy/deploy-all.ts';
import { deployUsage, parseDeployOptions } from './deploy/options.ts';
import { openPair } from './deploy/samconfig.ts';
import { findTools } from './deploy/tools.ts';

try {
  const options = parseDeployOptions(process.argv.slice(2));
  if (options === null) console.log(deployUsage);
  else {
    const { pair, configFile } = openPair(options);
    const isWell = await deployAll(pair, { ...options, configFile }, findTools());
    console.log(
      isWell ? '\nBoth Regions are deployed.' : '\nBoth Regions are deployed. Doctor says above what is not well.',
    );
    process.exitCode = isWell ? 0 : 1;
  }
} catch (error) {
  reportFailure('deploy', error);
}
