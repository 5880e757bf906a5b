import { beforeAll, describe, expect, it } from '@jest/globals';
import { examineCertificates } from '../../../functions/doctor/examine-certificates.ts';
import { makeCertificates } from '../../../local/database/certificates.ts';

let pem = '';
beforeAll(async () => {
  pem = (await makeCertificates()).certificateAuthority;
});

describe('the certificates of the parameter DatabaseCaPem', () => {
  it("are Amazon's where there are none", () => {
    expect(examineCertificates('')).toEqual({ what: 'certificates', ok: true, seen: "Amazon's for RDS" });
    expect(examineCertificates(' \n')).toMatchObject({ ok: true });
  });

  it('are counted where they can be read', () => {
    expect(examineCertificates(pem)).toMatchObject({ ok: true, seen: '1 of DatabaseCaPem' });
    expect(examineCertificates(`${pem}\n${pem}`)).toMatchObject({ ok: true, seen: '2 of DatabaseCaPem' });
  });

  it('are recognized if they were cut at their first space', () => {
    const finding = examineCertificates(pem.split(' ')[0] ?? '');
    expect(finding).toMatchObject({ ok: false, seen: expect.stringContaining('cut') });
    expect(finding.advice).toMatch(/quot.*samconfig\.toml/);
  });

  it('are wrong if the text between the lines is no certificate, or if they have expired', () => {
    const broken = pem.replace(/\n[A-Za-z0-9+/=]+\n/, '\nAAAA\n');
    expect(examineCertificates(broken)).toMatchObject({ ok: false, seen: expect.stringContaining('cannot be read') });
    const later = new Date(Date.now() + 200 * 365 * 86_400_000);
    expect(examineCertificates(pem, later)).toMatchObject({ ok: false, seen: expect.stringContaining('expired') });
  });
});
