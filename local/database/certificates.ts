// A certificate authority of this start's own, and a server certificate by it, so that clients verify what they would in
// production. Elliptic keys keep the PEM short: it travels in an environment variable.
import { generate } from 'selfsigned';

export interface Certificates {
  /** PEM, about 500 bytes. */
  certificateAuthority: string;
  server: { key: string; cert: string };
}

const keys = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

export async function makeCertificates(): Promise<Certificates> {
  const authority = await generate([{ name: 'commonName', value: 'Book reviews local authority' }], {
    ...keys,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...keys,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { certificateAuthority: `${authority.cert.trim()}\n`, server: { key: server.private, cert: server.cert } };
}
