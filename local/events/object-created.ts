// Makes the event that S3 sends to EventBridge for a new object, and the queue's record of it.
import { createHash, randomUUID } from 'node:crypto';

export interface CreatedObject {
  key: string;
  sizeBytes: number;
  /** With or without quotes. EventBridge gets it without. */
  etag: string;
  lastModified: Date;
}

export interface Origin {
  region: string;
  accountId: string;
  bucket: string;
}

let sequence = 0;

/** An event of the `Object Created` type, version 0. The key is not URL-encoded, other than in S3's older notifications. */
export function objectCreatedEvent(
  { key, sizeBytes, etag, lastModified }: CreatedObject,
  { region, accountId, bucket }: Origin,
) {
  sequence += 1;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: accountId,
    time: lastModified.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key,
        size: sizeBytes,
        etag: etag.replaceAll('"', ''),
        // Hexadecimal. It compares as text among the events of one key.
        sequencer: (BigInt(lastModified.getTime()) * 1_000_000n + BigInt(sequence % 1_000_000))
          .toString(16)
          .toUpperCase()
          .padStart(18, '0'),
      },
      'request-id': randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase(),
      requester: accountId,
      'source-ip-address': '127.0.0.1',
      reason: 'PutObject',
    },
  };
}
export type ObjectCreatedEvent = ReturnType<typeof objectCreatedEvent>;

/** A record as a Pipe hands it to its target; `receiveCount` counts from 1. */
export function queueRecord(
  event: object,
  { queueArn, region, receiveCount = 1 }: { queueArn: string; region: string; receiveCount?: number },
) {
  const body = JSON.stringify(event);
  const now = String(Date.now());
  return {
    messageId: randomUUID(),
    receiptHandle: Buffer.from(randomUUID()).toString('base64'),
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: now,
      SenderId: 'AIDAEXAMPLE:events',
      ApproximateFirstReceiveTimestamp: now,
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}
export type QueueRecord = ReturnType<typeof queueRecord>;
