// Stands in for the package of this name in the bundles (template.yaml, Alias): the same certificates, packed.
import { brotliDecompressSync } from 'node:zlib';
import { packedCertificates } from './amazon-certificates.ts';

/** mysql2 reads this for a profile which this service does not use. */
export const ca: string[] = [];

/** PEM. Unpacked at the first connection that needs them. */
export default {
  get ca(): string[] {
    const der = brotliDecompressSync(Buffer.from(packedCertificates, 'base64'));
    const certificates: string[] = [];
    for (let at = 0; at < der.length; ) {
      const end = at + lengthAt(der, at);
      certificates.push(pemOf(der.subarray(at, end)));
      at = end;
    }
    return certificates;
  },
};

/** A certificate is a SEQUENCE of more than 255 bytes: a tag, 0x82, two bytes of length, and the content. */
const lengthAt = (der: Buffer, at: number) => 4 + der.readUInt16BE(at + 2);

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
