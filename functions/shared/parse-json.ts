// JSON.parse for text that others wrote. V8 (12.8 to 14.6, so Node 24) reads some property names wrongly: a name with an escape
// can come out as a name that an earlier object had, also across lines and invocations of a warm sandbox
// (https://github.com/nodejs/node/issues/63785). A reviver does not help. So V8 gets no name with an escape: such a name is
// replaced by its code units in hexadecimal, and the objects get their names back afterwards.

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
/** Begins a name that was replaced. A private-use character, so that hardly any other name begins with it. */
const marker = '\uf8ff';

/** @throws {SyntaxError} as JSON.parse does */
export function parseJson(text: string): unknown {
  if (!text.includes('\\')) return JSON.parse(text);
  const replaced = replaceNames(text);
  if (replaced === text) return JSON.parse(text);
  const value: unknown = JSON.parse(replaced);
  restoreNames(value);
  return value;
}

/** One pass over the strings of `text`. A text that is not JSON comes out as some other text that is not. */
function replaceNames(text: string): string {
  let out = '';
  let copied = 0;
  for (let begin = text.indexOf('"'); begin !== -1; begin = text.indexOf('"', begin + 1)) {
    let isEscaped = false;
    let end = begin + 1;
    for (; end < text.length && text.charCodeAt(end) !== quote; end += 1) {
      if (text.charCodeAt(end) !== backslash) continue;
      isEscaped = true;
      end += 1;
    }
    let next = end + 1;
    while (isBlank(text.charCodeAt(next))) next += 1;
    const isName = text.charCodeAt(next) === colon;
    if (isName && (isEscaped || text[begin + 1] === marker)) {
      const name = JSON.parse(text.slice(begin, end + 1)) as string;
      out += `${text.slice(copied, begin + 1)}${marker}${toHex(name)}`;
      copied = end;
    }
    begin = end;
  }
  return out + text.slice(copied);
}

/** In place, without recursion: JSON of others may be nested deeply. */
function restoreNames(value: unknown): void {
  const waiting = [value];
  for (let next = waiting.pop(); waiting.length > 0 || next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    waiting.push(...Object.values(next).filter((one) => typeof one === 'object' && one !== null));
    if (!Array.isArray(next)) renameIn(next as Record<string, unknown>);
  }
}

function renameIn(record: Record<string, unknown>): void {
  if (!Object.keys(record).some((name) => name.startsWith(marker))) return;
  const entries = Object.entries(record);
  // All of them, so that their order stays. As in JSON.parse, the last of two equal names counts, and __proto__ is a name like any other.
  for (const [name] of entries) delete record[name];
  for (const [name, value] of entries) {
    const own = name.startsWith(marker) ? fromHex(name.slice(marker.length)) : name;
    Object.defineProperty(record, own, { value, writable: true, enumerable: true, configurable: true });
  }
}

const isBlank = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
const toHex = (name: string) => Buffer.from(name, 'utf16le').toString('hex');
const fromHex = (hex: string) => Buffer.from(hex, 'hex').toString('utf16le');
