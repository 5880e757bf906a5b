// The payloads that the functions and the state machine exchange, and their parsers. All of them are JSON. A state's payload is at
// most 256 KiB, so the shapes are small and the counts are numbers.
import * as z from 'zod/mini';
import { ContractError, InvalidInputError } from './errors.ts';

const count = z.int().check(z.nonnegative());
/** Bytes from the start of the source, or of the decompressed stream for gzip. In a JSON array, the element's ordinal. */
const offset = z.int().check(z.nonnegative());

/**
 * How a source can be cut. `lines`: JSON lines, split by byte range. `gzip` and `array` (one JSON array) are one chunk, and so are
 * `stream` and `whole`: any other container. DB-processing tells the container by the first bytes, and refuses files that it
 * cannot read. A `stream` may turn out to be lines. A `whole` source is never lines: its records may continue after their line.
 */
export const sourceFormat = z.enum(['lines', 'gzip', 'array', 'whole', 'stream']);
export type SourceFormat = z.infer<typeof sourceFormat>;

// During a deployment, an execution calls functions of the old and of the new version. So every field that was added after the
// first version is optional, and a reader must do without it.

/** One immutable object to ingest, as preprocess plans it. It is read from the Region's own bucket. */
export const source = z.object({
  /** 32 hex digits: the first 16 bytes of SHA-256 over origin bucket, key, size and content checksum. */
  sourceId: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  /** The bucket that the object was uploaded to. It differs from the Region's bucket only in a takeover. */
  originBucket: z.string().check(z.minLength(1)),
  key: z.string().check(z.minLength(1)),
  /** Reads pin this by `If-Match`. It includes the quotes that S3 sends. */
  etag: z.string().check(z.minLength(1)),
  sizeBytes: count,
  format: sourceFormat,
  /** Chunk i is the byte range [i * chunkBytes, min((i + 1) * chunkBytes, sizeBytes)). */
  chunkBytes: z.int().check(z.positive()),
  chunkCount: z.int().check(z.positive()),
  /** The checksum of the whole content: `crc64nvme:` and S3's value in base64. The bytes that were read are compared with it. */
  checksum: z.optional(z.string()),
  /** When S3 stored the object, ISO 8601. */
  uploadedAt: z.optional(z.string()),
});
export type Source = z.infer<typeof source>;

/**
 * A large object without a checksum in S3 that identifies its content. Preprocess reads its ranges, many at once, and then
 * identifies it. Range i is [i * rangeBytes, min((i + 1) * rangeBytes, sizeBytes)).
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

/** Why preprocess dropped an object. */
export type DropReason =
  | 'folder'
  /** A hidden file, or the marker or checksum of a tool: its name begins with `_` or `.`, or ends in `.crc`. */
  | 'hidden'
  | 'outside-prefix'
  /** S3 replicated it from the peer. It belongs to the peer, unless it is taken over. */
  | 'replica'
  /** In a takeover: the object was uploaded here, and an ordinary drain takes it. */
  | 'not-a-replica'
  | 'gone'
  | 'other-bucket'
  | 'unreadable-event'
  /** A scheduled drain skips recent uploads, because their events are processing them. */
  | 'too-fresh'
  /** Archived. A person must restore it. The next drain takes it up then. */
  | 'not-readable-yet'
  /** S3 refuses to give it: another key, a customer's key, no permission. It raises an alarm, and the next drain tries again. */
  | 'unreadable'
  /** It is too large for one invocation to copy it. It raises an alarm. */
  | 'too-large'
  /** The page is full. The object stays pending, and the next drain takes it up. */
  | 'page-full';

/** What preprocess returns: the sources of one page, the dropped objects, and where a drain continues (null: it ends). */
export interface Page {
  sources: (Source | UnidentifiedSource)[];
  dropped: Partial<Record<DropReason, number>>;
  cursor: string | null;
}

/** An SQS record as a Pipe delivers it: `body` is an S3 "Object Created" event of EventBridge, as text. */
const queueRecord = z.object({ body: z.string(), messageId: z.optional(z.string()) });
export type QueueRecord = z.infer<typeof queueRecord>;
/** One key of the Region's bucket, as the Pipe names it, or a person in a manual run. */
const namedObject = z.object({
  key: z.string().check(z.minLength(1)),
  /** Bytes and ETag, which may lack its quotes. The Pipe takes them from the event. */
  size: z.optional(z.number()),
  etag: z.optional(z.string()),
});
export type NamedObject = z.infer<typeof namedObject>;

/**
 * A batch of objects, or a drain (`{}`), or a drain's next page (`{ cursor }`). An empty array is also a drain. A scheduled
 * drain takes only objects that were uploaded `minAgeSeconds` ago or earlier. A takeover drains the objects that S3 replicated from
 * the peer. It names the peer's bucket as the origin, so that rows of the peer are recognized.
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
 * The progress of a chunk, cumulative over its invocations: lines = inserted + alreadyPresent + rejected + blank.
 * With `done`, it is the chunk result.
 */
