// Lines that are reviews, nearly reviews, or anything: the pieces are those at which JSON, SQL and UTF-8 can be read in two ways.
import type { Random } from './random.ts';

/** Parts of a JSON text, some of them not allowed there. */
const wildPieces = [
  ...["'", '"', '\\\\', '\\"', "\\'", '\\/', '\\b', '\\f', '\\n', '\\r', '\\t', '\\u0000', '\\u001a', '\\u0022'],
  ...['\\u0027', '\\u005c', '\\u005C', '\\u0025', '\\u005f', '\\ud83d\\ude00', '\\uD83D\\uDE00', '\\ud83d', '\\ude00'],
  ...['\\ud83dx', '\\udbff\\udfff', '\\ud800\\udc00', '\\u00e9', '\\u07ff', '\\u0800', '\\uffff', '\\ufffe', '\\u0080'],
  ...['\\u007f', '\\%', '\\_', '\\N', '\\Z', '\\0', '\\x', '\\u12', '\\U0041', '%', '_', ';', '--', '/*', '*/', '#'],
  ...['`', '?', '\u0001', '\u001a', '\u0000', '\t', '\u007f', 'é', '書', '😀', '\u2028', '\ufeff', '\uffff', '\uf8ff'],
  ...['a', 'abcdefghijklmno', 'abcdefghijklmnop', '0', 'NULL', "_utf8mb4'", "x'00'", "''", '""', '\\\\\\\\', "\\\\'"],
  ...['\\\\"', ' ', '  ', '\\\\u00', '\\\\u', '\\u0061'],
];
/** Those that keep a text in order. */
const tamePieces = wildPieces.filter((piece) => {
  const isText = /^([^"\\\p{Cc}]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*$/u.test(piece);
  return isText && !/^(\\u(d83d|ude00)x?|\\ude00)$/i.test(piece);
});

const numbers = [
  ...['0', '-0', '1', '5', '5.0', '5.00', '4.5', '5.01', '6', '-1', '05', '00', '5.', '.5', '+5', '5e0', '5E0', '5e+0'],
  ...['50e-1', '5.0e0', '1e400', '-1e400', '1e-400', '5e-324', '2.2250738585072011e-308', '9007199254740991'],
  ...['9007199254740993', '99999999999', '100000000000', '4294967295', '4294967296', '0.1', '0x5', '1_000', 'NaN'],
  ...['Infinity', 'true', 'false', 'null', '4.999999999999999999', '5.0000000000000001', '3 ', '1441324800000', '1e9'],
];
const tameRatings = ['0', '5', '5.0', '4.5', '5e0', '50e-1', '1e-400', '5e-324', '0.1', '-0', '4.999999999999999999'];
const tameTimes = ['0', '1441324800', '99999999999', '1e9', '1.0', '1e3', '-0'];
const tameVotes = ['"1"', '"007"', '"0000000000"', '"999999999"', '"1,234"', '1', '4294967295', '"4294967295"', '1e3'];
const wildVotes = [
  ...['1', '12', '0', '007', '0000000000', '4294967296', '1,234', '1,23', '1,234,567', '12,345,678,901', ' 1', '1 '],
  ...['-1', '1e3', ''],
];
const plainNames = [
  ...['reviewerID', 'asin', 'reviewerName', 'helpful', 'vote', 'reviewText', 'summary', 'overall', 'unixReviewTime'],
  ...['reviewTime', 'verified', 'style', 'image'],
];
/** Other spellings of columns, names that objects have by themselves, and names with escapes. */
const otherNames = [
  ...['reviewer_id', 'reviewer_name', 'review_text', 'overall_rating', 'unix_review_time', 'review_time', '__proto__'],
  ...['constructor', 'toString', 'x', 'ASIN', 'asin\u0000', 'as\\u0069n', 'unixReviewTimeX', '', 'revi\\\\u0065'],
  ...['revi\\u0065wText', 'styl\\u0065', 'sum\\\\u006d', 'sum\\u006dary'],
];
const otherLines = [
  '',
  ' ',
  '\t',
  '\r',
  ' \r',
  '\u0000',
  '{}',
  '[]',
  'null',
  '5',
  '"a"',
  '\ufeff',
  '\ufeff{}',
  '{',
  '}',
  'x',
];
const wildBooleans = ['true', 'truex', 'True', '1', 'null', 'tru', 'falsee', 'fals'];
const wildSpaces = [' ', '\t', '\r', ' \t\r ', '\u00a0', '\f', '\v', '\u0000', '\ufeff'];
const lengths = [31, 32, 33, 63, 64, 65, 511, 512, 513];

/** The line with a few bytes removed, added, replaced or repeated. */
function mutated(line: Buffer, { int, pick, chance }: Random): Buffer {
  const at = int(line.length + 1);
  const byte = Buffer.from([chance(0.5) ? int(256) : pick('{}[]":,\\\'u0 \r\t'.split('')).charCodeAt(0)]);
  switch (int(4)) {
    case 0:
      return Buffer.concat([line.subarray(0, at), line.subarray(at + 1 + int(3))]);
    case 1:
      return Buffer.concat([line.subarray(0, at), byte, line.subarray(at)]);
    case 2:
      return Buffer.concat([line.subarray(0, at), byte, line.subarray(at + 1)]);
    default:
      return Buffer.concat([line, line.subarray(at)]);
  }
}

/** Draws lines, which have no newline. Most are reviews, or no line's rows would be looked at. */
export function createLineMaker(random: Random): () => Buffer {
  const { int, pick, chance, some } = random;
  let isWild = false;
  const pieces = () => (isWild ? wildPieces : tamePieces);
  const inText = (most: number) => some(most, () => pick(pieces())).join('');
  const text = (most = 8) => `"${inText(most)}"`;
  const space = () => {
    if (chance(0.7)) return '';
    return pick(isWild ? wildSpaces : [' ', '  ', '\t', '\r']);
  };
  const spaced = (value: string) => `${space()}${value}${space()}`;
  const list = (most: number, make: () => string) => some(most, () => spaced(make())).join(',');
  const member = (make: () => string) => `${spaced(text(3))}:${spaced(make())}`;
  const anything = (depth = 0): string => {
    const kind = int(depth > 3 ? 3 : 6);
    if (kind < 2) return text(5);
    switch (kind) {
      case 2:
        return pick(numbers);
      case 3:
        return `[${list(2, () => anything(depth + 1))}]`;
      case 4:
        return `{${list(2, () => member(() => anything(depth + 1)))}}`;
      default:
        return pick(['null', 'true', 'false', '""', '{}', '[]']);
    }
  };
  const votes = () =>
    `[${spaced(String(int(1e9)))},${spaced(chance(isWild ? 0.2 : 0.02) ? pick(numbers) : String(int(1e9)))}]`;
  const longText = () => `"${pick(['a', 'é', '\\u0041', '😀']).repeat(pick(lengths))}"`;
  const number = (tame: string[]) => pick(isWild ? numbers : tame);

  const fieldValue = (name: string): string => {
    if (chance(isWild ? 0.08 : 0.01)) return anything();
    if (name.startsWith('overall')) return number(tameRatings);
    if (name.startsWith('unix')) return number(tameTimes);
    switch (name) {
      case 'helpful':
        return votes();
      case 'vote':
        return isWild ? `"${pick(wildVotes)}"` : pick(tameVotes);
      case 'verified':
        return pick(isWild ? wildBooleans : ['true', 'false']);
      case 'style':
        return `{${list(3, () => member(() => text(4)))}}`;
      case 'image':
        return `[${list(3, () => text(4))}]`;
      default:
        return chance(0.1) ? longText() : text();
    }
  };
  const field = (name: string, value = fieldValue(name)) => `${spaced(`"${name}"`)}:${spaced(value)}`;
  const record = (): string => {
    const fields: string[] = [];
    if (chance(0.95)) fields.push(field('reviewerID', `"R${inText(2)}"`));
    if (chance(0.95)) fields.push(field('asin', `"B${inText(2)}"`));
    fields.push(...some(6, () => field(pick(chance(isWild ? 0.8 : 0.95) ? plainNames : otherNames))));
    // The fields that a review must have need not be the first.
    for (let turn = chance(0.3) ? int(fields.length + 1) : 0; turn > 0; turn -= 1)
      fields.push(fields.shift() as string);
    return spaced(`{${fields.join(',')}}`);
  };
  return () => {
    isWild = chance(0.15);
    let line: Buffer = Buffer.from(chance(0.04) ? pick(otherLines) : record());
    const mutations = chance(isWild ? 0.4 : 0.03) ? 1 + int(3) : 0;
    for (let count = 0; count < mutations; count += 1) line = mutated(line, random);
    return Buffer.from(line.filter((byte) => byte !== 0x0a));
  };
}
