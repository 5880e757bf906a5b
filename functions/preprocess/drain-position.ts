// Where a drain goes on. To the state machine a cursor is a text without meaning; that of a takeover says whose objects it takes.
import type { PreprocessInput } from '../shared/contract.ts';
import { InvalidInputError } from '../shared/errors.ts';

export interface DrainPosition {
  /** The last key that was seen. */
  after?: string;
  /** In a takeover: the bucket that the objects were uploaded to. */
  takenFrom?: string;
}

/** No key under the pending prefix begins like this, and no bucket's name holds a space. */
const takeoverCursor = /^takeover (\S+) (.+)$/s;

/** @throws {InvalidInputError} for a takeover from the own bucket, which would ingest everything once more under other ids */
export function drainPosition(input: Exclude<PreprocessInput, unknown[]>, ownBucket: string): DrainPosition {
  const position = 'takeover' in input ? { takenFrom: input.takeover.originBucket } : afterCursor(input.cursor);
  if (position.takenFrom === ownBucket)
    throw new InvalidInputError('a takeover names the bucket of the peer, not its own');
  return position;
}

function afterCursor(cursor: string | undefined): DrainPosition {
  if (cursor === undefined) return {};
  const [, takenFrom, after] = takeoverCursor.exec(cursor) ?? [];
  return takenFrom !== undefined && after !== undefined ? { takenFrom, after } : { after: cursor };
}

export const cursorAfter = (key: string, { takenFrom }: DrainPosition) =>
  takenFrom === undefined ? key : `takeover ${takenFrom} ${key}`;
