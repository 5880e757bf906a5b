// The payloads that the functions and the state machine exchange, and their parsers. Everything here is JSON: a state's
// payload is at most 256 KiB, so the shapes are small and the counts are numbers.
import * as z from 'zod/mini';
import { ContractError, InvalidInputError } from './errors.ts';

const count = z.int().check(z.nonnegative());
/** Bytes from the start of the source; of the decompressed stream for gzip; the element's ordinal for a JSON array. */
const offset = z.int().check(z.nonnegative());

/**
 * How a source can be cut. `lines`: JSON lines, split by byte range. `gzip` and `array` (one JSON array) are one chunk, and so are
 * `stream` and `whole`: any other container. DB-processing tells by the first bytes which one it is, and refuses what nobody can
 * read. A `stream` may turn out to be lines. A `whole` source never is: its records may go on behind their line.
 */
export const sourceFormat = z.enum(['lines', 'gzip', 'array', 'whole', 'stream']);
export type SourceFormat = z.infer<typeof sourceFormat>;

// During a deployment, an execution calls functions of the old and of the new version. So every field that was added after the
// first version is optional, and a reader must do without it.

/** One immutable object to ingest, as preprocess plans it. It is read from the Region's own bucket. */
export const source = z.object({
  /** 32 hex digits: the first 16 bytes of SHA-256 over origin bucket, key, size and content checksum. */
  sourceId: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  /** The bucket that the object was uploaded to; another than the Region's own only in a takeover. */
  originBucket: z.string().check(z.minLength(1)),
  key: z.string().check(z.minLength(1)),
  /** Reads pin this by `If-Match`. Quotes included, as S3 gives it. */
  etag: z.string().check(z.minLength(1)),
  sizeBytes: count,
  format: sourceFormat,
  /** Chunk i is the byte range [i * chunkBytes, min((i + 1) * chunkBytes, sizeBytes)). */
  chunkBytes: z.int().check(z.positive()),
  chunkCount: z.int().check(z.positive()),
  /** Of the whole content: `crc64nvme:` and the value as S3 writes it, in base64. What was read is compared with it. */
  checksum: z.optional(z.string()),
  /** When S3 stored the object, ISO 8601. */
  uploadedAt: z.optional(z.string()),
});
export type Source = z.infer<typeof source>;

/**
 * A large object of which S3 keeps no checksum that identifies its content. Preprocess reads it range by range, many at once, and
 * identifies it then. Range i is [i * rangeBytes, min((i + 1) * rangeBytes, sizeBytes)).
 */
export const unidentifiedSource = z.object({
  key: source.shape.key,
  etag: source.shape.etag,
  sizeBytes: count,
  format: sourceFormat,
  chunkBytes: source.shape.chunkBytes,
  chunkCount: source.shape.chunkCount,
  uploadedAt: source.shape.uploadedAt,
  /** In a takeover: the bucket that the object was uploaded to. */
  takenFrom: z.optional(z.string()),
  rangeBytes: z.int().check(z.positive()),
  rangeCount: z.int().check(z.positive()),
});
export type UnidentifiedSource = z.infer<typeof unidentifiedSource>;

/** CRC64NVME of one range, 16 hex digits. */
const rangeChecksum = z.string().check(z.regex(/^[0-9a-f]{16}$/));

/** Why preprocess dropped an object that it was told of, or saw. */
export type DropReason =
  | 'folder'
  /** A hidden file, or the marker or checksum of a tool: its name begins with `_` or `.`, or ends in `.crc`. */
  | 'hidden'
  | 'outside-prefix'
  /** S3 replicated it from the peer: the peer's own, unless it is taken over. */
  | 'replica'
  /** In a takeover: it was uploaded here, and is a source of an ordinary drain. */
  | 'not-a-replica'
  | 'gone'
  | 'other-bucket'
  | 'unreadable-event'
  /** A drain by schedule leaves to its event what was uploaded a moment ago: that is being ingested, or soon will be. */
  | 'too-fresh'
  /** Archived: a person restores it, and the next drain takes it up. */
  | 'not-readable-yet'
  /** S3 refuses to give it: another key, a customer's key, no permission. Alarmed, and looked at again by the next drain. */
  | 'unreadable'
  /** More than one invocation can copy when it is done. Alarmed. */
  | 'too-large'
  /** More was named than fits into a page: it stays pending, and the next drain takes it up. */
  | 'page-full';

/** What preprocess returns: the sources of one page, what it dropped, and where a drain goes on (null: nowhere). */
export interface Page {
  sources: (Source | UnidentifiedSource)[];
  dropped: Partial<Record<DropReason, number>>;
  cursor: string | null;
}

