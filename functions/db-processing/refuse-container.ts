// Recognizes files that this service does not read, by their first bytes. The message says what the file is and what to do.
import { isSkippableMagic, isZstdMagic } from './zstd-frames.ts';

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

const tar = {
  is: 'a tar archive',
  at: 257,
  magic: ascii('ustar'),
  todo: 'Unpack it: tar -xf FILE, then upload the files in it.',
};

const pandas = (reader: string) =>
  `python -c 'import pandas as pd; ${reader}.to_json("reviews.jsonl", orient="records", lines=True)'`;

/** The first entry of the zip archive that an Office document is. */
const officeParts = ['[Content_Types].xml', '_rels/.rels', 'docProps/', 'xl/', 'mimetypeapplication/vnd.oasis'];

const images: [string, number, number[]][] = [
  ['a PNG image', 0, [0x89, ...ascii('PNG\r\n')]],
  ['a JPEG image', 0, [0xff, 0xd8, 0xff]],
  ['a GIF image', 0, ascii('GIF8')],
  ['an MP4 video', 4, ascii('ftyp')],
];

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
  ...officeParts.map((part) => ({
    is: 'an Excel workbook or another Office document',
    at: 30,
    magic: ascii(part),
    todo: 'Save the sheet as "CSV UTF-8", then upload the CSV file.',
  })),
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
    is: 'an old Excel workbook (xls) or another old Office document',
    magic: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1],
    todo: 'Save the sheet as "CSV UTF-8", then upload the CSV file.',
  },
  {
    is: 'a rar archive',
    magic: [...ascii('Rar!'), 0x1a, 7],
    todo: 'Unpack it: unrar x FILE.rar, then upload the files in it.',
  },
  {
    is: 'an SQLite database',
    magic: [...ascii('SQLite format 3'), 0],
    todo: 'Export the table: sqlite3 -csv -header FILE "SELECT * FROM TABLE" > reviews.csv, then upload reviews.csv.',
  },
  ...['ARROW1', 'FEA1'].map((magic) => ({
    is: 'an Arrow (Feather) file',
    magic: ascii(magic),
    todo: `Convert it: ${pandas('pd.read_feather("FILE")')}, then upload reviews.jsonl.`,
  })),
  {
    is: 'an HDF5 file',
    magic: [0x89, ...ascii('HDF\r\n'), 0x1a, 0x0a],
    todo: `Convert it: ${pandas('pd.read_hdf("FILE")')}, then upload reviews.jsonl.`,
  },
  ...[2, 3, 4, 5].map((protocol) => ({
    is: 'a Python pickle',
    magic: [0x80, protocol],
    todo: `Convert it, if you trust whom it comes from: ${pandas('pd.read_pickle("FILE")')}, then upload reviews.jsonl.`,
  })),
  {
    is: 'a NumPy array',
    magic: [0x93, ...ascii('NUMPY')],
    todo: 'Export the reviews as JSON lines or CSV.',
  },
  ...['RDX2\n', 'RDX3\n', 'RDA2\n', 'RDA3\n', 'X\n\0\0\0\x02', 'X\n\0\0\0\x03'].map((magic) => ({
    is: 'an R data file',
    magic: ascii(magic),
    todo: 'Export the table in R: write.csv(TABLE, "reviews.csv", row.names = FALSE), then upload reviews.csv.',
  })),
  {
    is: 'a BSON dump of MongoDB',
    at: 4,
    magic: [7, ...ascii('_id'), 0],
    todo: 'Convert it: bsondump FILE.bson > reviews.jsonl, then upload reviews.jsonl.',
  },
  ...[
    [0x04, 0x22, 0x4d, 0x18],
    [0x02, 0x21, 0x4c, 0x18],
  ].map((magic) => ({
    is: 'an lz4 file',
    magic,
    todo: 'Compress it with gzip: lz4 -dc FILE.lz4 | gzip > FILE.gz, then upload FILE.gz.',
  })),
  {
    is: 'an lzip file',
    magic: ascii('LZIP'),
    todo: 'Compress it with gzip: lzip -dc FILE.lz | gzip > FILE.gz, then upload FILE.gz.',
  },
  {
    is: 'a compress (.Z) file',
    magic: [0x1f, 0x9d],
    todo: 'Compress it with gzip: zcat FILE.Z | gzip > FILE.gz, then upload FILE.gz.',
  },
  {
    is: 'a framed Snappy file',
    magic: [0xff, 6, 0, 0, ...ascii('sNaPpY')],
    todo: 'Decompress it, then upload the content as gzip.',
  },
  {
    is: 'an encrypted file',
    magic: ascii('Salted__'),
    todo: 'Decrypt it, then upload the content.',
  },
  ...['-----BEGIN PGP MESSAGE', 'age-encryption.org/'].map((magic) => ({
    is: 'an encrypted file',
    magic: ascii(magic),
    todo: 'Decrypt it, then upload the content.',
  })),
  {
    is: 'a pointer of Git LFS, without the content',
    magic: ascii('version https://git-lfs.github.com/spec/'),
    todo: 'Fetch the content: git lfs pull, then upload the file again.',
  },
  ...['-- MySQL dump', '-- MariaDB dump', '-- PostgreSQL database dump', '--\n-- PostgreSQL database dump'].map(
    (magic) => ({
      is: 'an SQL dump',
      magic: ascii(magic),
      todo: 'Load it into its database, and export the table as CSV or JSON lines.',
    }),
  ),
  ...images.map(([is, at, magic]) => ({ is, at, magic, todo: 'It is not a file of reviews.' })),
  tar,
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

export const compressions = ['gzip', 'zstd'] as const;

/** What kind of compression the bytes begin with. */
export function compressionOf(head: Uint8Array): (typeof compressions)[number] | null {
  if (startsWith(head, [0x1f, 0x8b])) return 'gzip';
  return isZstdMagic(head) || isSkippableMagic(head) ? 'zstd' : null;
}

/** Why a stream that begins with these bytes is refused. Null if it may hold reviews. */
export function refusalOf(head: Buffer): string | null {
  const known = refused.find(({ at = 0, magic }) => startsWith(head.subarray(at), magic)) ?? oldTar(head);
  if (known) return `the file is ${known.is}, which this service does not read. ${known.todo}`;
  return zlibRefusal(head) ?? encodingRefusal(head) ?? markupRefusal(head);
}

/** A tar archive from before ustar has no magic. The checksum of its header, at byte 148, counts itself as blanks. */
function oldTar(head: Buffer): Refused | undefined {
  if (head.length < refusalBytes) return undefined;
  const [, octal] = /^ *([0-7]{1,7})[ \0]/.exec(head.toString('latin1', 148, 156)) ?? [];
  const sum = head.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  return octal !== undefined && Number.parseInt(octal, 8) === sum ? tar : undefined;
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

/** UTF-16 or UTF-32 without a mark. JSON begins with ASCII, so every other byte, or three of four, is zero. */
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