export const chunkProgress = z.object({
  chunkIndex: count,
  done: z.boolean(),
  /** Where the next invocation continues: the offset of the first line that is not accounted for. */
  nextOffset: offset,
  /** The first byte of the first line that this chunk owns. Null while it owns none. */
  ownedFrom: z.nullable(offset),
  /** The byte after the last owned line. Null while it owns none. The next owning chunk must begin there. */
  ownedTo: z.nullable(offset),
  /** The last owned line was rejected as too long before its end was seen, so `ownedTo` is only a lower bound. */
  openEnd: z.boolean(),
  lines: count,
  blank: count,
  inserted: count,
  alreadyPresent: count,
  rejected: count,
  /** Rejected records by reason. They add up to `rejected`. */
  rejectedByReason: z.record(z.string(), count),
  /** Number of fields without a column, once per record and field. `other_fields` keeps them. */
  unknownFields: count,
  /** Number of values that did not fit, by column. `other_fields` keeps them. */
  misfits: z.optional(z.record(z.string(), count)),
  /** Rows by the record format that filled them. */
  recordFormats: z.optional(z.record(z.string(), count)),
  /** The container of the source, such as `lines`, `csv` or `gzip of lines`. */
  container: z.optional(z.string()),
  /** Ids of similar sources. Only the first chunk of a source looks for them. */
  sameness: z.optional(z.object({ sameContentAs: z.nullable(z.string()), sameNameAs: z.nullable(z.string()) })),
  /** The CRC64NVME (16 hex digits) of the chunk's bytes up to `to`, an offset in the stored object. */
  crc: z.optional(z.object({ to: count, value: z.string().check(z.regex(/^[0-9a-f]{16}$/)) })),
});
export type ChunkProgress = z.infer<typeof chunkProgress>;

/** What DB-processing gets. `progress` is null at a chunk's first invocation. */
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
  /** Also counts erased rows, and leaves out withdrawn sources, so that neither makes a source short. */
  withErased: z.optional(z.boolean()),
});
export type RowCountRequest = z.infer<typeof rowCountRequest>;
/** Rows by source id. A source without rows has 0. */
export type RowCounts = Record<string, number>;

/** What postprocess gets: the results of all chunks in order, or the error that ended the source. */
export const sourceEnd = z.object({
  source,
  chunkResults: z.optional(z.array(chunkProgress)),
  error: z.optional(z.object({ Error: z.string(), Cause: z.optional(z.string()) })),
  startedAt: z.optional(z.string()),
  /** The source fails. The `Withdrawal` says whether DB-processing has withdrawn its rows. */
  withdrawn: z.optional(
    z.object({ rows: count, result: z.optional(z.object({ superseded: z.optional(z.boolean()) })) }),
  ),
});
export type SourceEnd = z.infer<typeof sourceEnd>;

/** What DB-processing gets to take a source's rows out, because it fails or because an operator asks. */
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
    /** Set for a source that fails. If it failed before its first row, the ledger does not know it yet. */
    source: z.optional(source),
  }),
});
export type WithdrawRequest = z.infer<typeof withdrawRequest>;
/**
 * If time ran short, `done` is false, and the same request is sent again, with `rows`. `superseded`: another execution has ingested
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
    /** As in the column: 1 to 64 characters, or at most 128 units of UTF-16. */
    reviewerId: z.string().check(z.minLength(1), z.maxLength(128)),
    /** Finds the rows and deletes none. */
    dryRun: z.optional(z.boolean()),
    /** The place up to which earlier invocations have searched. */
    after: z.optional(rowPlace),
  }),
});
export type EraseRequest = z.infer<typeof eraseRequest>;
/** The result of one invocation. If `after` is not null, time ran short, and the same request is sent again with it. */
export interface Erasure {
  after: z.infer<typeof rowPlace> | null;
  rows: number;
  /** Rows by source. */
  sources: Record<string, number>;
}

/**
 * The outcome of a source, as a child execution returns it. `completed`: every line is accounted for, and the object is under completed/.
 * `failed`: it can never succeed as it is, and the object is under failed/. `pending`: the object stays for the next drain.
 */
export interface SourceOutcome {
  sourceId: string;
  outcome: 'completed' | 'failed' | 'pending';
  /** An error's name or a sentence. Only if the outcome is not `completed`. */
  reason?: string;
}

/** The source is going to fail. Its rows are withdrawn first, and then Postprocess is called again. Nothing was moved yet. */
export type WithdrawFirst = WithdrawRequest;

/** A day of the calendar, so not 30 February. */
const isDay = (date: string) => new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date) ?? false;

/** What daily-summary gets: a day in UTC, `YYYY-MM-DD`, or nothing for yesterday. The database's times end in 2038. */
export const summaryRequest = z.strictObject({
  date: z.optional(
    z.string().check(
      z.regex(/^20[0-3]\d-\d\d-\d\d$/),
      z.refine((date) => date < '2038-01-01' && isDay(date)),
    ),
  ),
});
export type SummaryRequest = z.infer<typeof summaryRequest>;

/** Whether a payload is an object with this entry: it tells what is asked for. */
export const hasEntry = <Entry extends string>(payload: unknown, entry: Entry): payload is Record<Entry, unknown> =>
  payload !== null && typeof payload === 'object' && entry in payload;

/**
 * Parses a payload that another function or the state machine made.
 * @throws {ContractError} naming the paths that do not fit, never the values
 */
export const parsePayload = <T>(schema: z.ZodMiniType<T>, payload: unknown): T =>
  parse(schema, payload, (where) => new ContractError(`payload does not fit the contract: ${where}`));

/**
 * Parses an input that a person, an event or a schedule made.
 * @throws {InvalidInputError} naming the paths that do not fit, never the values
 */
export const parseInput = <T>(schema: z.ZodMiniType<T>, input: unknown): T =>
  parse(schema, input, (where) => new InvalidInputError(`the input is not as it should be: ${where}`));

function parse<T>(schema: z.ZodMiniType<T>, value: unknown, refusal: (where: string) => Error): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refusal(parsed.error.issues.map((issue) => `${issue.path.join('.') || '(payload)'}: ${issue.code}`).join('; '));
}
