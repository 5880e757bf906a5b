// UTF-16 with a byte order mark becomes UTF-8. Everything else passes as it is.

/** `head`: the first bytes of `blocks`. The mark itself is left out. Offsets count in the UTF-8 stream. */
export async function* transcode(
  head: Uint8Array,
  blocks: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const encoding = encodingOf(head);
  if (encoding === null) {
    yield* blocks;
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const block of blocks) yield Buffer.from(decoder.decode(block, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/** Null for UTF-8, and for what says nothing of it. */
export function encodingOf([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : null;
}
