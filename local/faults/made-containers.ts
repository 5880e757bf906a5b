// Content for the campaign behind a byte order mark, compressed, or in UTF-16. None of these changes what the records become.
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pick } from '../reviews/made-text.ts';
import { type Content, inLines, type Maker, type Random } from './made-content.ts';

/** Behind a byte order mark, which belongs to the first line. */
export const inMarkedLines: Maker = (first, records, random) => {
  const { body, truth } = inLines(first, records, random);
  const mark = Buffer.from('\ufeff');
  if (truth.ends === 'completed')
    for (const row of truth.rows) if (row.source_offset > 0) row.source_offset += mark.length;
  return { body: Buffer.concat([mark, body]), truth };
};

/** The same bytes behind a mark, or compressed, which changes no offset: they count in what comes out. */
type Wrap = (content: Content, random: Random) => Content;

/** In one member or two, and some with zeros behind the end. */
const gzipped: Wrap = ({ body, truth }, random) => {
  const cut = Math.floor(random() * body.length);
  const members = random() < 0.3 ? [body.subarray(0, cut), body.subarray(cut)] : [body];
  const padding = Buffer.alloc(random() < 0.2 ? 512 : 0);
  return { body: Buffer.concat([...members.map((member) => gzipSync(member)), padding]), truth };
};

/** In one frame or two. */
const zstandard: Wrap = ({ body, truth }, random) => {
  const cut = Math.floor(random() * body.length);
  const frames = random() < 0.3 ? [body.subarray(0, cut), body.subarray(cut)] : [body];
  return { body: Buffer.concat(frames.map((frame) => zstdCompressSync(frame))), truth };
};

/** With a byte order mark. Offsets count in UTF-8, behind the mark. */
const inWideText: Wrap = ({ body, truth }, random) => {
  const bytes = Buffer.from(`\ufeff${body.toString('utf8')}`, 'utf16le');
  return { body: random() < 0.5 ? bytes : bytes.swap16(), truth };
};

const wrapped =
  (wrap: Wrap, makers: readonly Maker[]): Maker =>
  (first, records, random) =>
    wrap(pick(random, makers)(first, records, random), random);

export const inGzip = wrapped(gzipped, [inLines]);
export const inZstd = wrapped(zstandard, [inLines]);
/** `makers`: of text in UTF-8 without a mark. */
export const inUtf16 = (makers: readonly Maker[]) => wrapped(inWideText, makers);
export const compressed = (makers: readonly Maker[]): Maker[] => [wrapped(gzipped, makers), wrapped(zstandard, makers)];
