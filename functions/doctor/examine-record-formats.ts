// Checks the record formats that the stack's parameter adds.
import { readRecordFormats } from '../shared/read-record-formats.ts';
import { type Finding, fine, wrong } from './finding.ts';

const what = 'record formats';

/** `json`: the parameter RecordFormats. */
export function examineRecordFormats(json: string): Finding[] {
  try {
    const names = readRecordFormats(json).map(({ name }) => name);
    return [fine(what, names.length === 0 ? 'none added' : `added: ${names.join(', ')}`)];
  } catch (error) {
    const advice = 'Correct the parameter RecordFormats, as docs/formats.md describes it, and deploy the stack again.';
    return [wrong(what, (error as Error).message, advice)];
  }
}
