// `npm run local`: two Regions on this machine that stay until Ctrl-C.
import { runCommand, say } from './demo/command.ts';
import { parseStartOptions, regionNames, startUsage } from './demo/options.ts';
import { checkFree, fixedPorts } from './demo/ports.ts';
import { stayUntilInterrupted } from './demo/stay.ts';
import { startTwoRegions } from './demo/two-regions.ts';

await runCommand('local', startUsage, parseStartOptions, async ({ rttMs, lagMs, portBase, events }, scope) => {
  const ports = fixedPorts(portBase);
  await checkFree(ports);
  say(`Two Regions on this machine: ${regionNames.primary} and ${regionNames.secondary}, ${rttMs} ms apart.`);
  const region = () => (events ? {} : { deliverEvent: () => {} });
  const two = await startTwoRegions({ rttMs, lagMs, ports, region }, { scope, say: (line) => say(`  ${line}`) });
  await stayUntilInterrupted(two, { scope, say, events });
  return 0;
});
