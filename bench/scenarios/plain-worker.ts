// What a person would write in an afternoon: list, get, insert, copy, delete; one file at a time, on one connection. It accounts for
// nothing, repeats nothing and writes no report. The pipeline has to beat it on tiny files all the same.
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Connection, createConnection } from 'mysql2/promise';
import { completedPrefix, pendingPrefix } from '../../functions/shared/keys.ts';
import type { DatabaseAccess } from '../../local/demo/rows.ts';

const insert = `INSERT INTO book_reviews (source_id, source_offset, region_indicator, reviewer_id, asin, review_text, summary,
  overall_rating) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

interface PublicReview {
  reviewerID: string;
  asin: string;
  reviewText?: string;
  summary?: string;
  overall?: number;
}

/** Files that it brought in. `place`: the Region's bucket and database. */
export async function runPlainWorker(
  place: { region: string; bucket: string; database: DatabaseAccess; isSecondary: boolean },
  s3: S3Client,
): Promise<number> {
  const { host, port, user, password, database, certificateAuthorityPem: ca } = place.database;
  const connection = await createConnection({ host, port, user, password, database, ssl: { ca } });
  try {
    if (place.isSecondary) await connection.query("SET aurora_replica_read_consistency = 'session'");
    let files = 0;
    for (;;) {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: place.bucket, Prefix: pendingPrefix }),
      );
      for (const { Key = '' } of Contents) {
        await ingestFile(Key, files, place, connection, s3);
        files += 1;
      }
      if (Contents.length === 0) return files;
    }
  } finally {
    await connection.end();
  }
}

async function ingestFile(
  key: string,
  number: number,
  { region, bucket }: { region: string; bucket: string },
  connection: Connection,
  s3: S3Client,
): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const source = Buffer.alloc(16);
  source.writeUInt32BE(number);
  for (const [offset, line] of ((await Body?.transformToString()) ?? '').split('\n').entries()) {
    if (line.trim() === '') continue;
    const { reviewerID, asin, reviewText, summary, overall } = JSON.parse(line) as PublicReview;
    const texts = [reviewerID, asin, reviewText ?? null, summary ?? null];
    await connection.query(insert, [source, offset, region, ...texts, overall ?? null]);
  }
  const to = completedPrefix + key.slice(pendingPrefix.length);
  await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: `${bucket}/${encodeURI(key)}` }));
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
}
