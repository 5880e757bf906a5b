// Filed sources with their reports, as the functions leave them.

import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Report } from '../../functions/postprocess/write-report.ts';
import { checksumByS3 } from '../../functions/shared/checksum.ts';
import {
  completedKey,
  failedKey,
  originMetadata,
  rejectedKey,
  reportKey,
  sourceIdMetadata,
  withdrawnKey,
} from '../../functions/shared/keys.ts';
import { sourceIdOf } from '../../functions/shared/source-id.ts';
import type { S3Server } from './s3.ts';

/** Uploads a file, moves it where its outcome says, and writes its report. A pending one stays where it was uploaded. */
export async function fileSource(
  server: S3Server,
  { key, body, ...overrides }: { key: string; body: string } & Partial<Omit<Report, 'source'>>,
): Promise<Report> {
  await server.put(key, body);
  const head = await server.client.send(
    new HeadObjectCommand({ Bucket: server.bucket, Key: key, ChecksumMode: 'ENABLED' }),
  );
  const checksum = checksumByS3(head) ?? '';
  const sizeBytes = Buffer.byteLength(body);
  const source: Report['source'] = {
    sourceId: sourceIdOf({ originBucket: server.bucket, key, sizeBytes, checksum }),
    originBucket: server.bucket,
    key,
    etag: head.ETag ?? '',
    sizeBytes,
    checksum,
    format: 'lines',
    chunkBytes: 1_000_000,
    chunkCount: 1,
    uploadedAt: '2026-11-26T10:00:00.000Z',
  };
  const outcome = overrides.outcome ?? 'completed';
  const keyOf = { completed: completedKey, failed: failedKey, withdrawn: withdrawnKey, pending: () => null };
  const movedTo = keyOf[outcome](source);
  const report: Report = {
    outcome,
    reason: null,
    region: 'us-east-1',
    source,
    totals: null,
    sameContentAs: null,
    sameNameAs: null,
    container: 'lines',
    chunks: 1,
    rejectedPrefix: rejectedKey(source, 0).replace(/[^/]*$/, ''),
    movedTo,
    when: '2026-11-26T10:00:03.500Z',
    ...overrides,
  };
  await server.put(reportKey(source), JSON.stringify(report));
  if (movedTo === null) return report;
  const Metadata = { [sourceIdMetadata]: source.sourceId, [originMetadata]: source.originBucket };
  await server.client.send(new PutObjectCommand({ Bucket: server.bucket, Key: movedTo, Body: body, Metadata }));
  await server.remove(key);
  return report;
}

export const totals = (counts: Partial<NonNullable<Report['totals']>> = {}): NonNullable<Report['totals']> => ({
  lines: 0,
  inserted: 0,
  alreadyPresent: 0,
  rejected: 0,
  blank: 0,
  rejectedByReason: {},
  unknownFields: 0,
  misfits: {},
  recordFormats: {},
  ...counts,
});
