// The Region's bucket: there, readable, versioned, and telling EventBridge of uploads.
import {
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { pendingPrefix } from '../shared/keys.ts';
import { type Finding, fine, unknown, wrong } from './finding.ts';

export async function examineBucket(s3: Pick<S3Client, 'send'>, Bucket: string): Promise<Finding[]> {
  try {
    const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: pendingPrefix, MaxKeys: 1 }));
    return [
      fine('bucket', KeyCount === 0 ? `${Bucket}, nothing pending` : `${Bucket}, with pending files`),
      await versioning(s3, Bucket),
      await notifications(s3, Bucket),
    ];
  } catch (error) {
    const seen = `${Bucket}: ${(error as Error).name}`;
    const advice =
      'Compare the parameter ReviewBucketName with the stack; the bucket, its policy and its key are resources of the stack.';
    return [
      wrong('bucket', seen, advice),
      unknown('bucket versioning', 'no bucket'),
      unknown('bucket events', 'no bucket'),
    ];
  }
}

const restore = 'It is on in the template: deploy the stack again, and see what drifted.';

async function versioning(s3: Pick<S3Client, 'send'>, Bucket: string): Promise<Finding> {
  const { Status = 'off' } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
  return Status === 'Enabled' ? fine('bucket versioning', 'on') : wrong('bucket versioning', Status, restore);
}

async function notifications(s3: Pick<S3Client, 'send'>, Bucket: string): Promise<Finding> {
  const { EventBridgeConfiguration } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  return EventBridgeConfiguration ? fine('bucket events', 'on') : wrong('bucket events', 'off', restore);
}
