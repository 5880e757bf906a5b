// Writes rejected records for people to work through, as objects of JSON lines under the rejected prefix.
import { isUtf8 } from 'node:buffer';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Source } from '../shared/contract.ts';
import { ConfigurationError, TransientStorageError } from '../shared/errors.ts';
import { rejectedKey } from '../shared/keys.ts';
import { httpStatus, statusOf } from '../shared/s3.ts';
import type { RejectionReason } from './parse-review.ts';
import { bytesOf, type Line } from './split-lines.ts';

/** One line of the object. */
export interface RejectedRecord {
  /** As in `source_offset`. */
  offset: number;
  reason: RejectionReason;
  line: string;
  /** Set if the line is not valid UTF-8. */
  lineEncoding?: 'base64';
  /** Set if only the beginning of the line is kept. */
  truncated?: true;
}

/** Write an object when its records reach this size. They are in memory until then, and the write needs three copies of them. */
const partBytes = 1024 * 1024;

export interface RejectedRecords {
  add(line: Line, reason: RejectionReason): void;
  /** Writes the records so far, if they are enough for an object. */
  flushFull(): Promise<void>;
  flush(): Promise<void>;
}

/**
 * An object has the name of its first record's offset, so a repeated chunk overwrites its own objects. With another deadline, it may
 * divide them at other records. A record can then be in two objects, with the same offset.
 * @throws {TransientStorageError} or {ConfigurationError}, from the flushes
 */
export function createRejectedRecords(
  s3: Pick<S3Client, 'send'>,
  bucket: string,
  source: Pick<Source, 'sourceId' | 'key'> & Partial<Pick<Source, 'format'>>,
): RejectedRecords {
  let texts: string[] = [];
  let bytes = 0;
  let firstOffset = 0;

  const flush = async () => {
    if (texts.length === 0) return;
    const key = rejectedKey(source, firstOffset);
    const body = Buffer.from(texts.join(''));
    texts = [];
    bytes = 0;
    try {
      await s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/x-ndjson' }),
      );
    } catch (cause) {
      if (statusOf(cause) === httpStatus.forbidden)
        throw new ConfigurationError('writing rejected records is not allowed', { cause });
      throw new TransientStorageError('rejected records could not be written', { cause });
    }
  };
  return {
    add(line, reason) {
      if (texts.length === 0) firstOffset = line.offset;
      const text = `${oneLine(JSON.stringify(rejectedRecord(line, reason)))}\n`;
      texts.push(text);
      // The size need not be exact, so UTF-16 units are good enough.
      bytes += text.length;
    },
    flushFull: async () => {
      if (bytes >= partBytes) await flush();
    },
    flush,
  };
}

/** JSON allows these line breaks of Unicode in a string. Python's splitlines and Node's readline split there. */
const oneLine = (json: string) =>
  json.replace(/[\u0085\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

function rejectedRecord(line: Line, reason: RejectionReason): RejectedRecord {
  const { offset, tooLong } = line;
  const bytes = bytesOf(line);
  const text = textOf(bytes, tooLong);
  return {
    offset,
    reason,
    line: text ?? bytes.toString('base64'),
    ...(text === null && { lineEncoding: 'base64' as const }),
    ...(tooLong && { truncated: true as const }),
  };
}

/** Null if the bytes are not UTF-8. If a cut divides a character, its first bytes (three at most) are left out. */
function textOf(bytes: Buffer, cut: boolean): string | null {
  for (let left = 0; left <= (cut ? 3 : 0); left += 1) {
    const whole = bytes.subarray(0, bytes.length - left);
    if (isUtf8(whole)) return whole.toString('utf8');
  }
  return null;
}
