// Where a drain continues. To the state machine a cursor is a text without meaning; it says what else the drain was told.
import type { PreprocessInput } from '../shared/contract.ts';
import { InvalidInputError } from '../shared/errors.ts';

export interface DrainPosition {
  /** The last key that was seen. */
  after?: string;
  /** In a takeover: the bucket that the objects were uploaded to. */
  takenFrom?: string;
  /** Skip objects that are younger than this. Their events process them. */
  minAgeSeconds?: number;
}

/** No key under the pending prefix begins like this, and no bucket's name has a space. */
const takeoverCursor = /^takeover (\S+) (.+)$/s;
const agedCursor = /^aged (\d+) (.+)$/s;

/** @throws {InvalidInputError} for a takeover from the own bucket, which would ingest everything once more under other ids */
export function drainPosition(input: Exclude<PreprocessInput, unknown[]>, ownBucket: string): DrainPosition {
  if ('minAgeSeconds' in input) return input;
  const position = 'takeover' in input ? { takenFrom: input.takeover.originBucket } : afterCursor(input.cursor);
  if (position.takenFrom === ownBucket)
    throw new InvalidInputError('a takeover names the bucket of the peer, not its own');
  return position;
}

function afterCursor(cursor: string | undefined): DrainPosition {
  if (cursor === undefined) return {};
  const [, takenFrom, takenAfter] = takeoverCursor.exec(cursor) ?? [];
  if (takenFrom !== undefined && takenAfter !== undefined) return { takenFrom, after: takenAfter };
  const [, seconds, agedAfter] = agedCursor.exec(cursor) ?? [];
  if (agedAfter !== undefined) return { minAgeSeconds: Number(seconds), after: agedAfter };
  return { after: cursor };
}

export function cursorAfter(key: string, { takenFrom, minAgeSeconds }: DrainPosition): string {
  if (takenFrom !== undefined) return `takeover ${takenFrom} ${key}`;
  return minAgeSeconds === undefined ? key : `aged ${minAgeSeconds} ${key}`;
}
