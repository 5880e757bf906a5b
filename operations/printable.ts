// Others write file names and records. They may contain codes that control a terminal.

/**
 * Control characters of ASCII and Latin-1, marks that turn the direction of text or hide in it, line separators and lone
 * surrogates.
 */
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

const escapeOf = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Escapes one line of text for a terminal. It doubles backslashes, so that no escape of the text looks like one of ours. */
export const printable = (text: string): string => text.replaceAll('\\', '\\\\').replace(unsafe, escapeOf);

/** Escapes JSON for a terminal without changing its value. `indent` is that of JSON.stringify. */
export const printableJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(unsafe, (character) =>
    character === '\n' ? character : escapeOf(character),
  );

/** As `printable`, with at most `length` characters of the text and an ellipsis where there are more. */
export function printableUpTo(text: string, length: number): string {
  const characters = Array.from(text.slice(0, length * 2 + 2));
  const isCut = characters.length > length;
  return printable(characters.slice(0, length).join('')) + (isCut ? '…' : '');
}

/** Of Doctor's wording: `1 file`, `2 files`, `1,000 rows`. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