/** An SQS record as a Pipe delivers it: `body` is an S3 "Object Created" event of EventBridge, as text. */
const queueRecord = z.object({ body: z.string(), messageId: z.optional(z.string()) });
export type QueueRecord = z.infer<typeof queueRecord>;
/** One key of the Region's bucket, as a person would name it in a manual run. */
const namedObject = z.object({ key: z.string().check(z.minLength(1)) });
export type NamedObject = z.infer<typeof namedObject>;

/**
 * A batch of objects, or a drain (`{}`), or a drain's next page (`{ cursor }`). An empty array is a drain as well. By schedule,
 * a drain takes only what was uploaded `minAgeSeconds` ago or earlier. A takeover is a drain of what S3 replicated from the
 * peer instead, whose bucket it names as the origin: rows that the peer has ingested already are then known as such.
 */
export const preprocessInput = z.union([
  z.array(z.union([queueRecord, namedObject])),
  z.strictObject({ cursor: z.optional(z.string().check(z.minLength(1))) }),
  z.strictObject({ minAgeSeconds: z.int().check(z.nonnegative()) }),
  z.strictObject({ takeover: z.strictObject({ originBucket: z.string().check(z.regex(/^[a-z0-9.-]{3,63}$/)) }) }),
]);
export type PreprocessInput = z.infer<typeof preprocessInput>;

/** What preprocess gets of an unidentified source: one range to read, or the checksums of all ranges, in order. */
export const identificationTask = z.union([
  z.strictObject({ checksumRange: z.object({ source: unidentifiedSource, index: count }) }),
  z.strictObject({ identify: z.object({ source: unidentifiedSource, ranges: z.array(rangeChecksum) }) }),
]);

/**
 * How far a chunk is, cumulative over its invocations: lines = inserted + alreadyPresent + rejected + blank.
 * With `done`, it is the chunk result.
 */
export const chunkProgress = z.object({
  chunkIndex: count,
  done: z.boolean(),
  /** Where the next invocation goes on: the offset of the first line that is not accounted for. */
  nextOffset: offset,
  /** First byte of the first line that this chunk owns; null as long as it owns none. */
  ownedFrom: z.nullable(offset),
  /** The byte after the last owned line; null as long as it owns none. The next owning chunk must begin there. */
  ownedTo: z.nullable(offset),
  /** The last owned line was rejected as too long before its end was seen, so `ownedTo` is only a lower bound. */
  openEnd: z.boolean(),
  lines: count,
  blank: count,
  inserted: count,
  alreadyPresent: count,
  rejected: count,
  /** How many rejected records there are of each reason; adds up to `rejected`. */
  rejectedByReason: z.record(z.string(), count),
  /** Fields that no column takes: they are kept in `other_fields`. Counted once per record and field. */
  unknownFields: count,
  /** Values that did not fit their column, by column; they are kept in `other_fields`. */
  misfits: z.optional(z.record(z.string(), count)),
  /** Rows by the record format that filled them. */
  recordFormats: z.optional(z.record(z.string(), count)),
  /** What the source turned out to be, such as `lines`, `csv` or `gzip of lines`. */
  container: z.optional(z.string()),
  /** Other sources that this one looks like, by their ids. Only the first chunk of a source looks for them. */
  sameness: z.optional(z.object({ sameContentAs: z.nullable(z.string()), sameNameAs: z.nullable(z.string()) })),
  /** CRC64NVME, 16 hex digits, of the chunk's bytes up to `to`, an offset in the object as it is stored. */
  crc: z.optional(z.object({ to: count, value: z.string().check(z.regex(/^[0-9a-f]{16}$/)) })),
});
export type ChunkProgress = z.infer<typeof chunkProgress>;

/** What DB-processing gets; `progress` is null at a chunk's first invocation. */
export const chunkTask = z.object({
  source,
  chunkIndex: count,
  progress: z.nullable(chunkProgress),
  /** When the execution began, ISO 8601. It may not write rows of a source that was withdrawn later than that. */
  startedAt: z.optional(z.string()),
});
export type ChunkTask = z.infer<typeof chunkTask>;

/** What DB-processing gets from an operator's reconcile: how many rows of these sources can be read here? */
export const rowCountRequest = z.object({
  countRows: z.array(z.string().check(z.regex(/^[0-9a-f]{32}$/))),
  /** Counts erased rows as well, and leaves out sources that were withdrawn: without these rows a source is not short. */
  withErased: z.optional(z.boolean()),
});
export type RowCountRequest = z.infer<typeof rowCountRequest>;
/** By source id; a source without rows is 0. */
export type RowCounts = Record<string, number>;

