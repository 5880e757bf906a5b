// Doctor's answer: a finding for each condition of the first file.

export interface Finding {
  /** What was checked. */
  what: string;
  /** Null: unknown, because an earlier check is not ok. */
  ok: boolean | null;
  /** The result in a few words, never a credential. */
  seen: string;
  /** What a person should do. Only if it is not ok. */
  advice?: string;
}

export interface Examination {
  region: string;
  findings: Finding[];
}

export const fine = (what: string, seen: string): Finding => ({ what, ok: true, seen });
export const wrong = (what: string, seen: string, advice: string): Finding => ({ what, ok: false, seen, advice });
export const unknown = (what: string, seen: string): Finding => ({ what, ok: null, seen });
