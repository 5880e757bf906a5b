// Checks the Region's bucket: it exists, can be read, has versions, and tells EventBridge of uploads.
import {
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { pendingPrefix } from '../shared/keys.ts';
import { clientError, closedCodes, unresolvedCodes } from '../shared/mysql-errors.ts';
import { httpStatus } from '../shared/s3.ts';
import { type Finding, fine, unknown, wrong } from './finding.ts';

type S3 = Pick<S3Client, 'send'>;

export async function examineBucket(s3: S3, Bucket: string): Promise<Finding[]> {
  try {
    const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: pendingPrefix, MaxKeys: 1 }));
    return [
      fine('bucket', KeyCount === 0 ? `${Bucket}, nothing pending` : `${Bucket}, with pending files`),
      await setting('bucket versioning', () => versioning(s3, Bucket)),
      await setting('bucket events', () => tellsEventBridge(s3, Bucket)),
    ];
  } catch (error) {
    return [
      refused('bucket', `${Bucket}: `, error),
      unknown('bucket versioning', 'no bucket'),
      unknown('bucket events', 'no bucket'),
    ];
  }
}

async function versioning(s3: S3, Bucket: string): Promise<string> {
  const { Status = 'off' } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
  return Status === 'Enabled' ? 'on' : Status;
}

async function tellsEventBridge(s3: S3, Bucket: string): Promise<string> {
  const { EventBridgeConfiguration } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  return EventBridgeConfiguration ? 'on' : 'off';
}

const restore = 'It is on in the template: deploy the stack again, and see what drifted.';

async function setting(what: string, read: () => Promise<string>): Promise<Finding> {
  try {
    const state = await read();
    return state === 'on' ? fine(what, state) : wrong(what, state, restore);
  } catch (error) {
    return refused(what, '', error);
  }
}

const noWayCodes = [...unresolvedCodes, ...closedCodes, clientError.connectionReset, 'TimeoutError'];
/** Causes of a failed request to S3, and what a person should do. The first cause that fits counts. */
const causes: [pattern: RegExp, advice: string][] = [
  [
    new RegExp(`^(${noWayCodes.join('|')})$`),
    'The functions have no way to S3: set CreateS3Endpoint=true with the RouteTableIds of SubnetIds, or see what the VPC has for S3 (endpoint, NAT, DNS), and compare S3PrefixListId.',
  ],
  [/^(NoSuchBucket|NotFound)$/, 'Compare the parameter ReviewBucketName with the bucket of the stack.'],
  [
    new RegExp(`^(AccessDenied|Forbidden|${httpStatus.forbidden})$|^KMS`),
    "Compare the policies of the bucket, of the endpoint for S3 and of Doctor's role with the template, and the policy of the stack's key.",
  ],
  [
    /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/,
    'The bucket is in another Region: compare the parameter ReviewBucketName.',
  ],
  [
    /^(CredentialsProviderError|ExpiredToken|InvalidAccessKeyId|SignatureDoesNotMatch)$/,
    "The function has no valid credentials: see whether Doctor's role is as in the template.",
  ],
  [/^(SlowDown|ServiceUnavailable|InternalError)$/, 'S3 is busy: ask again.'],
];
const otherAdvice =
  'The name of the error is that of S3 or of the system. The bucket, its policy and its key are resources of the stack.';

function refused(what: string, before: string, error: unknown): Finding {
  const { name, code, status } = partsOf(error);
  const advice = causes.find(([pattern]) => [code, name, status].some((part) => pattern.test(part)))?.[1];
  return wrong(what, `${before}${[name, code, status].filter(Boolean).join(' ')}`, advice ?? otherAdvice);
}

/** Errors of the system have the name `Error` and a code, sometimes in their cause. Errors of S3 have a name and a status. */
function partsOf(error: unknown): { name: string; code: string; status: string } {
  interface Thrown {
    name?: string;
    code?: string;
    cause?: { code?: string };
    $metadata?: { httpStatusCode?: number };
  }
  const { name = '', code, cause, $metadata } = error as Thrown;
  return { name, code: code || cause?.code || '', status: String($metadata?.httpStatusCode || '') };
}
