// Makes a new certificate authority for this start, and a server certificate by it, so that clients verify as in
// production. Elliptic keys keep the PEM short, because it travels in an environment variable.
import { KeyObject, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

export interface Certificates {
  /** PEM, below 1 KB. */
  certificateAuthority: string;
  server: { key: string; cert: string };
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const names = [
  { type: 'dns', value: 'localhost' },
  // The name of the host inside containers.
  { type: 'dns', value: 'host.docker.internal' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
] as const;
const yearMs = 365 * 24 * 3600 * 1000;

/** `addresses`: more IP addresses for the server certificate. */
export async function makeCertificates(addresses: string[] = []): Promise<Certificates> {
  const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const [authorityKeys, serverKeys] = await Promise.all([newKeys(), newKeys()]);
  // A machine with a slow clock must accept them too.
  const validity = { notBefore: new Date(Date.now() - 3600_000), notAfter: new Date(Date.now() + yearMs) };
  const subject = 'CN=Book reviews local authority';
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: subject,
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const server = await X509CertificateGenerator.create({
    ...validity,
    subject: 'CN=localhost',
    issuer: subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    // Strict clients, such as Python from 3.13 on, require the key identifiers.
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([...names, ...addresses.map((value) => ({ type: 'ip', value }) as const)]),
      await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
      await SubjectKeyIdentifierExtension.create(serverKeys.publicKey),
    ],
  });
  return {
    certificateAuthority: `${authority.toString('pem')}\n`,
    server: { key: toPem(serverKeys.privateKey), cert: `${server.toString('pem')}\n` },
  };
}

const toPem = (key: webcrypto.CryptoKey) => KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }) as string;
