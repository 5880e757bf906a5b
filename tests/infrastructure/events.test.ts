import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseReview } from '../../functions/db-processing/parse-review.ts';
import { accountFor } from '../../functions/postprocess/account.ts';
import { nameObjects } from '../../functions/preprocess/name-objects.ts';
import { checksumText } from '../../functions/shared/checksum.ts';
import {
  chunkTask,
  type NamedObject,
  parsePayload,
  preprocessInput,
  sourceEnd,
  summaryRequest,
} from '../../functions/shared/contract.ts';
import { createCrc64 } from '../../functions/shared/crc64/crc64.ts';
import { sourceIdOf } from '../../functions/shared/source-id.ts';
import { matchesPattern } from '../../local/events/event-pattern.ts';
import { applyInputTemplate } from '../../local/events/input-template.ts';
import { objectCreatedEvent } from '../../local/events/object-created.ts';
import { sampleEventsOf } from '../../local/sam/sample-events.ts';
import { projectDirectory, stackOf } from '../support/template.ts';

const directory = join(projectDirectory, 'events');
const read = (name: string) => readFileSync(join(directory, name));
const event = (name: string): unknown => JSON.parse(read(name).toString('utf8'));

const stack = stackOf('us-east-1');
const sample = read('sample-reviews.jsonl');
const { source } = parsePayload(chunkTask, event('db-processing.json'));

describe('the sample events', () => {
  it('are one or more a function, one for the state machine, and the sample that they are about', () => {
    expect(readdirSync(directory).sort()).toEqual([
      'daily-summary.json',
      'db-processing.json',
      'doctor.json',
      'migrate.json',
      'postprocess.json',
      'preprocess-drain.json',
      'preprocess-pipe-batch.json',
      'sample-reviews.jsonl',
      'state-machine.json',
    ]);
  });

  it.each(['preprocess-pipe-batch.json', 'state-machine.json'])(
    '%s names the sample, as the pipe delivers it',
    (name) => {
      const batch = parsePayload(preprocessInput, event(name));
      const etag = createHash('md5').update(sample).digest('hex');
      expect(batch).toEqual([{ key: source.key, size: sample.length, etag }]);
      const uploaded = objectCreatedEvent(
        { key: source.key, sizeBytes: sample.length, etag, lastModified: new Date() },
        { region: 'us-east-1', accountId: '000000000000', bucket: stack.bucket },
      );
      expect(matchesPattern(stack.eventPattern, uploaded)).toBe(true);
      const body = JSON.stringify(uploaded);
      expect(batch).toEqual([applyInputTemplate(stack.pipe.inputTemplate, { body })]);
    },
  );

  it('preprocess-drain.json is a drain', () => {
    expect(parsePayload(preprocessInput, event('preprocess-drain.json'))).toEqual({});
  });

  it('daily-summary.json asks for yesterday, as the schedule does', () => {
    expect(parsePayload(summaryRequest, event('daily-summary.json'))).toEqual({});
  });

  it('db-processing.json is the task that preprocess would plan for the sample', () => {
    const md5 = createHash('md5').update(sample).digest('hex');
    const crc = createCrc64();
    crc.add(sample);
    const checksum = checksumText(crc.hex());
    expect(source).toEqual({
      sourceId: sourceIdOf({ originBucket: stack.bucket, key: source.key, sizeBytes: sample.length, checksum }),
      originBucket: stack.bucket,
      key: 'book-review/reviews/sample-reviews.jsonl',
      etag: `"${md5}"`,
      sizeBytes: sample.length,
      format: 'lines',
      chunkBytes: sample.length,
      chunkCount: 1,
      checksum,
    });
  });

  it('postprocess.json holds what DB-processing finds in the sample', () => {
    const end = parsePayload(sourceEnd, event('postprocess.json'));
    expect(end.source).toEqual(source);
    const lines = sample.toString('utf8').split('\n').slice(0, -1);
    const parsed = lines.filter((line) => line !== '').map((line) => parseReview(Buffer.from(line)));
    const reasons = parsed.filter((result) => typeof result === 'string');
    expect(accountFor(end.source, end.chunkResults ?? [])).toMatchObject({
      totals: {
        lines: lines.length,
        blank: lines.length - parsed.length,
        inserted: parsed.length - reasons.length,
        rejectedByReason: Object.fromEntries(reasons.map((reason) => [reason, 1])),
      },
    });
  });
});

describe('the sample events for another Region', () => {
  it('name that Region and its bucket, with the id that the sample has there', async () => {
    const to = await mkdtemp(join(tmpdir(), 'events-'));
    const written = await sampleEventsOf('us-east-2', { from: directory, to });
    const { source: there } = parsePayload(
      chunkTask,
      JSON.parse(await readFile(join(written, 'db-processing.json'), 'utf8')),
    );
    const batch = JSON.parse(await readFile(join(written, 'preprocess-pipe-batch.json'), 'utf8')) as NamedObject[];
    await rm(to, { recursive: true });
    const { bucket } = stackOf('us-east-2');
    expect(there).toEqual({ ...source, originBucket: bucket, sourceId: there.sourceId });
    expect(there.sourceId).not.toBe(source.sourceId);
    expect(nameObjects(batch, bucket)).toMatchObject({ keys: [source.key], drops: [] });
  });

  it('are the very files of events/ where that is the Region that they are about', async () => {
    expect(await sampleEventsOf('us-east-1', { from: directory, to: '/nowhere' })).toBe(directory);
  });
});
