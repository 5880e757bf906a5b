// Collects the results of a run in one Region for the proofs. It uses only S3 and SQL, as anyone could.
import type { Counts } from '../reviews/read-independently.ts';
import type { Contents } from './rows.ts';

/** A report, read only with JSON.parse. */
export interface SourceReport {
  outcome: string;
  reason: string | null;
  source: { key: string; sourceId: string };
  /** Null unless the file was read to its end. */
  totals:
    | (Record<'lines' | 'inserted' | 'alreadyPresent' | 'rejected' | 'blank', number> & {
        rejectedByReason: Record<string, number>;
        /** Values that did not fit, by column. */
        misfits?: Record<string, number>;
      })
    | null;
  rejectedPrefix: string;
}

export interface UploadedFile {
  /** Its key below the pending prefix. */
  name: string;
  path: string;
  sizeBytes: number;
  /** The demo made this file, so every value fits its column. A person's file may contain anything. */
  made: boolean;
  /** The counts of the independent reading. Null for a format that it does not read. */
  expected: Counts | null;
}

/** Keys below each prefix. */
export interface Listing {
  pending: string[];
  completed: string[];
  failed: string[];
  /** Below the prefix of rejected records. */
  rejected: string[];
}

export interface RegionEvidence {
  files: UploadedFile[];
  /** After the first pass. */
  reports: SourceReport[];
  listing: Listing;
  /** Lines in the objects of rejected records. */
  rejectedLines: number;
  contents: Contents;
  /** After the second pass. */
  again: { reports: SourceReport[]; listing: Listing; contents: Contents };
}
