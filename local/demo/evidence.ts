// What a run leaves behind in one Region, as far as the proofs look at it. Collected through S3 and SQL, as anyone could.
import type { Counts } from '../reviews/read-independently.ts';
import type { Contents } from './rows.ts';

/** A report, read with nothing but JSON.parse. */
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
  /** Made here, so that every value in it fits its column; a person's own file may hold anything. */
  made: boolean;
  /** What the independent reading counts in it. Null for a format that it does not read. */
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
  /** After everything was ingested once more. */
  again: { reports: SourceReport[]; listing: Listing; contents: Contents };
}
