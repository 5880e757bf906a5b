// Checks that the deployment passed the certificates of the parameter DatabaseCaPem on unchanged.
import { X509Certificate } from 'node:crypto';
import { type Finding, fine, wrong } from './finding.ts';

const what = 'certificates';
const blocks = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** `caPem`: the parameter DatabaseCaPem, with real newlines. */
export function examineCertificates(caPem: string, now = new Date()): Finding {
  if (caPem.trim() === '') return fine(what, "Amazon's for RDS");
  const found = caPem.match(blocks) ?? [];
  if (found.length === 0) {
    const advice =
      'Give DatabaseCaPem quotes inside the quotes of its line, as the example in samconfig.toml has them, and deploy the stack again: sam cuts a value at its first space.';
    return wrong(what, 'DatabaseCaPem has no whole certificate: it was cut', advice);
  }
  const problem = found.map((block) => problemOf(block, now)).find((one) => one !== undefined);
  if (problem === undefined) return fine(what, `${found.length} of DatabaseCaPem`);
  return wrong(what, problem, 'Put the current certificates into DatabaseCaPem, and deploy the stack again.');
}

function problemOf(block: string, now: Date): string | undefined {
  try {
    const { validTo } = new X509Certificate(block);
    return new Date(validTo) < now ? `a certificate of DatabaseCaPem expired at ${validTo}` : undefined;
  } catch {
    return 'a certificate of DatabaseCaPem cannot be read';
  }
}
