// Files that must fail as a whole: damaged ones, files with too few reviews, and formats that are refused.
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pick } from '../reviews/made-text.ts';
import { inGzip, inZstd } from './made-containers.ts';
import { type Content, inLines, inOneArray, type Maker, plantedText } from './made-content.ts';

/** A file that was cut off on its way, and the whole of it. */
export function cutOff(first: number, records: number, random: () => number): { damaged: Content; whole: Content } {
  const whole = pick<Maker>(random, [inGzip, inZstd, inOneArray])(first, records, random);
  // Behind the first bytes, which show what it is, and far before what a file may lack at its end.
  const end = Math.floor(whole.body.length * (0.2 + 0.6 * random()));
  const damaged: Content = {
    body: whole.body.subarray(0, end),
    truth: { ends: 'failed', reason: 'InvalidInputError' },
  };
  return { damaged, whole };
}

/** More lines are no reviews than MaxRejectedPercent allows, or all of them. */
export const mostlyRejected: Maker = (first, records, random) => {
  const badLine = `no review: ${plantedText}\n`;
  const isAll = random() < 0.3;
  const lines = isAll ? [] : inLines(first, records, random).body.toString('utf8').trimEnd().split('\n');
  const text = lines.map((line) => `${line}\n${badLine.repeat(3)}`).join('') || badLine.repeat(records);
  return { body: Buffer.from(text), truth: { ends: 'failed', reason: 'TooManyRejected' } };
};

const afterZeros = (bytes: number, text: string) => Buffer.concat([Buffer.alloc(bytes), Buffer.from(text, 'latin1')]);
/** A zip archive's first entry, with this name. */
const zipOf = (name: string) => Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(26), Buffer.from(name)]);
/** With text behind its beginning, and an end that a Parquet file has. */
const file = (beginning: Buffer) =>
  Buffer.concat([beginning, Buffer.from(`${plantedText}\n`.repeat(30)), Buffer.from('PAR1')]);
const tar = file(Buffer.concat([Buffer.from('reviews.json'), afterZeros(245, 'ustar\x0000'), Buffer.alloc(248)]));

/** How files begin that hold no text of reviews, each byte a character. */
const beginnings = [
  // Data.
  'PAR1\x15\x04',
  'PARE',
  'Obj\x01',
  'ORC',
  'ARROW1\x00\x00',
  'FEA1',
  '\x89HDF\r\n\x1a\n',
  'SQLite format 3\x00',
  '\x80\x04\x95',
  '\x93NUMPY\x01\x00',
  'RDX3\nX\n',
  'X\n\x00\x00\x00\x03',
  '\x40\x00\x00\x00\x07_id\x00',
  '-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n',
  '--\n-- PostgreSQL database dump\n--\n',
  // Documents.
  '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
  '%PDF-1.7\n',
  '<!DOCTYPE html>\n<html><body>',
  '<?xml version="1.0"?>\n<reviews>',
  // Archives.
  'PK\x03\x04\x14\x00',
  'PK\x05\x06',
  'Rar!\x1a\x07\x01\x00',
  "7z\xbc\xaf'\x1c",
  // Other compression.
  'BZh91AY&SY',
  '\xfd7zXZ\x00',
  '\x04\x22\x4d\x18',
  'LZIP\x01',
  '\x1f\x9d\x90',
  '\xff\x06\x00\x00sNaPpY',
  'x\x9c',
  // Text in another encoding.
  '\xff\xfe\x00\x00{\x00\x00\x00',
  '\x00\x00\xfe\xff\x00\x00\x00{',
  // No content.
  'Salted__',
  '-----BEGIN PGP MESSAGE-----\n',
  'version https://git-lfs.github.com/spec/v1\n',
  '\x89PNG\r\n\x1a\n',
  '\xff\xd8\xff\xe0',
  'GIF89a',
  '\x00\x00\x00\x18ftypmp42',
];

/** Windows writes a mark before such text, and other systems do not. */
const withoutMark = Buffer.from(
  `{"reviewerID":"R1","asin":"A1","reviewText":"${plantedText}"}\n`.repeat(30),
  'utf16le',
);

/** What a service of reviews does not read. */
export const foreignFiles: Buffer[] = [
  ...beginnings.map((text) => file(Buffer.from(text, 'latin1'))),
  ...['[Content_Types].xml', 'xl/workbook.xml', 'mimetypeapplication/vnd.oasis.opendocument'].map((name) =>
    file(zipOf(name)),
  ),
  tar,
  withoutMark,
  Buffer.from(withoutMark).swap16(),
  gzipSync(tar),
  gzipSync(gzipSync(plantedText)),
  zstdCompressSync(gzipSync(plantedText)),
];

/** Told by its first bytes, and not read. */
export const refused: Maker = (_first, _records, random) => ({
  body: pick(random, foreignFiles),
  truth: { ends: 'failed', reason: 'UnsupportedFormat' },
});

/** Below a folder: markers and checksums of tools, which are no sources. */
export const hiddenNames = ['_SUCCESS', '.part-0.json.crc', '_temporary/0/part-0.json', '._a.json'];
