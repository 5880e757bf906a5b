// During a deployment, an execution calls functions of two versions, in either order. So each must take what the other one makes.
import { describe, expect, it } from '@jest/globals';
import { judgeSource } from '../../../functions/postprocess/judge-source.ts';
import { chunkProgress, chunkTask, parsePayload, source, sourceEnd } from '../../../functions/shared/contract.ts';
import * as former from '../../fixtures/contract/version-0.1.0.ts';
import { makeChunkResult, makeSource } from '../../support/sources.ts';

const formerSource = makeSource();
const formerProgress = makeChunkResult();
const newSource = { ...formerSource, checksum: 'crc64nvme:AAAAAAAAAAA=', uploadedAt: '2026-11-26T00:00:00.000Z' };
const newProgress = {
  ...formerProgress,
  misfits: { overall_rating: 1 },
  recordFormats: { '2023': 9 },
  container: 'lines',
  crc: { to: 100, value: '0'.repeat(16) },
};

describe('payloads of the version before', () => {
  it('are taken by this one', () => {
    expect(parsePayload(source, formerSource)).toEqual(formerSource);
    expect(parsePayload(chunkProgress, formerProgress)).toEqual(formerProgress);
    const task = { source: formerSource, chunkIndex: 0, progress: null };
    expect(parsePayload(chunkTask, task)).toEqual(task);
    const end = { source: formerSource, chunkResults: [formerProgress] };
    expect(judgeSource(parsePayload(sourceEnd, end), 50)).toMatchObject({ outcome: 'completed' });
  });

  it('may be mixed with those of this one: a source planned before, and a chunk read by either', () => {
    for (const mixed of [
      { source: formerSource, chunkResults: [newProgress] },
      { source: newSource, chunkResults: [formerProgress] },
    ]) {
      expect(judgeSource(parsePayload(sourceEnd, mixed), 50)).toMatchObject({ outcome: 'completed' });
    }
  });
});

describe('payloads of this version', () => {
  it('are taken by the version before', () => {
    expect(former.source.safeParse(newSource).success).toBe(true);
    expect(former.chunkProgress.safeParse(newProgress).success).toBe(true);
    const task = { source: newSource, chunkIndex: 0, progress: newProgress, startedAt: '2026-11-26T00:00:00.000Z' };
    expect(former.chunkTask.safeParse(task).success).toBe(true);
    expect(former.sourceEnd.safeParse({ source: newSource, chunkResults: [newProgress], startedAt: 'x' }).success).toBe(
      true,
    );
  });
});

describe('a payload that fits no version', () => {
  it('leaves the source pending: it is not to blame', () => {
    const { openEnd: _, ...damaged } = formerProgress;
    let error: unknown;
    try {
      parsePayload(chunkTask, { source: formerSource, chunkIndex: 0, progress: damaged });
    } catch (thrown) {
      error = thrown;
    }
    const { name, message } = error as Error;
    const Cause = JSON.stringify({ errorType: name, errorMessage: message });
    expect(judgeSource({ source: formerSource, error: { Error: name, Cause } }, 50)).toMatchObject({
      outcome: 'pending',
    });
  });
});
