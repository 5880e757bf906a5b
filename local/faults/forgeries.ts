// Uploads with bad intentions: their metadata says that they are another file, or their key is the name that another file gets when it
// is filed. Everything here can be known by anybody who may upload.

import { checksumText } from '../../functions/shared/checksum.ts';
import { createCrc64 } from '../../functions/shared/crc64/crc64.ts';
import { sourceIdOf } from '../../functions/shared/source-id.ts';
import { pick } from '../reviews/made-text.ts';

interface Victim {
  key: string;
  body: Buffer;
}

function identityOf({ key, body }: Victim, originBucket: string) {
  const crc = createCrc64();
  crc.add(body);
  const checksum = checksumText(crc.hex());
  return { checksum, sourceId: sourceIdOf({ originBucket, key, sizeBytes: body.length, checksum }) };
}

/** @returns keys and metadata for files with any content */
export function forgeries(
  folder: string,
  { bucket, victims }: { bucket: string; victims: readonly Victim[] },
  random: () => number,
): { key: string; metadata: Record<string, string> }[] {
  const victim = pick(random, victims);
  const { sourceId, checksum } = identityOf(victim, bucket);
  const madeUp = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  const metadata = {
    'source-id': random() < 0.8 ? sourceId : madeUp,
    'origin-bucket': random() < 0.8 ? bucket : 'another-bucket',
    ...(random() < 0.5 && { 'filed-checksum': checksum }),
  };
  return [
    { key: `${folder}forged.json`, metadata },
    { key: `${victim.key}.${sourceId}`, metadata: random() < 0.5 ? metadata : {} },
  ];
}
