// DatabaseCaPem on its way from samconfig.toml through the SAM CLI and CloudFormation to a function's environment.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { samPython } from '../support/sam.ts';
import { projectDirectory, template } from '../support/template.ts';

const samconfig = readFileSync(join(projectDirectory, 'samconfig.toml'), 'utf8');
const { AllowedPattern } = template.Parameters.DatabaseCaPem as { AllowedPattern?: string };
const pattern = new RegExp(`^(?:${AllowedPattern})$`);
const withSam = samPython === undefined ? it.skip : it;

/** What the SAM CLI makes of one text of `parameter_overrides`. */
function valueGiven(override: string): string {
  const program =
    'import sys\nfrom samcli.cli.types import CfnParameterOverridesType\n' +
    'sys.stdout.write(CfnParameterOverridesType().convert([sys.argv[1]], None, None)["DatabaseCaPem"])';
  return execFileSync(samPython as string, ['-c', program, override], { encoding: 'utf8' });
}

/** The commented line of samconfig.toml; a basic string of TOML escapes as JSON does. */
const example = () => JSON.parse(samconfig.match(/^ +# ("DatabaseCaPem=.*"),$/m)?.[1] ?? 'null') as string | null;

describe('DatabaseCaPem', () => {
  it('may be empty, or certificates with the lines apart by newlines or by \\n', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    for (const value of ['', pem, `${pem}${pem}`, pem.replaceAll('\n', '\\n')]) expect(value).toMatch(pattern);
  });

  it('is refused at deployment where it was cut, or is something else', () => {
    for (const value of ['-----BEGIN', '-----BEGIN CERTIFICATE-----\\nMIIB', 'certificate.pem']) {
      expect(value).not.toMatch(pattern);
    }
  });

  withSam('passes the SAM CLI in whole as samconfig.toml has its example, and is cut without the inner quotes', () => {
    const override = example() ?? '';
    expect(valueGiven(override)).toMatch(pattern);
    expect(valueGiven(override)).toMatch(/^-----BEGIN CERTIFICATE-----\\n.*\\n-----END CERTIFICATE-----$/);
    expect(valueGiven(override.replaceAll('"', ''))).not.toMatch(pattern);
  });
});
