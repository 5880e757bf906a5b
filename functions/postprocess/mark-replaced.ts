// The report of a file that a newer one under the same key has replaced: its rows are gone, and the file stays where it was filed.
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Source } from '../shared/contract.ts';
import { reportKey } from '../shared/keys.ts';
import { parseJson } from '../shared/parse-json.ts';
import { callS3, callS3OrNull } from '../shared/s3.ts';
import { type Report, writeReport } from './write-report.ts';

export interface Replaced {
  key: string;
  sourceId: string;
  /** Rows that were withdrawn. */
  rows: number;
}

export const replacedBy = ({ sourceId }: Pick<Source, 'sourceId'>) =>
  `replaced by source ${sourceId}, which was uploaded under the same key`;

/** May be repeated. Where a file has no report, e.g. since somebody deleted it, there is nothing to say. @throws {TransientStorageError} */
export async function markReplaced(
  { rows, ...former }: Replaced,
  by: Pick<Source, 'sourceId'>,
  { s3, bucket, now }: { s3: Pick<S3Client, 'send'>; bucket: string; now: () => Date },
): Promise<void> {
  const Key = reportKey(former);
  const found = await callS3OrNull(`GET ${Key}`, s3.send(new GetObjectCommand({ Bucket: bucket, Key })));
  if (found === null) return;
  const report = parseJson(
    await callS3(`GET ${Key}`, found.Body?.transformToString() ?? Promise.resolve('')),
  ) as Report;
  if (report.outcome === 'withdrawn') return;
  const when = now().toISOString();
  const reason = replacedBy(by);
  const withdrawals = [...(report.withdrawals ?? []), { reason, by: null, when, rows, doneWhen: when }];
  await writeReport(
    { ...report, outcome: 'withdrawn', reason: `withdrawn: ${reason}`, when, withdrawals },
    { s3, bucket },
  );
}
