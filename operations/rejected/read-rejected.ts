// Reads the rejected records of a Region's bucket, one object in memory at a time.

import type { RejectedRecord } from '../../functions/db-processing/rejected-records.ts';
import { rejectedPrefix, reportKey } from '../../functions/shared/keys.ts';
import { parseJson } from '../../functions/shared/parse-json.ts';
import { readText } from '../../functions/shared/read-text.ts';
import { rejectedNameOf, rejectedStem, uploadKeyOf } from '../file-names.ts';
import { listObjects, type Store } from '../objects.ts';
import { parseReport } from '../reports.ts';

/** A record with the file that it came from. */
export interface FoundRecord extends Omit<RejectedRecord, 'reason'> {
  file: string;
  sourceId: string;
  reason: string;
}

export interface RejectedChoice {
  file: string | null;
  reason: string | null;
}

/**
 * By file, in the order of the objects. Each offset of a source comes once: a chunk that was repeated may have written a
 * record into two objects. Objects of a reading that was given up for another one are left out. @throws an error of functions/shared/errors.ts
 */
export async function* readRejected({ file, reason }: RejectedChoice, store: Store): AsyncGenerator<FoundRecord> {
  let source = '';
  let offsets = new Set<number>();
  let counting = '';
  const prefix = file === null ? rejectedPrefix : rejectedStem(uploadKeyOf(file));
  for await (const { key } of listObjects(store, prefix)) {
    const name = rejectedNameOf(key);
    // The prefix of `a.json` also lists the objects of `a.json.gz`.
    if (name === null || (file !== null && !/^[0-9a-f]{32}\/(whole\/)?\d+\.jsonl$/.test(key.slice(prefix.length))))
      continue;
    if (name.sourceId !== source) {
      source = name.sourceId;
      offsets = new Set();
      counting = await countingPrefix(name, store);
    }
    if (!key.startsWith(counting)) continue;
    const object = await readText(store, key);
    for (const record of object ? recordsOf(object.text) : []) {
      if (offsets.has(record.offset)) continue;
      offsets.add(record.offset);
      if (reason === null || isOfReason(record.reason, reason)) yield { ...name, ...record };
    }
  }
}

/** What the names of the objects begin with that the source's report counts, or empty if there is no report yet. */
async function countingPrefix({ file, sourceId }: { file: string; sourceId: string }, store: Store): Promise<string> {
  const report = await readText(store, reportKey({ key: file, sourceId }));
  return (report && parseReport(report.text)?.rejectedPrefix) ?? '';
}

/** `missing:asin` matches the reasons `missing` and `missing:asin`. */
export const isOfReason = (found: string, wanted: string): boolean =>
  found === wanted || found.startsWith(`${wanted}:`);

export function* recordsOf(text: string): Generator<RejectedRecord> {
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      const record = parseJson(line) as RejectedRecord;
      if (typeof record?.offset === 'number' && typeof record.line === 'string') yield record;
    } catch {
      // A person put it there. The service writes whole lines.
    }
  }
}