/** What postprocess gets: the results of all chunks in order, or the error that ended the source. */
export const sourceEnd = z.object({
  source,
  chunkResults: z.optional(z.array(chunkProgress)),
  error: z.optional(z.object({ Error: z.string(), Cause: z.optional(z.string()) })),
  startedAt: z.optional(z.string()),
  /** The source fails, and DB-processing has withdrawn its rows; or has not, see `Withdrawal`, which is the result. */
  withdrawn: z.optional(
    z.object({ rows: count, result: z.optional(z.object({ superseded: z.optional(z.boolean()) })) }),
  ),
});
export type SourceEnd = z.infer<typeof sourceEnd>;

/** What DB-processing gets to take a source's rows out: because it fails, or because an operator asks for it. */
export const withdrawRequest = z.object({
  withdraw: z.object({
    sourceId: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
    /** `failed` or `withdrawn`: what the ledger says of the source afterwards. */
    state: z.enum(['failed', 'withdrawn']),
    /** An error's name or a sentence, for the ledger. */
    reason: z.string(),
    /** Rows withdrawn by earlier invocations of the same request. */
    rows: z.optional(count),
    /** When the execution that withdraws began, ISO 8601. No execution that began earlier may write rows again. */
    startedAt: z.optional(z.string()),
    /**
     * When Postprocess found the object gone, ISO 8601. If a chunk is done after that, another execution ingests another upload of the
     * same bytes, and then nothing is withdrawn.
     */
    decidedAt: z.optional(z.string()),
    /** Of a source that fails: the ledger may not know it yet, where it failed before a row was written. */
    source: z.optional(source),
  }),
});
export type WithdrawRequest = z.infer<typeof withdrawRequest>;
/**
 * `done` is false where time ran short: then the same request is sent again, with `rows`. `superseded`: another execution has ingested
 * the source since the decision, so its rows stay and Postprocess decides again.
 */
export interface Withdrawal {
  done: boolean;
  rows: number;
  superseded?: true;
}

/** The place of a row. */
const rowPlace = z.object({ sourceId: z.string().check(z.regex(/^[0-9a-f]{32}$/)), offset });

/** What DB-processing gets to take a reviewer's rows out, or to find them. */
export const eraseRequest = z.object({
  erase: z.object({
    /** As in the column: 1 to 64 characters, which are 128 units of UTF-16 at the most. */
    reviewerId: z.string().check(z.minLength(1), z.maxLength(128)),
    /** Finds the rows and deletes none. */
    dryRun: z.optional(z.boolean()),
    /** The place up to which earlier invocations have looked. */
    after: z.optional(rowPlace),
  }),
});
export type EraseRequest = z.infer<typeof eraseRequest>;
/** Of one invocation. Where `after` is not null, time ran short: then the same request is sent again, with it. */
export interface Erasure {
  after: z.infer<typeof rowPlace> | null;
  rows: number;
  /** Rows by source. */
  sources: Record<string, number>;
}

/**
 * A source's end, as a child execution returns it. `completed`: every line accounted for, object under completed/.
 * `failed`: can never succeed as it is, object under failed/. `pending`: where it was, for the next drain.
 */
export interface SourceOutcome {
  sourceId: string;
  outcome: 'completed' | 'failed' | 'pending';
  /** An error's name or a sentence; only where the outcome is not `completed`. */
  reason?: string;
}

/** The source is going to fail: its rows are withdrawn first, then Postprocess is called again. Nothing was moved yet. */
export type WithdrawFirst = WithdrawRequest;

/** A day of the calendar, so not 30 February. */
const isDay = (date: string) => new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date) ?? false;

/** What daily-summary gets: a day of UTC, `YYYY-MM-DD`; without one, yesterday. The database's times end in 2038. */
export const summaryRequest = z.strictObject({
  date: z.optional(
    z.string().check(
      z.regex(/^20[0-3]\d-\d\d-\d\d$/),
      z.refine((date) => date < '2038-01-01' && isDay(date)),
    ),
  ),
});
export type SummaryRequest = z.infer<typeof summaryRequest>;

/**
 * A payload that another function or the state machine made.
 * @throws {ContractError} naming the paths that do not fit, never the values
 */
export const parsePayload = <T>(schema: z.ZodMiniType<T>, payload: unknown): T =>
  parse(schema, payload, (where) => new ContractError(`payload does not fit the contract: ${where}`));

/**
 * An input that a person, an event or a schedule made.
 * @throws {InvalidInputError} naming the paths that do not fit, never the values
 */
export const parseInput = <T>(schema: z.ZodMiniType<T>, input: unknown): T =>
  parse(schema, input, (where) => new InvalidInputError(`the input is not as it should be: ${where}`));

function parse<T>(schema: z.ZodMiniType<T>, value: unknown, refusal: (where: string) => Error): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refusal(parsed.error.issues.map((issue) => `${issue.path.join('.') || '(payload)'}: ${issue.code}`).join('; '));
}
