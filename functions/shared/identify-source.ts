// Finds the source id of an object. Its content decides. The metadata of the uploader only says where to look. The report, which
// uploaders cannot write, must confirm it.
import type { HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import type { Source } from './contract.ts';
import { originMetadata, reportKey, sourceIdMetadata } from './keys.ts';
import { parseJson } from './parse-json.ts';
import { readText } from './read-text.ts';
import { formerChecksum, sourceIdOf } from './source-id.ts';

export type Identity = Pick<Source, 'sourceId' | 'originBucket' | 'checksum'>;

interface Content {
  key: string;
  sizeBytes: number;
  checksum: string;
}

/**
 * Rows keep the id that they were written under. So an object may be a source with another id: a restored file of a takeover, or a file
 * that was ingested before version 0.2. A report under that id must agree in key, size and content.
 * @param takenFrom in a takeover, the bucket that the object was uploaded to
 */
export async function identifySource(
  head: HeadObjectCommandOutput,
  content: Content,
  { bucket, takenFrom }: { bucket: string; takenFrom?: string | undefined },
  { s3 }: { s3: Pick<S3Client, 'send'> },
): Promise<Identity> {
  const originBucket = takenFrom ?? bucket;
  const { checksum } = content;
  const identity = { sourceId: sourceIdOf({ ...content, originBucket }), originBucket, checksum };

  const former = sourceIdOf({ ...content, originBucket, checksum: formerChecksum(head) });
  if (former !== identity.sourceId) {
    const report = await reportOf(former, content, bucket, s3);
    // The former checksum is in the id, but may have only 32 bits. A report of this version has the full checksum.
    const agrees = report?.sizeBytes === content.sizeBytes && (report.checksum ?? checksum) === checksum;
    if (agrees) return { ...identity, sourceId: former };
  }

  const { [sourceIdMetadata]: filedAs = '', [originMetadata]: filedFrom = '' } = head.Metadata ?? {};
  const mayBeRestored = takenFrom === undefined && isSourceId(filedAs) && filedAs !== identity.sourceId;
  if (mayBeRestored) {
    const report = await reportOf(filedAs, content, bucket, s3);
    const agrees =
      report?.originBucket === filedFrom && report.sizeBytes === content.sizeBytes && report.checksum === checksum;
    if (agrees) return { sourceId: filedAs, originBucket: filedFrom, checksum };
  }
  return identity;
}

const isSourceId = (text: string) => /^[0-9a-f]{32}$/.test(text);

/** The source that a report is about, or null if there is no report of this id and key. */
async function reportOf(
  sourceId: string,
  { key }: Content,
  bucket: string,
  s3: Pick<S3Client, 'send'>,
): Promise<Partial<Source> | null> {
  const Key = reportKey({ sourceId, key });
  const found = await readText({ s3, bucket }, Key);
  if (found === null) return null;
  const source = sourceIn(found.text);
  return source?.sourceId === sourceId && source.key === key ? source : null;
}

function sourceIn(text: string): Partial<Source> | null {
  try {
    const { source } = parseJson(text) as { source?: unknown };
    return typeof source === 'object' ? (source as Partial<Source> | null) : null;
  } catch {
    return null;
  }
}
