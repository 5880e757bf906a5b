// Words that made reviews are built of, and the repeatable random numbers that choose them.

/** Numbers in [0, 1) that depend on the seed alone (mulberry32 over an FNV-1a hash of the seed). */
export function randomBySeed(seed: string): () => number {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** An identifier as the shop writes them: `prefix` and so many letters and digits. */
export function identifier(random: () => number, prefix: string, length: number): string {
  let text = prefix;
  while (text.length < length) text += alphabet.charAt(Math.floor(random() * alphabet.length));
  return text;
}

const openings = [
  'I bought this for my daughter and she could not put it down.',
  'Started slowly, but by the third chapter I was hooked.',
  'The author knows the subject and it shows on every page.',
  'Not what I expected after the first book of the series.',
  'A gift for my father, who read it twice in one week.',
  'Arrived on time and well packed.',
  'I have owned three copies of this over the years.',
  'The characters stay with you long after the last page.',
];
const middles = [
  'Some of the middle part drags, and a firmer editor would have helped.',
  'The plot turns are earned, and I did not see the end coming.',
  'Maps and notes at the back are worth the price alone.',
  'The print is small and the paper thin, which is a pity.',
  'My reading group argued about it for two hours, which is a good sign.',
  'It repeats itself here and there, but never for long.',
  'I would have liked more of the sister, who is the best person in it.',
  'The translation reads well and keeps the humour.',
];
const endings = [
  'Recommended.',
  'I am giving it to my brother next.',
  'Worth a second reading.',
  'Borrow it before you buy it.',
  'Would buy again!',
  'I wish that I had found it sooner.',
  'Three stars for the cover.',
  'On to the next volume.',
];
export const summaries = [
  'Five Stars',
  'Four Stars',
  'Could not put it down',
  'Slow start, strong finish',
  'Great gift',
  'Not for me',
  'A keeper',
  'Good, but not their best',
];
export const reviewerNames = [
  'Tonya B.',
  'NaeNae',
  'J. Oliver',
  'Amazon Customer',
  'M. Keller',
  'Zoë R.',
  "O'Brien",
  'R&D',
];
export const emoji = ['😀', '👍🏽', '❤️', '👩‍👩‍👧', '📚', '🇯🇵'];
export const chineseJapaneseKorean = [
  'とても面白い本でした。',
  '这本书非常好看,值得一读。',
  '정말 재미있게 읽었습니다.',
];
export const quoted = [
  'She said "read it" and I did.',
  'C:\\books\\new\\',
  'Half \'n\' half; -- "DROP TABLE" \\" /* */',
  '\tTabbed\nand broken',
];

/** Three to five plain sentences, about 260 characters. */
export function sentences(random: () => number): string {
  const parts = [pick(random, openings), pick(random, middles), pick(random, middles)];
  if (random() < 0.9) parts.push(pick(random, middles));
  if (random() < 0.8) parts.push(pick(random, endings));
  return parts.join(' ');
}

/** A text of `characters` characters or a little more, as a few reviewers write them. */
export function longText(random: () => number, characters: number): string {
  let text = '';
  while (text.length < characters) text += `${sentences(random)}\n\n`;
  return text;
}
