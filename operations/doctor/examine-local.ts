// Asks Doctor about a Region of `npm run local`.
import type { Examination, Finding } from '../../functions/doctor/finding.ts';
import { invokeLocally } from '../../local/invoke-locally.ts';
import { chainNames } from './examine-state.ts';

/** The embedded S3 server accepts a bucket's versioning and notifications, and forgets them. The simulation finds uploads by listing. */
const notSimulated = new Set(['bucket versioning', 'bucket events']);

/** A finding, or that nothing was looked at. */
export type LocalFinding = Finding & { isSkipped?: true };

/** @throws {Error} if no such Region runs */
export async function examineLocal(region: string): Promise<{ findings: LocalFinding[] }> {
  const { findings } = (await invokeLocally(region, 'DoctorFunction', {})) as Examination;
  return { findings: withSkipped(findings) };
}

/** Doctor's findings, without those that cannot hold here, and with a note for those of a deployed Region. */
export const withSkipped = (findings: Finding[]): LocalFinding[] => [
  ...findings.map(excuse),
  ...chainNames.map(skipped),
];

const skipped = (what: string): LocalFinding => ({
  what,
  ok: true,
  seen: 'not looked at on this machine',
  isSkipped: true,
});
const excuse = (finding: Finding): LocalFinding =>
  notSimulated.has(finding.what) && finding.ok === false ? skipped(finding.what) : finding;
