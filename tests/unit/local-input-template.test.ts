import { describe, expect, it } from '@jest/globals';
import { applyInputTemplate } from '../../local/events/input-template.ts';
import { stackOf } from '../support/template.ts';

const { pipe, smallBatchPipe } = stackOf('us-east-1');
const { inputTemplate } = pipe;
const record = (key: string) => ({
  body: JSON.stringify({ detail: { object: { key, size: 262_144, etag: 'e'.repeat(32), sequencer: '00' } } }),
});

describe("the Pipe's input template", () => {
  it('keeps key, size and ETag of an event, also where the key holds quotes or a place of the template', () => {
    for (const key of ['book-review/reviews/a.json', 'a"b\\c', 'ü \u0001 \u2028', '<$.body.x>']) {
      expect(applyInputTemplate(inputTemplate, record(key))).toEqual({ key, size: 262_144, etag: 'e'.repeat(32) });
    }
  });

  it('is that of the pipe for long keys too, of which a full batch fits the input of an execution', () => {
    expect(smallBatchPipe?.inputTemplate).toBe(inputTemplate);
    const message = applyInputTemplate(inputTemplate, record('\u0001'.repeat(1_024)));
    const batch = Array.from({ length: smallBatchPipe?.batchSize ?? 0 }, () => message);
    expect(batch.length).toBeGreaterThan(1);
    expect(JSON.stringify(batch).length).toBeLessThan(262_144);
  });
});
