// The S3 client of a function.
import { S3Client } from '@aws-sdk/client-s3';

/** One client a sandbox. Region, credentials and endpoint come from the environment, as the SDK reads them. */
export const createS3Client = () => new S3Client({ maxAttempts: 5 });
