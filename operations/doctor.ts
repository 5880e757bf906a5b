// `npm run doctor -- --region R`: finds what stands between a deployment and its first file. Status 1 if a check fails.
import Table from 'cli-table3';
import { reportFailure } from './command-line.ts';
import { examineDeployed } from './doctor/examine-deployed.ts';
import { examineLocal, type LocalFinding } from './doctor/examine-local.ts';
import { doctorUsage, parseDoctorOptions } from './doctor/options.ts';

function verdict({ ok, isSkipped }: LocalFinding): string {
  if (isSkipped) return '-';
  return ok === null ? 'unknown' : ok ? 'ok' : 'NOT OK';
}

try {
  const options = parseDoctorOptions(process.argv.slice(2));
  if (options === null) console.log(doctorUsage);
  else {
    const { region, stackName, local } = options;
    const { findings }: { findings: LocalFinding[] } = await (local
      ? examineLocal(region)
      : examineDeployed(region, stackName));
    const table = new Table({ head: [region, '', 'seen, and what to do'], style: { head: [], border: [] } });
    for (const finding of findings) {
      table.push([finding.what, verdict(finding), [finding.seen, finding.advice].filter(Boolean).join('\n')]);
    }
    console.log(table.toString());
    const bad = findings.filter(({ ok }) => ok !== true).length;
    const well = findings.some(({ isSkipped }) => isSkipped) ? 'All is well that was looked at.' : 'All is well.';
    console.log(bad === 0 ? well : `${bad} of ${findings.length} are not ok, or could not be told.`);
    process.exitCode = bad === 0 ? 0 : 1;
  }
} catch (error) {
  reportFailure('doctor', error);
}
