import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultCopyLimits } from '../../functions/postprocess/copy-object.ts';
import { type FinishDependencies, finishSource } from '../../functions/postprocess/finish-source.ts';
import type { Report } from '../../functions/postprocess/write-report.ts';
import { checksumText } from '../../functions/shared/checksum.ts';
import type { Source, SourceEnd, SourceOutcome } from '../../functions/shared/contract.ts';
import { createCrc64 } from '../../functions/shared/crc64/crc64.ts';
import {
  completedKey,
  completedKeyById,
  failedKey,
  pendingPrefix,
  reportKey,
  sourceIdMetadata,
} from '../../functions/shared/keys.ts';
import { keepLog } from '../support/log.ts';
import { type S3Server, startS3Server } from '../support/s3.ts';
import { makeChunkResult, makeSource } from '../support/sources.ts';

type Command = Parameters<S3Client['send']>[0];

describe('postprocess', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterEach(async () => {
    for (const key of await server.list('')) await server.remove(key);
  });
  afterAll(() => server.stop());

  async function upload(overrides: Partial<Source> = {}, content = 'x'.repeat(100)): Promise<Source> {
    const source = makeSource({ ...overrides, sizeBytes: content.length, chunkBytes: Math.max(1, content.length) });
    return { ...source, ...(await server.put(source.key, content)) };
  }

  /** A source that is known by its checksum, and the checksum of the one chunk that read it. */
  async function checksummed(): Promise<{ source: Source; crc: { to: number; value: string } }> {
    const crc = createCrc64();
    crc.add(Buffer.from('x'.repeat(100)));
    return { source: await upload({ checksum: checksumText(crc.hex()) }), crc: { to: 100, value: crc.hex() } };
  }
  const putAs = (Key: string, Body: string, sourceId: string) =>
    server.client.send(
      new PutObjectCommand({ Bucket: server.bucket, Key, Body, Metadata: { [sourceIdMetadata]: sourceId } }),
    );

  const dependencies = (overrides: Partial<FinishDependencies> = {}): FinishDependencies => ({
    s3: server.client,
    bucket: server.bucket,
    region: 'us-east-1',
    maxRejectedPercent: 50,
    sameName: 'add',
    limits: defaultCopyLimits,
    now: () => new Date('2026-11-21T12:00:00Z'),
    log: keepLog(),
    ...overrides,
  });

  const resultsOf = (source: Source) => [makeChunkResult({ ownedTo: source.sizeBytes })];
  /** As the state machine does: where rows are to be withdrawn first, it has DB-processing do so and calls again. */
  const finish = async (sourceEnd: SourceEnd, overrides: Partial<FinishDependencies> = {}) => {
    const first = await finishSource(sourceEnd, dependencies(overrides));
    if (!('withdraw' in first)) return first;
    return (await finishSource({ ...sourceEnd, withdrawn: { rows: 0 } }, dependencies(overrides))) as SourceOutcome;
  };
  const complete = (source: Source, overrides: Partial<FinishDependencies> = {}) =>
    finish({ source, chunkResults: resultsOf(source) }, overrides);
  const end = (source: Source, error: string, cause?: string, overrides: Partial<FinishDependencies> = {}) =>
    finish({ source, error: { Error: error, ...(cause !== undefined && { Cause: cause }) } }, overrides);
  const reportOf = async (source: Source) =>
    JSON.parse((await server.read(reportKey(source))) ?? 'null') as Report | null;

  /** A client with which something happens before one command is sent, once; the command is not sent where it throws. */
  function doBefore(kind: new (...input: never[]) => unknown, happens: () => Promise<void>): Pick<S3Client, 'send'> {
    let done = false;
    return {
      send: async (command: Command) => {
        if (command instanceof kind && !done) {
          done = true;
          await happens();
        }
        return server.client.send(command);
      },
    } as Pick<S3Client, 'send'>;
  }
  const crash = async () => {
    throw Object.assign(new Error('killed'), { name: 'Killed' });
  };

  it('moves a source whose lines are all accounted for, with a report that says so', async () => {
    const source = await upload();
    expect(await complete(source)).toEqual({ sourceId: source.sourceId, outcome: 'completed' });
    expect(await server.list('')).toEqual([completedKey(source), reportKey(source)]);
    expect(await server.read(completedKey(source))).toBe('x'.repeat(100));
    expect(await reportOf(source)).toEqual({
      outcome: 'completed',
      reason: null,
      region: 'us-east-1',
      source,
      totals: {
        lines: 10,
        inserted: 10,
        alreadyPresent: 0,
        rejected: 0,
        blank: 0,
        rejectedByReason: {},
        unknownFields: 0,
        misfits: {},
        recordFormats: {},
      },
      sameContentAs: null,
      sameNameAs: null,
      container: null,
      chunks: 1,
      rejectedPrefix: `book-review/rejected/a.json.${source.sourceId}/`,
      movedTo: completedKey(source),
      when: '2026-11-21T12:00:00.000Z',
    });
  });

  it('moves an empty source', async () => {
    const source = await upload({}, '');
    const chunkResults = [makeChunkResult({ ownedFrom: null, ownedTo: null, lines: 0 })];
    expect(await finishSource({ source, chunkResults }, dependencies())).toMatchObject({ outcome: 'completed' });
    expect(await server.read(completedKey(source))).toBe('');
  });

  it('never completes a source whose lines are not accounted for: it stays, and the log names what disagrees', async () => {
    const source = await upload();
    const log = keepLog();
    const chunkResults = [makeChunkResult({ lines: 11, inserted: 10 })];
    const outcome = await finishSource({ source, chunkResults }, dependencies({ log }));
    expect(outcome).toEqual({ sourceId: source.sourceId, outcome: 'pending', reason: 'AccountingError' });
    expect(await server.list('')).toEqual([reportKey(source), source.key]);
    expect(await reportOf(source)).toMatchObject({ outcome: 'pending', movedTo: null, totals: null });
    expect(log.lines[0]).toMatchObject({
      level: 'error',
      values: { key: source.key, violations: ['chunk 0: 11 lines, 10 accounted for'] },
    });
  });

  it('keeps what the uploader said of the object, and adds which source it is', async () => {
    const key = `${pendingPrefix}a.json`;
    const { ETag } = await server.client.send(
      new PutObjectCommand({
        Bucket: server.bucket,
        Key: key,
        Body: Buffer.from('y'),
        ContentType: 'application/x-ndjson',
        CacheControl: 'no-store',
        Metadata: { owner: 'reviews-team' },
      }),
    );
    const source = makeSource({ key, etag: ETag as string, sizeBytes: 1, chunkBytes: 1 });
    await complete(source);
    const head = await server.client.send(new HeadObjectCommand({ Bucket: server.bucket, Key: completedKey(source) }));
    expect(head).toMatchObject({ ContentType: 'application/x-ndjson', CacheControl: 'no-store' });
    expect(head.Metadata).toEqual({
      owner: 'reviews-team',
      'source-id': source.sourceId,
      'origin-bucket': source.originBucket,
    });
  });

  it.each(['a b.json', '100%25.json', 'a+b.json', 'ünï/コ/🙂.json', `q?x=1&y#z'(!*).json`, 'a//b.json'])(
    'moves the key %s as it is',
    async (name) => {
      const source = await upload({ key: pendingPrefix + name });
      await complete(source);
      expect(await server.list('')).toEqual(expect.arrayContaining([`book-review/completed/${name}`]));
      expect(await server.read(source.key)).toBeNull();
    },
  );

  it('moves a key of 1,024 bytes, whose name under completed/ would be longer', async () => {
    const source = await upload({ key: `${pendingPrefix}${'é'.repeat(502)}` });
    expect(Buffer.byteLength(source.key)).toBe(1024);
    expect(await complete(source)).toMatchObject({ outcome: 'completed' });
    const [moved] = await server.list('book-review/completed/');
    expect(moved).toContain(source.sourceId);
    expect(await reportOf(source)).toMatchObject({ movedTo: moved });
  });

  it('changes nothing when it is repeated', async () => {
    const source = await upload();
    await complete(source);
    const report = await server.read(reportKey(source));
    const later = { now: () => new Date('2026-11-22T12:00:00Z') };
    expect(await complete(source, later)).toMatchObject({ outcome: 'completed' });
    expect(await server.read(reportKey(source))).toBe(report);
    expect(await server.list('')).toHaveLength(2);
  });

  it.each([
    ['before its report', PutObjectCommand],
    ['before the copy', CopyObjectCommand],
    ['between copy and delete', DeleteObjectCommand],
  ] as const)('finishes what it began when it was killed %s', async (_, command) => {
    const source = await upload();
    const killed = complete(source, { s3: doBefore(command as never, crash) });
    await expect(killed).rejects.toThrow();
    expect(await server.read(source.key)).not.toBeNull();
    expect(await complete(source)).toMatchObject({ outcome: 'completed' });
    expect(await server.list('')).toEqual([completedKey(source), reportKey(source)]);
  });

  it('completes a source once when several executions finish it at the same time', async () => {
    const source = await upload();
    const outcomes = await Promise.all([complete(source), complete(source), complete(source), complete(source)]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(4).fill('completed'));
    expect(await server.list('')).toEqual([completedKey(source), reportKey(source)]);
    expect(await reportOf(source)).toMatchObject({ outcome: 'completed', movedTo: completedKey(source) });
  });

  it('takes the same content that is uploaded again for what it is, and keeps one copy', async () => {
    const source = await upload();
    await complete(source);
    const again = await upload();
    expect(again).toEqual(source);
    expect(await complete(again)).toMatchObject({ outcome: 'completed' });
    expect(await server.list('')).toEqual([completedKey(source), reportKey(source)]);
  });

  it('files other content of the same key next to the first, never over it', async () => {
    const first = await upload();
    await complete(first);
    const second = await upload({ sourceId: 'f'.repeat(32) }, 'y'.repeat(50));
    expect(await complete(second)).toMatchObject({ outcome: 'completed' });
    expect(await server.read(completedKey(first))).toBe('x'.repeat(100));
    expect(await server.read(completedKeyById(second))).toBe('y'.repeat(50));
    expect(await reportOf(second)).toMatchObject({ movedTo: completedKeyById(second) });
    expect(await complete(second)).toMatchObject({ outcome: 'completed' });
    expect(await server.list('book-review/completed/')).toHaveLength(2);
  });

  it.each([
    ['of another size', 'y'.repeat(50)],
    ['of the same size, with another checksum', 'y'.repeat(100)],
  ])('never takes for its own a file %s whose metadata says so, and deletes nothing for it', async (_, content) => {
    const { source, crc } = await checksummed();
    await putAs(completedKey(source), content, source.sourceId);
    const chunkResults = [makeChunkResult({ ownedTo: source.sizeBytes, crc })];
    expect(await finish({ source, chunkResults })).toMatchObject({ outcome: 'completed' });
    expect(await server.read(completedKey(source))).toBe(content);
    expect(await server.read(completedKeyById(source))).toBe('x'.repeat(100));
    expect(await server.read(source.key)).toBeNull();
  });

  describe('of a file with the name of a file before it', () => {
    const sameName = async () => {
      const former = await upload({ sourceId: 'a'.repeat(32) }, 'x'.repeat(100));
      await complete(former);
      const source = await upload({ sourceId: 'b'.repeat(32) }, 'y'.repeat(90));
      const sameness = { sameContentAs: null, sameNameAs: former.sourceId };
      return { former, end: { source, chunkResults: resultsOf(source).map((result) => ({ ...result, sameness })) } };
    };

    it('withdraws the rows of the former one after the move, where SameName says replace, and says so in its report', async () => {
      const { former, end } = await sameName();
      const deps = dependencies({ sameName: 'replace' });
      const first = await finishSource(end, deps);
      expect(first).toMatchObject({ withdraw: { sourceId: former.sourceId, state: 'withdrawn' } });
      expect(await reportOf(end.source)).toMatchObject({ outcome: 'completed', sameNameAs: former.sourceId });
      expect(await reportOf(former)).toMatchObject({ outcome: 'completed' });
      for (const _ of ['once', 'again']) {
        expect(await finishSource({ ...end, withdrawn: { rows: 7 } }, deps)).toMatchObject({ outcome: 'completed' });
        expect(await reportOf(former)).toMatchObject({
          outcome: 'withdrawn',
          movedTo: completedKey(former),
          withdrawals: [{ rows: 7, reason: expect.stringContaining(end.source.sourceId) }],
        });
      }
    });

    it('completes the file also where the report of the former one cannot be read', async () => {
      const { former, end } = await sameName();
      await server.put(reportKey(former), 'no report');
      const withdrawn = { ...end, withdrawn: { rows: 7 } };
      expect(await finishSource(withdrawn, dependencies({ sameName: 'replace' }))).toMatchObject({
        outcome: 'completed',
      });
      expect(await server.read(reportKey(former))).toBe('no report');
    });

    it('leaves the former one as it is, where SameName says add, or where it was opened again meanwhile', async () => {
      const { former, end } = await sameName();
      expect(await finishSource(end, dependencies())).toMatchObject({ outcome: 'completed' });
      const superseded = { ...end, withdrawn: { rows: 0, result: { superseded: true } } };
      expect(await finishSource(superseded, dependencies({ sameName: 'replace' }))).toMatchObject({
        outcome: 'completed',
      });
      expect(await reportOf(former)).toMatchObject({ outcome: 'completed' });
    });
  });

  it('takes a further name where somebody uploaded files under its first two', async () => {
    const source = await upload();
    await server.put(completedKey(source), 'of another');
    await server.put(completedKeyById(source), 'of a third');
    expect(await complete(source)).toMatchObject({ outcome: 'completed' });
    expect(await server.read(completedKey(source))).toBe('of another');
    expect(await server.read(completedKeyById(source))).toBe('of a third');
    expect(await server.read(completedKeyById(source, 2))).toBe('x'.repeat(100));
    expect(await reportOf(source)).toMatchObject({ movedTo: completedKeyById(source, 2) });
  });

  it('leaves alone what was uploaded under the same key after the copy', async () => {
    const source = await upload();
    let heads = 0;
    const s3 = {
      send: async (command: Command) => {
        // The second look at the pending object is the one right before the delete.
        const looks = command instanceof HeadObjectCommand && command.input.Key === source.key;
        if (looks && ++heads === 2) await server.put(source.key, 'newer');
        return server.client.send(command);
      },
    } as Pick<S3Client, 'send'>;
    expect(await complete(source, { s3 })).toMatchObject({ outcome: 'completed' });
    expect(await server.read(source.key)).toBe('newer');
    expect(await server.read(completedKey(source))).toBe('x'.repeat(100));
  });

  it('sends the conditions that S3 checks: the pinned ETag for copy and delete, and a new name for the copy', async () => {
    const source = await upload();
    const sent: Command[] = [];
    const s3 = {
      send: (command: Command) => {
        sent.push(command);
        return server.client.send(command);
      },
    } as Pick<S3Client, 'send'>;
    await complete(source, { s3 });
    const inputOf = (kind: new (...input: never[]) => { input: unknown }) =>
      sent.find((each) => each instanceof kind)?.input;
    expect(inputOf(CopyObjectCommand as never)).toMatchObject({ CopySourceIfMatch: source.etag, IfNoneMatch: '*' });
    expect(inputOf(DeleteObjectCommand as never)).toMatchObject({ IfMatch: source.etag });
  });

  it('fails a source that was overwritten after its lines were counted, and leaves the newer content pending', async () => {
    const source = await upload();
    await server.put(source.key, 'newer');
    expect(await complete(source)).toEqual({
      sourceId: source.sourceId,
      outcome: 'failed',
      reason: 'SourceChangedError',
    });
    expect(await server.list('')).toEqual([reportKey(source), source.key]);
    expect(await reportOf(source)).toMatchObject({ outcome: 'failed', movedTo: null });
  });

  it('looks again when S3 refuses the copy because the source or the destination changed meanwhile', async () => {
    const source = await upload();
    const refused = async () => {
      throw Object.assign(new Error(), { name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    };
    expect(await complete(source, { s3: doBefore(CopyObjectCommand, refused) })).toMatchObject({
      outcome: 'completed',
    });

    const other = await upload({ sourceId: 'e'.repeat(32), key: `${pendingPrefix}b.json` });
    const gone = async () => {
      await server.remove(other.key);
      await refused();
    };
    expect(await complete(other, { s3: doBefore(CopyObjectCommand, gone) })).toMatchObject({ outcome: 'failed' });
  });

  describe('of a source that an error ended', () => {
    it('files under failed/ what can never succeed, with the reason in its report', async () => {
      const source = await upload();
      const cause = JSON.stringify({ errorType: 'InvalidInputError', errorMessage: 'gzip ends early', trace: [] });
      const outcome = await end(source, 'InvalidInputError', cause);
      expect(outcome).toEqual({ sourceId: source.sourceId, outcome: 'failed', reason: 'InvalidInputError' });
      expect(await server.list('')).toEqual([failedKey(source), reportKey(source)]);
      expect(await reportOf(source)).toMatchObject({
        outcome: 'failed',
        reason: 'InvalidInputError: gzip ends early',
        totals: null,
        movedTo: failedKey(source),
      });
      expect(await end(source, 'InvalidInputError', cause)).toEqual(outcome);
      expect(await server.list('')).toHaveLength(2);
    });

    it('leaves pending what may succeed later, says so, and overwrites that when it has', async () => {
      const source = await upload();
      expect(await end(source, 'TransientDatabaseError')).toEqual({
        sourceId: source.sourceId,
        outcome: 'pending',
        reason: 'TransientDatabaseError',
      });
      expect(await server.list('')).toEqual([reportKey(source), source.key]);
      expect(await reportOf(source)).toMatchObject({ outcome: 'pending', movedTo: null });
      await complete(source);
      expect(await reportOf(source)).toMatchObject({ outcome: 'completed' });
    });

    it.each(['SourceChangedError', 'TransientDatabaseError'])(
      'takes for completed, after %s, what another execution completed meanwhile, and keeps its report',
      async (name) => {
        const source = await upload();
        await complete(source);
        const report = await server.read(reportKey(source));
        expect(await end(source, name)).toEqual({ sourceId: source.sourceId, outcome: 'completed' });
        expect(await server.read(reportKey(source))).toBe(report);
      },
    );

    it('fails with nothing to move when the object was deleted or overwritten', async () => {
      const source = await upload();
      await server.put(source.key, 'newer');
      expect(await end(source, 'SourceChangedError')).toMatchObject({
        outcome: 'failed',
        reason: 'SourceChangedError',
      });
      expect(await server.list('')).toEqual([reportKey(source), source.key]);
      expect(await reportOf(source)).toMatchObject({ outcome: 'failed', movedTo: null });
    });

    it('leaves pending an object that was changed and changed back', async () => {
      const source = await upload();
      expect(await end(source, 'SourceChangedError')).toMatchObject({ outcome: 'pending' });
      expect(await server.read(source.key)).not.toBeNull();
    });

    // The same bytes again, while the first upload is read: one source, whose ETag differs under a key of KMS.
    describe('and that was uploaded again meanwhile, with the same bytes', () => {
      const endOfFormer = (source: Source, overrides: Partial<FinishDependencies> = {}) =>
        finishSource(
          { source: { ...source, etag: '"of the former upload"' }, error: { Error: 'SourceChangedError' } },
          dependencies(overrides),
        );

      it('never overwrites the report of the upload that is complete, before its file is copied', async () => {
        const source = await upload();
        await expect(complete(source, { s3: doBefore(CopyObjectCommand, crash) })).rejects.toThrow();
        expect(await endOfFormer(source)).toMatchObject({ outcome: 'failed' });
        expect(await reportOf(source)).toMatchObject({ outcome: 'completed', movedTo: completedKey(source) });
      });

      it('never overwrites its report where the ETag is the same too, unless that report is older than this execution', async () => {
        const [began, reported, later] = [
          '2026-11-21T11:59:00.000Z',
          '2026-11-21T12:00:00.000Z',
          '2026-11-21T12:01:00.000Z',
        ];
        for (const [startedAt, outcome] of [
          [began, 'completed'],
          [reported, 'completed'],
          [later, 'failed'],
        ] as const) {
          const source = await upload();
          await complete(source);
          for (const key of [completedKey(source), source.key]) await server.remove(key);
          const former = { source, startedAt, error: { Error: 'SourceChangedError' } };
          expect(await finish(former)).toMatchObject({ outcome: 'failed' });
          expect(await reportOf(source)).toMatchObject({ outcome });
        }
      });

      it.each([undefined, '2026-11-21T11:59:00.000Z'])(
        'overwrites the report of its own completion, where the object went before the copy: %s',
        async (startedAt) => {
          const source = await upload();
          const s3 = doBefore(CopyObjectCommand, () => server.remove(source.key));
          const all = { source, chunkResults: resultsOf(source), ...(startedAt !== undefined && { startedAt }) };
          expect(await finish(all, { s3 })).toMatchObject({ outcome: 'failed' });
          expect(await reportOf(source)).toMatchObject({ outcome: 'failed', movedTo: null });
        },
      );

      it('says when it found the object gone, and decides again where another execution has ingested it since', async () => {
        const source = await upload();
        await server.remove(source.key);
        const gone = { source, error: { Error: 'SourceChangedError' } };
        const first = await finishSource(gone, dependencies());
        expect(first).toMatchObject({ withdraw: { decidedAt: '2026-11-21T12:00:00.000Z' } });
        const superseded = { ...gone, withdrawn: { rows: 0, result: { superseded: true } } };
        expect(await finishSource(superseded, dependencies())).toMatchObject({ withdraw: { state: 'failed' } });
        await upload();
        await complete(source);
        expect(await finishSource(superseded, dependencies())).toEqual({
          sourceId: source.sourceId,
          outcome: 'completed',
        });
      });

      it('never withdraws rows of the upload that is complete, whenever that is filed', async () => {
        for (let heads = 1; ; heads += 1) {
          const source = await upload();
          let left = heads;
          const s3 = {
            send: async (command: Command) => {
              if (command instanceof HeadObjectCommand && --left === 0) await complete(source);
              return server.client.send(command);
            },
          } as Pick<S3Client, 'send'>;
          const ended = await endOfFormer(source, { s3 });
          expect(ended).not.toHaveProperty('withdraw');
          if (left > 0) break;
          expect(await reportOf(source)).toMatchObject({ outcome: 'completed' });
          for (const key of await server.list('')) await server.remove(key);
        }
      });
    });

    it('withdraws its rows also where it failed before, was uploaded again, and then overwritten', async () => {
      const source = await upload();
      await end(source, 'InvalidInputError');
      await upload();
      await server.put(source.key, 'newer');
      const ended = { source, error: { Error: 'SourceChangedError' } };
      expect(await finishSource(ended, dependencies())).toMatchObject({ withdraw: { state: 'failed' } });
      expect(await finish(ended)).toMatchObject({ outcome: 'failed' });
      expect(await reportOf(source)).toMatchObject({ movedTo: failedKey(source) });
    });

    it('never lets a pending end overwrite the report of a completed one', async () => {
      const source = await upload();
      await expect(complete(source, { s3: doBefore(DeleteObjectCommand, crash) })).rejects.toThrow();
      expect(await end(source, 'TransientDatabaseError')).toMatchObject({ outcome: 'pending' });
      expect(await reportOf(source)).toMatchObject({ outcome: 'completed' });
    });
  });

  describe('of a source that is too large for one copy request', () => {
    // S3 takes no part below 5 MiB but the last one.
    const partBytes = 5 * 1024 ** 2;
    const limits = { singleCopyBytes: partBytes, partBytes };
    const content = Array.from({ length: 2 * 1024 ** 2 + 9 }, (_, index) => String(10_000 + (index % 90_000))).join('');

    it('copies it in parts', async () => {
      const source = await upload({ key: `${pendingPrefix}a +%.json` }, content);
      const parts: UploadPartCopyCommand['input'][] = [];
      const s3 = {
        send: (command: Command) => {
          if (command instanceof UploadPartCopyCommand) parts.push(command.input);
          return server.client.send(command);
        },
      } as Pick<S3Client, 'send'>;
      expect(await complete(source, { limits, s3 })).toMatchObject({ outcome: 'completed' });
      const ranges = ['bytes=0-5242879', 'bytes=5242880-10485759', 'bytes=10485760-10485804'];
      expect(parts.map(({ CopySourceRange }) => CopySourceRange)).toEqual(ranges);
      expect(parts.map(({ CopySourceIfMatch }) => CopySourceIfMatch)).toEqual(ranges.map(() => source.etag));
      expect((await server.read(completedKey(source))) === content).toBe(true);
      expect(await server.read(source.key)).toBeNull();
      expect(await complete(source, { limits })).toMatchObject({ outcome: 'completed' });
    });

    it('leaves no half copy behind when a part fails, and finishes when it is repeated', async () => {
      const source = await upload({}, content);
      let aborted = 0;
      const failing = doBefore(UploadPartCopyCommand, crash);
      const s3 = {
        send: (command: Command) => {
          if (command instanceof AbortMultipartUploadCommand) aborted++;
          return failing.send(command);
        },
      } as Pick<S3Client, 'send'>;
      await expect(complete(source, { limits, s3 })).rejects.toMatchObject({ name: 'TransientStorageError' });
      expect(aborted).toBe(1);
      expect(await server.list('book-review/completed/')).toEqual([]);
      expect(await complete(source, { limits })).toMatchObject({ outcome: 'completed' });
    });
  });

  it('is a wrong deployment when it may not write, and a passing failure when S3 does not answer', async () => {
    const source = await upload();
    const failing = (name: string, httpStatusCode: number) =>
      doBefore(PutObjectCommand, async () => {
        throw Object.assign(new Error(), { name, $metadata: { httpStatusCode } });
      });
    await expect(complete(source, { s3: failing('AccessDenied', 403) })).rejects.toMatchObject({
      name: 'ConfigurationError',
    });
    await expect(complete(source, { s3: failing('SlowDown', 503) })).rejects.toMatchObject({
      name: 'TransientStorageError',
    });
    expect(await server.read(source.key)).not.toBeNull();
  });
});
