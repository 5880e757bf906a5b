// What each function reads from its environment. template.yaml sets exactly these, beside what Powertools and the Lambda
// runtime read for themselves; only handlers read process.env, once, at module scope.
import * as z from 'zod/mini';
import { ConfigurationError } from './errors.ts';

const positive = z.coerce.number().check(z.int(), z.positive());
const text = z.string().check(z.minLength(1));
const endpoint = z.string().check(z.regex(/^[^:\s]+(:\d{1,5})?$/, 'host or host:port'));

/** Set by the Lambda runtime itself; also the value of region_indicator. */
const runtime = { AWS_REGION: text };

const storage = { BUCKET_NAME: text };

const database = {
  /** ARN or name of the secret with `username` and `password`; its host, if any, is ignored: a replicated secret names the peer's. */
  DATABASE_SECRET_ID: text,
  DATABASE_NAME: text,
  /** The Region's cluster endpoint, tried first; it is inactive while the Region is secondary. */
  DATABASE_WRITER_ENDPOINT: endpoint,
  /** The Region's reader endpoint: the way in while the Region is secondary. */
  DATABASE_READER_ENDPOINT: endpoint,
  /** Certificates to verify the server with, PEM; newlines may be written as \n. Empty: Amazon's own for RDS. */
  DATABASE_CA_PEM: z.pipe(
    z.string(),
    z.transform((pem) => pem.replaceAll('\\n', '\n')),
  ),
};

const recordFormats = {
  /** Record formats that are added, as JSON (functions/shared/read-record-formats.ts). Empty: none. */
  RECORD_FORMATS: z._default(z.string(), ''),
};

const verdict = {
  /** A larger share of rejected lines fails a file. */
  MAX_REJECTED_PERCENT: z.coerce.number().check(z.int(), z.nonnegative(), z.maximum(100)),
};

export const preprocessEnv = z.object({
  ...runtime,
  ...storage,
  /** Most that a chunk has; more for a source that would have too many. */
  CHUNK_BYTES: positive,
  /** Most that an object of a bundle has. A bundle's content is in memory at once. */
  SMALL_BYTES: z.coerce.number().check(z.int(), z.nonnegative(), z.maximum(4 * 1024 ** 2)),
  /** Chunks of a source that the state machine ingests at once. */
  CHUNK_CONCURRENCY: positive.check(z.maximum(40)),
  /** Large sources that the state machine ingests at once. */
  SOURCE_CONCURRENCY: positive.check(z.maximum(40)),
  /** Keys that a drain lists a page. */
  PAGE_KEYS: positive.check(z.maximum(1000)),
});

export const dbProcessingEnv = z.object({
  ...runtime,
  ...storage,
  ...database,
  ...recordFormats,
  /** Most connections that one invocation may hold, so statements in flight. */
  DATABASE_CONNECTIONS: positive.check(z.maximum(64)),
  /** Rows of one INSERT. */
  BATCH_ROWS: positive.check(z.maximum(10_000)),
  /** Most of a gzip file when decompressed, all members together. */
  MAX_DECOMPRESSED_MIB: positive.check(z.maximum(65_536)),
  ...verdict,
  /** What becomes of a file with the content of another one that is ingested. */
  SAME_CONTENT: z.enum(['add', 'skip']),
});

export const postprocessEnv = z.object({
  ...runtime,
  ...storage,
  ...verdict,
  /** What becomes of the file before, when one under the same key is complete. */
  SAME_NAME: z.enum(['add', 'replace']),
});

export const dailySummaryEnv = z.object({ ...runtime, ...storage, ...database });

export const migrateEnv = z.object({
  ...runtime,
  ...database,
  /** ARN or name of the secret of the application's user, as DB-processing has it; DATABASE_SECRET_ID is the administrator's here. */
  APPLICATION_SECRET_ID: text,
});

export const doctorEnv = z.object({ ...runtime, ...storage, ...database, ...recordFormats });

/** @throws {ConfigurationError} naming the variables that are missing or malformed, never their values. */
export function parseEnv<T>(schema: z.ZodMiniType<T>, environment: NodeJS.ProcessEnv): T {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const what = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`).join('; ');
  throw new ConfigurationError(`environment is not as the function needs it: ${what}`);
}
