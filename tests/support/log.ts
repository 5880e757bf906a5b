// A log that keeps what a core function told it.
import type { Log } from '../../functions/shared/telemetry.ts';

export interface KeptLog extends Log {
  lines: { level: keyof Log; sentence: string; values: Record<string, unknown> }[];
}

export function keepLog(): KeptLog {
  const lines: KeptLog['lines'] = [];
  const at = (level: keyof Log) => (sentence: string, values: Record<string, unknown>) => {
    lines.push({ level, sentence, values });
  };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}
