import { describe, expect, it } from '@jest/globals';
import { applyInputTemplate } from '../../local/events/input-template.ts';
import { stackOf } from '../support/template.ts';

const { inputTemplate, batchSize } = stackOf('us-east-1').pipe;
const record = (key: string) => ({
  body: JSON.stringify({ detail: { object: { key, size: 262_144, etag: 'e'.repeat(32), sequencer: '00' } } }),
});

describe("the Pipe's input template", () => {
  it('keeps key, size and ETag of an event, also where the key holds quotes or a place of the template', () => {
    for (const key of ['book-review/reviews/a.json', 'a"b\\c', 'ü \u0001 \u2028', '<$.body.x>']) {
      expect(applyInputTemplate(inputTemplate, record(key))).toEqual({ key, size: 262_144, etag: 'e'.repeat(32) });
    }
  });

  it('makes a full batch of the longest keys fit the input of an execution', () => {
    const batch = Array.from({ length: batchSize }, () => applyInputTemplate(inputTemplate, record('k'.repeat(1_024))));
    expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(256 * 1024);
  });
});
