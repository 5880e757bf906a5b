// UTF-16 with a byte order mark becomes UTF-8. Everything else passes as it is.

/** Those that become UTF-8. */
export const encodings = ['utf-16le', 'utf-16be'] as const;
type Encoding = (typeof encodings)[number];

/**
 * `head`: the first bytes of `blocks`. The mark itself is left out. Offsets count in the UTF-8 stream. Half of a surrogate pair becomes
 * bytes that are not UTF-8, so that its record is rejected and not changed. An odd byte at the end passes as it is.
 */
export async function* transcode(
  head: Uint8Array,
  blocks: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const encoding = encodingOf(head);
  if (encoding === null) {
    yield* blocks;
    return;
  }
  let carried = Buffer.alloc(0);
  let isFirst = true;
  for await (const block of blocks) {
    const bytes = Buffer.concat([carried, block]);
    let text = decode(bytes, encoding);
    // The other half of a pair may come with the next block.
    if (/[\ud800-\udbff]$/.test(text)) text = text.slice(0, -1);
    carried = bytes.subarray(2 * text.length);
    if (text === '') continue;
    yield toUtf8(isFirst ? text.replace(/^\ufeff/, '') : text);
    isFirst = false;
  }
  const text = decode(carried, encoding);
  yield Buffer.concat([toUtf8(text), carried.subarray(2 * text.length)]);
}

/** Without an odd byte at the end. */
function decode(bytes: Buffer, encoding: Encoding): string {
  const units = bytes.subarray(0, bytes.length - (bytes.length % 2));
  return (encoding === 'utf-16be' ? Buffer.from(units).swap16() : units).toString('utf16le');
}

const halves = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Half of a pair is written as UTF-8 would write its number, which no reader of UTF-8 takes. */
function toUtf8(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts: Buffer[] = [];
  let from = 0;
  for (const { index } of text.matchAll(halves)) {
    const unit = text.charCodeAt(index);
    parts.push(Buffer.from(text.slice(from, index)));
    parts.push(Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]));
    from = index + 1;
  }
  parts.push(Buffer.from(text.slice(from)));
  return Buffer.concat(parts);
}

/** Null for UTF-8, and for what says nothing of it. */
export function encodingOf([first, second]: Uint8Array): Encoding | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : null;
}
