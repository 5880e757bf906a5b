// What the functions and the state machine exchange about bundles of small objects. A bundle goes through the states of a large source, in
// the place of the source.
import * as z from 'zod/mini';
import {
  chunkProgress,
  type DropReason,
  hasEntry,
  type Page,
  preprocessInput,
  type Source,
  source,
  type UnidentifiedSource,
  withdrawRequest,
} from './contract.ts';

/** A small object as an event or a listing told of it. Nobody has looked at it yet. */
export const smallObject = z.object({
  key: source.shape.key,
  /** With its quotes. */
  etag: source.shape.etag,
  sizeBytes: source.shape.sizeBytes,
});
export type SmallObject = z.infer<typeof smallObject>;

export const bundle = z.object({
  objects: z.array(smallObject).check(z.minLength(1)),
  /** For the state machine: the Map over chunks has one. */
  chunkCount: z.literal(1),
  /** In a takeover: the bucket that the objects were uploaded to. */
  takenFrom: z.optional(z.string()),
  /** Bytes for the keys of its objects that go alone. Undefined: no limit. */
  aloneBytes: z.optional(z.number()),
});
export type Bundle = z.infer<typeof bundle>;

const header = z.optional(z.string());
/** What a copy of the object keeps. The names are those of the SDK. */
export const objectHeaders = z.object({
  ContentType: header,
  ContentEncoding: header,
  ContentLanguage: header,
  ContentDisposition: header,
  CacheControl: header,
  Metadata: z.optional(z.record(z.string(), z.string())),
});
export type ObjectHeaders = z.infer<typeof objectHeaders>;

/** An object that is a source, as far as the bundle does not tell it already. */
const identified = {
  sourceId: source.shape.sourceId,
  originBucket: source.shape.originBucket,
  checksum: z.string(),
  format: source.shape.format,
  uploadedAt: source.shape.uploadedAt,
};

/** A small object as a source: it is one chunk. */
export const sourceOf = (
  { key, etag, sizeBytes }: SmallObject,
  {
    sourceId,
    originBucket,
    checksum,
    format,
    uploadedAt,
  }: Pick<Source, 'sourceId' | 'originBucket' | 'checksum' | 'format'> & { uploadedAt?: string | undefined },
): Source => ({
  sourceId,
  originBucket,
  key,
  etag,
  sizeBytes,
  format,
  chunkBytes: Math.max(1, sizeBytes),
  chunkCount: 1,
  ...(checksum !== undefined && { checksum }),
  ...(uploadedAt !== undefined && { uploadedAt }),
});

const counted = z.object({
  ...identified,
  chunk: chunkProgress,
  /** Absent where they are long. Then Postprocess asks for them. */
  headers: z.optional(objectHeaders),
});
const ended = z.object({ ...identified, error: z.object({ Error: z.string(), Cause: z.optional(z.string()) }) });
const dropped = z.object({ dropped: z.string() as unknown as z.ZodMiniType<DropReason> });
const alone = z.object({ alone: z.literal(true) });

/** What became of one object. `alone`: it has to be ingested as a large source is. */
export const objectResult = z.union([counted, ended, dropped, alone]);
export type ObjectResult = z.infer<typeof objectResult>;
export type IdentifiedResult = z.infer<typeof counted> | z.infer<typeof ended>;

/** Results of the first objects, in order; with `done`, of all. */
export const bundleProgress = z.object({ done: z.boolean(), results: z.array(objectResult) });
export type BundleProgress = z.infer<typeof bundleProgress>;

/** What DB-processing gets. `progress` is null at the first invocation. `startedAt` as for a chunk. */
export const bundleTask = z.object({
  source: bundle,
  progress: z.nullable(bundleProgress),
  startedAt: z.optional(z.string()),
});
export type BundleTask = z.infer<typeof bundleTask>;

/** What DB-processing gets to withdraw the rows of several sources, one after the other. */
export const withdrawEachRequest = z.object({
  withdraw: z.object({ each: z.array(withdrawRequest.shape.withdraw), rows: z.optional(z.number()) }),
});
export type WithdrawEachRequest = z.infer<typeof withdrawEachRequest>;

/** What DB-processing answers, by request and in their order. A request that is sent again counts the rows that it still finds. */
const eachWithdrawal = z.object({
  done: z.boolean(),
  rows: z.number(),
  each: z.array(z.object({ rows: z.int(), superseded: z.optional(z.boolean()) })),
});
export type EachWithdrawal = z.infer<typeof eachWithdrawal>;

/** An object of a bundle that is not completed: a source that failed, or what stays pending. */
const exception = z.object({
  /** In the bundle. */
  place: z.int(),
  outcome: z.enum(['failed', 'pending']),
  reason: z.optional(z.string()),
});
export type Exception = z.infer<typeof exception>;

/** Postprocess has to be called again, after these rows were withdrawn. */
export const withdrawEach = z.object({
  ...withdrawEachRequest.shape,
  /** Places in the bundle of the objects that are not finished. The first ones are those whose rows are withdrawn, in order. */
  left: z.array(z.int()),
  completed: z.int(),
  exceptions: z.array(exception),
});
export type WithdrawEach = z.infer<typeof withdrawEach>;

/** What Postprocess gets: a result of each object, or the error that ended the bundle. */
export const bundleEnd = z.object({
  source: bundle,
  chunkResults: z.optional(z.array(bundleProgress)),
  error: z.optional(z.object({ Error: z.string(), Cause: z.optional(z.string()) })),
  startedAt: z.optional(z.string()),
  /** The rows of the last answer were withdrawn. */
  withdrawn: z.optional(z.object({ result: eachWithdrawal })),
  postprocess: z.optional(z.object({ outcome: withdrawEach })),
});
export type BundleEnd = z.infer<typeof bundleEnd>;

/** An object that a bundle could not take. */
export const aloneObject = z.object({ key: source.shape.key, takenFrom: z.optional(z.string()) });
export type AloneObject = z.infer<typeof aloneObject>;

/**
 * What a state machine that knows bundles asks Preprocess for: the page that an input names, or a page of objects that go alone. The
 * cursor then says where the drain goes on after them.
 */
export const bundlePageRequest = z.union([
  z.strictObject({ takesBundles: z.literal(true), request: preprocessInput }),
  z.strictObject({
    takesBundles: z.literal(true),
    request: z.strictObject({ alone: z.array(z.array(aloneObject)), cursor: z.nullable(z.string()) }),
  }),
]);
export type BundlePageRequest = z.infer<typeof bundlePageRequest>;

/** One item of a page: a large source, or a bundle of small objects in its place. */
export interface Item {
  source: Source | UnidentifiedSource | Bundle;
}

/** What Preprocess answers. */
export interface BundlePage {
  items: Item[];
  /** Items at once. A bundle of small objects needs one invocation at a time, a large source several. */
  concurrency: number;
  dropped: Page['dropped'];
  cursor: string | null;
}

/** How a bundle ended: as its worst source did. The child execution returns `outcome`, `left` and `alone`. */
export interface BundleOutcome {
  outcome: 'completed' | 'failed' | 'pending';
  /** Sources that completed. */
  completed: number;
  exceptions: Exception[];
  left: 'alone' | 'nothing';
  /** Objects for the next page. There each one has its own child execution. */
  alone: AloneObject[];
}

/** Whether a payload is about a bundle of small objects. */
export const isAboutBundle = (payload: unknown): boolean =>
  hasEntry(payload, 'source') && hasEntry(payload.source, 'objects');
