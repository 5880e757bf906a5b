// JSON as RFC 8259 has it, read without JSON.parse: V8's own reads some property names wrongly, and the product uses it.

export type JsonValue = string | number | boolean | null | JsonValue[] | Map<string, JsonValue>;

const escapes: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const number = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const words = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** An object's last value of a name counts. -0 becomes 0. @throws {Error} if `text` is no JSON */
export function readJson(text: string): JsonValue {
  let at = 0;
  const fail = (): never => {
    throw new Error(`no JSON at ${at}`);
  };
  const skip = () => {
    while (at < text.length && ' \t\n\r'.includes(text[at] as string)) at += 1;
  };
  const take = (token: string): boolean => {
    skip();
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };
  const readString = (): string => {
    let value = '';
    for (;;) {
      const unit = text[at] ?? fail();
      at += 1;
      if (unit === '"') return value;
      if (unit < ' ') fail();
      if (unit !== '\\') value += unit;
      else if (text[at] === 'u') {
        const digits = /^[0-9a-fA-F]{4}$/.exec(text.slice(at + 1, at + 5)) ?? fail();
        value += String.fromCharCode(Number.parseInt(digits[0], 16));
        at += 5;
      } else {
        value += escapes[text[at] ?? ''] ?? fail();
        at += 1;
      }
    }
  };
  const readMembers = (): JsonValue => {
    const members = new Map<string, JsonValue>();
    if (take('}')) return members;
    do {
      if (!take('"')) fail();
      const name = readString();
      if (!take(':')) fail();
      members.set(name, readValue());
    } while (take(','));
    return take('}') ? members : fail();
  };
  const readItems = (): JsonValue => {
    const items: JsonValue[] = [];
    if (take(']')) return items;
    do items.push(readValue());
    while (take(','));
    return take(']') ? items : fail();
  };
  const readValue = (): JsonValue => {
    if (take('"')) return readString();
    if (take('{')) return readMembers();
    if (take('[')) return readItems();
    for (const [word, value] of words) if (take(word)) return value;
    number.lastIndex = at;
    const [digits] = number.exec(text) ?? fail();
    at += digits.length;
    return Number(digits) + 0;
  };
  const value = readValue();
  skip();
  return at === text.length ? value : fail();
}
