// Parses JSON as tools write it: standard JSON, and Python's NaN and Infinity.
import { parseJson } from '../shared/parse-json.ts';

/** Undefined if the text is not JSON. NaN becomes null, and Infinity an infinite number. */
export function parseTolerantly(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    const standard = withoutPythonNumbers(text);
    if (standard === null) return undefined;
    try {
      return parseJson(standard);
    } catch {
      return undefined;
    }
  }
}

const pythonNumbers = /NaN|Infinity/g;

/** Null if there are none outside of strings. */
function withoutPythonNumbers(text: string): string | null {
  if (!text.includes('NaN') && !text.includes('Infinity')) return null;
  let changed = '';
  let isChanged = false;
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const end = quote === -1 ? text.length : quote;
    const between = text.slice(at, end);
    // JSON.parse reads a number that is too large for a double as infinite.
    const standard = between.replace(pythonNumbers, (token) => (token === 'NaN' ? 'null' : '1e999'));
    isChanged ||= standard !== between;
    at = quote === -1 ? end : afterText(text, quote);
    changed += standard + text.slice(end, at);
  }
  return isChanged ? changed : null;
}

function afterText(text: string, quote: number): number {
  let at = quote + 1;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') return at + 1;
    at += character === '\\' ? 2 : 1;
  }
  return text.length;
}
