// What Doctor answers: a finding for each thing that must hold before the first file.

export interface Finding {
  /** What was looked at. */
  what: string;
  /** Null: could not be told, since something before it is not ok. */
  ok: boolean | null;
  /** What was seen, in a few words; never a credential. */
  seen: string;
  /** What a person does about it; only where it is not ok. */
  advice?: string;
}

export interface Examination {
  region: string;
  findings: Finding[];
}

export const fine = (what: string, seen: string): Finding => ({ what, ok: true, seen });
export const wrong = (what: string, seen: string, advice: string): Finding => ({ what, ok: false, seen, advice });
export const unknown = (what: string, seen: string): Finding => ({ what, ok: null, seen });
