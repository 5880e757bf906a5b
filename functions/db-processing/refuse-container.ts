// Files that this service does not read, told by their first bytes. The message says what the file is and what to do.

/** Bytes from the start of a stream that the decision needs: a tar header names itself at byte 257. */
export const refusalBytes = 512;

interface Refused {
  is: string;
  todo: string;
  at?: number;
  magic: readonly number[];
}

const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];

const duckdb = (reader: string) =>
  `Convert it: duckdb -c "COPY (FROM ${reader}) TO 'reviews.jsonl' (FORMAT json)", then upload reviews.jsonl.`;

/** The order counts: the mark of UTF-32 begins like that of UTF-16. */
export const refused: readonly Refused[] = [
  { is: 'a Parquet file', magic: ascii('PAR1'), todo: duckdb("'FILE.parquet'") },
  { is: 'an encrypted Parquet file', magic: ascii('PARE'), todo: 'Decrypt it and convert it to JSON lines.' },
  { is: 'an Avro file', magic: [...ascii('Obj'), 1], todo: duckdb("read_avro('FILE.avro')") },
  {
    is: 'an ORC file',
    magic: ascii('ORC'),
    todo: 'Convert it: orc-tools data FILE.orc > reviews.jsonl, then upload reviews.jsonl.',
  },
  ...[
    [3, 4],
    [5, 6],
    [7, 8],
  ].map((end) => ({
    is: 'a zip archive',
    magic: [0x50, 0x4b, ...end],
    todo: 'Unpack it: unzip FILE.zip, then upload the files in it.',
  })),
  {
    is: 'a tar archive',
    at: 257,
    magic: ascii('ustar'),
    todo: 'Unpack it: tar -xf FILE, then upload the files in it.',
  },
  {
    is: 'a bzip2 file',
    magic: ascii('BZh'),
    todo: 'Compress it with gzip: bzcat FILE.bz2 | gzip > FILE.gz, then upload FILE.gz.',
  },
  {
    is: 'an xz file',
    magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0],
    todo: 'Compress it with gzip: xzcat FILE.xz | gzip > FILE.gz, then upload FILE.gz.',
  },
  {
    is: 'a 7z archive',
    magic: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c],
    todo: 'Unpack it: 7z x FILE.7z, then upload the files in it.',
  },
  { is: 'a PDF document', magic: ascii('%PDF-'), todo: 'Export the reviews as JSON lines or CSV.' },
  ...[
    [0xff, 0xfe, 0, 0],
    [0, 0, 0xfe, 0xff],
  ].map((magic) => ({
    is: 'UTF-32 text',
    magic,
    todo: 'Convert it: iconv -f UTF-32 -t UTF-8 FILE > reviews.jsonl, then upload reviews.jsonl.',
  })),
];

/** What kind of compression the bytes begin with. */
export function compressionOf(head: Uint8Array): 'gzip' | 'zstd' | null {
  if (startsWith(head, [0x1f, 0x8b])) return 'gzip';
  return startsWith(head, [0x28, 0xb5, 0x2f, 0xfd]) ? 'zstd' : null;
}

/** Why a stream that begins with these bytes is refused; null if it may hold reviews. */
export function refusalOf(head: Buffer): string | null {
  const known = refused.find(({ at = 0, magic }) => startsWith(head.subarray(at), magic));
  if (known) return `the file is ${known.is}, which this service does not read. ${known.todo}`;
  return zlibRefusal(head) ?? encodingRefusal(head) ?? markupRefusal(head);
}

/** A zlib header is two bytes: deflate with a window, and a checksum of both by 31. No text begins with these pairs. */
function zlibRefusal(head: Buffer): string | null {
  const isZlib = head[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(head[1] ?? -1);
  // `x^` is the only pair that could be text.
  if (!isZlib || (head[1] === 0x5e && isText(head))) return null;
  return (
    'the file is a zlib stream, which this service does not read. ' +
    'Compress it with gzip: zlib-flate -uncompress < FILE | gzip > FILE.gz, then upload FILE.gz.'
  );
}

/** Wide text without a mark: JSON begins with ASCII, so every other byte, or three of four, is zero. */
function encodingRefusal(head: Buffer): string | null {
  if (head.length < 4) return null;
  const zeros = [...head.subarray(0, 4)].map((byte) => (byte === 0 ? '0' : 'x')).join('');
  const encoding = { x000: 'UTF-32LE', '000x': 'UTF-32BE', x0x0: 'UTF-16LE', '0x0x': 'UTF-16BE' }[zeros];
  if (encoding === undefined) return null;
  const name = encoding.slice(0, 6);
  return (
    `the file is ${name} text without a byte order mark, which this service does not read. ` +
    `Convert it: iconv -f ${encoding} -t UTF-8 FILE > reviews.jsonl, then upload reviews.jsonl.`
  );
}

function markupRefusal(head: Buffer): string | null {
  const text = head
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  if (/^<\?xml\b/i.test(text) && !/<html\b/i.test(text))
    return 'the file is an XML document, which this service does not read. Export the reviews as JSON lines or CSV.';
  if (/^<(\?xml|!doctype|!--|[a-z])/i.test(text))
    return (
      'the file is an HTML or XML document, which this service does not read. ' +
      'It may be the error page of a download: download the file again.'
    );
  return null;
}

const startsWith = (head: Uint8Array, magic: readonly number[]) => magic.every((byte, index) => head[index] === byte);

const isText = (head: Buffer) => head.every((byte) => byte >= 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
