import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, SourceChangedError, TransientStorageError } from '../../../functions/shared/errors.ts';
import { readObject } from '../../../functions/shared/read-object.ts';

const content = Buffer.from('abcdefghijklmnopqrstuvwxyz');
const object = { bucket: 'b', key: 'k', etag: '"e"' };
const limits = { idleMs: 50, attempts: 3, backoffMs: 1 };

type Answer = (part: Buffer) => Readable;
const whole: Answer = (part) => Readable.from([part], { objectMode: false });
/** Sends some bytes and breaks the connection. */
const brokenAfter =
  (bytes: number): Answer =>
  (part) =>
    Readable.from(
      (async function* () {
        if (bytes > 0) yield part.subarray(0, bytes);
        throw new Error('reset');
      })(),
      { objectMode: false },
    );
/** Sends some bytes and ends as if that were all. */
const cutAfter =
  (bytes: number): Answer =>
  (part) =>
    Readable.from([part.subarray(0, bytes)], { objectMode: false });
/** Sends some bytes and then nothing. */
const stalledAfter =
  (bytes: number): Answer =>
  (part) => {
    const body = new Readable({ read() {} });
    if (bytes > 0) body.push(part.subarray(0, bytes));
    return body;
  };

/** An S3 that answers each request in turn; the last answer is for all that follow. */
function storage(...answers: (Answer | Error)[]) {
  const asked: string[] = [];
  const send = async (command: { input: { Range: string; IfMatch: string } }) => {
    const { Range, IfMatch } = command.input;
    asked.push(Range);
    expect(IfMatch).toBe('"e"');
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) as Answer | Error;
    if (answer instanceof Error) throw answer;
    const [from = 0, to = 0] = Range.slice('bytes='.length).split('-').map(Number);
    return { Body: answer(content.subarray(from, to + 1)), ContentRange: `bytes ${from}-${to}/26` };
  };
  return { s3: { send } as unknown as Pick<S3Client, 'send'>, asked };
}

async function read(s3: Pick<S3Client, 'send'>, from = 0, to = 26) {
  let text = '';
  for await (const block of readObject(s3, object, from, to, limits)) text += block.toString();
  return text;
}
const failure = (status: number, name = 'Error') =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });

describe('reading a part of an object', () => {
  it('yields the bytes that were asked for', async () => {
    const { s3, asked } = storage(whole);
    expect(await read(s3, 3, 6)).toBe('def');
    expect(asked).toEqual(['bytes=3-5']);
  });

  it.each([
    ['breaks off', brokenAfter(10)],
    ['ends early', cutAfter(10)],
    ['stalls', stalledAfter(10)],
  ])('goes on where the body %s', async (_what, answer) => {
    const { s3, asked } = storage(answer, whole);
    expect(await read(s3, 1)).toBe(content.subarray(1).toString());
    expect(asked).toEqual(['bytes=1-25', 'bytes=11-25']);
  });

  it.each([
    ['breaks', brokenAfter(0)],
    ['is empty', cutAfter(0)],
    ['stalls', stalledAfter(0)],
    ['is refused for now', failure(503, 'SlowDown')],
  ])('gives up when it %s again and again', async (_what, answer) => {
    const { s3, asked } = storage(answer);
    await expect(read(s3)).rejects.toThrow(TransientStorageError);
    expect(asked).toHaveLength(3);
  });

  it('may break any number of times as long as it gets on', async () => {
    const { s3 } = storage(brokenAfter(1));
    expect(await read(s3)).toBe(content.toString());
  });

  it('does not count the time that the reader takes', async () => {
    const { s3, asked } = storage((part) =>
      Readable.from([part.subarray(0, 5), part.subarray(5)], { objectMode: false }),
    );
    let text = '';
    for await (const block of readObject(s3, object, 0, 26, limits)) {
      text += block.toString();
      await new Promise((resolve) => setTimeout(resolve, 2 * limits.idleMs));
    }
    expect(text).toBe(content.toString());
    expect(asked).toHaveLength(1);
  });

  it('says that the source changed where the object is gone or another', async () => {
    for (const status of [404, 412, 416])
      await expect(read(storage(failure(status)).s3)).rejects.toThrow(SourceChangedError);
    const { s3 } = storage(brokenAfter(5), failure(412));
    await expect(read(s3)).rejects.toThrow(SourceChangedError);
  });

  it('says that the deployment is wrong where it may not read', async () => {
    await expect(read(storage(failure(403, 'AccessDenied')).s3)).rejects.toThrow(ConfigurationError);
  });

  it('takes an object that was archived after it was planned for one that can be read later', async () => {
    await expect(read(storage(failure(403, 'InvalidObjectState')).s3)).rejects.toThrow(TransientStorageError);
  });

  describe('over a real connection', () => {
    const bytes = Buffer.alloc(1024 * 1024, 'a');

    /** How many connections it took to read [0, to) twice, `stopAfter` bytes of it. */
    async function connectionsFor(to: number, stopAfter: number): Promise<number> {
      let connections = 0;
      const server = createServer(({ headers: { range = '' } }, response) => {
        const [from = 0, last = 0] = range.slice('bytes='.length).split('-').map(Number);
        response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${bytes.length}`, etag: object.etag });
        response.end(bytes.subarray(from, last + 1));
      }).on('connection', () => {
        connections += 1;
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const s3 = new S3Client({
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        region: 'us-east-1',
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
        forcePathStyle: true,
      });
      try {
        for (let time = 0; time < 2; time += 1) {
          let read = 0;
          for await (const block of readObject(s3, object, 0, to)) {
            read += block.length;
            if (read >= stopAfter) break;
          }
          expect(read).toBeGreaterThanOrEqual(stopAfter);
        }
        return connections;
      } finally {
        s3.destroy();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    }

    it('takes the same one for the next part', async () => {
      expect(await connectionsFor(bytes.length, bytes.length)).toBe(1);
    });

    it('takes the same one where the reader stopped shortly before the end', async () => {
      expect(await connectionsFor(bytes.length, bytes.length - 20_000)).toBe(1);
    });

    it('takes a new one rather than read to a far end', async () => {
      expect(await connectionsFor(bytes.length, 1)).toBe(2);
    });
  });
});
