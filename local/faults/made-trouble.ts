// Files that must fail as a whole: damaged ones, files with too few reviews, and formats that are refused.
import { pick } from '../reviews/made-text.ts';
import { type Content, inArray, inGzip, inLines, inZstd, type Maker, plantedText } from './made-content.ts';

/** A file that was cut off on its way, and the whole of it. */
export function cutOff(first: number, records: number, random: () => number): { damaged: Content; whole: Content } {
  const whole = pick<Maker>(random, [inGzip, inZstd, inArray])(first, records, random);
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

const beginnings: (string | number[])[] = [
  [0x50, 0x4b, 0x03, 0x04, 0x14, 0x00],
  'PAR1\u0015\u0004',
  '<!DOCTYPE html>\n<html><body>',
  'BZh91AY&SY',
  '%PDF-1.7\n',
];

/** Told by its first bytes, and not read. */
export const refused: Maker = (_first, records, random) => {
  const beginning = Buffer.from(pick(random, beginnings) as string);
  const body = Buffer.concat([beginning, Buffer.from(`${plantedText}\n`.repeat(records)), Buffer.from('PAR1')]);
  return { body, truth: { ends: 'failed', reason: 'UnsupportedFormat' } };
};

/** Below a folder: markers and checksums of tools, which are no sources. */
export const hiddenNames = ['_SUCCESS', '.part-0.json.crc', '_temporary/0/part-0.json', '._a.json'];
