// The rows of a table, cut out of blocks of bytes. A row ends with its line,
// unless a quoted field continues after the line end. The library that reads the fields cannot do this: it keeps no bytes of a row, and
// a damaged or very long row costs it all later ones. Here a row gets the quotes that the library needs, as RFC 4180 has them.
import { backslash, carriageReturn, newline, quote, space, tab } from '../shared/bytes.ts';
import { InvalidInputError } from '../shared/errors.ts';
import { type Repair, repairedRow } from './repair-row.ts';
import { keptOfLongLineBytes, type Line } from './split-lines.ts';

/** `repaired`: the row as the library should read it, if its own bytes would not do. */
export interface Row extends Line {
  /** A field begins with a quote, and a quote means something. */
  isQuoted: boolean;
  /** Where its fields are, if they stand there as they are: first and last place of one after the other, counted from the row's first byte. */
  bounds: number[] | null;
  repaired: Buffer | null;
  /** It lies in what an unclosed quote seemed to enclose, or its line end is missing. It may be a piece of a row. */
  mayBePiece: boolean;
}

export interface RowSplitter {
  /** Rows are valid until the next block is pushed. All of them have to be taken. @throws {InvalidInputError} */
  push(block: Buffer): Generator<Row, void, undefined>;
  end(): Generator<Row, void, undefined>;
  /** How many fields a row has. It tells which of two readings is right. */
  expectFields(least: number, most: number): void;
}

const usualRoom = 256 * 1024;
/** At most. */
const lineEndBytes = 2;

/**
 * How a quote within a quoted field is written: `""`, or `\"` as MySQL and Spark write it. A file has one way. It is decided by the first
 * quote that only one of them explains. Until then `\"` before a delimiter is a backslash and the end of the field.
 */
type Escape = 'undecided' | 'doubled' | 'backslash';
/** Where in a row the next byte is. */
type Place = 'field-start' | 'plain' | 'quoted';
type Found = 'row' | 'more' | 'again' | 'not-closed';

/**
 * A quote that is not closed costs the line that it is in, and the lines after it are rows. Where it is only noticed after more than
 * `maxBytes`, these lines are gone, and the file fails. @throws {InvalidInputError} from the splitter
 */
export function createRowSplitter(
  { delimiter, isQuoted }: { delimiter: string; isQuoted: boolean },
  maxBytes: number,
): RowSplitter {
  const delimiterByte = delimiter.charCodeAt(0);
  let buffer = Buffer.allocUnsafeSlow(usualRoom);
  /** The bytes in use. */
  let bytes = buffer.subarray(0, 0);
  let isLast = false;
  let expected: { least: number; most: number } | null = null;
  let escaping: Escape = 'undecided';
  /** Decided by the first line end. Old files have carriage returns alone. */
  let endsWithCr: boolean | undefined;
  /** Of the row that has begun: its first byte in the stream and in the buffer, how much of it was dropped, and its line, from 1 on. */
  let offset = 0;
  let from = 0;
  let dropped = 0;
  let line = 1;
  /** Rows before this offset may be pieces. */
  let piecesBefore = 0;

  let at = 0;
  let place: Place = 'field-start';
  let fields = 1;
  /** Of the row's fields so far, and of the one that has begun; -1 where its bounds are known. */
  let bounds: number[] = [];
  let fieldFrom = 0;
  let hasDoubled = false;
  let hasQuoted = false;
  let repairs: Repair[] = [];
  let linesInRow = 0;
  /** A field ended with `\"`, which may also be a quote in it. */
  let isAmbiguous = false;
  /** The row is read a second time, with backslashes as escapes, or again, because that was no better or because its quotes mean nothing. */
  let attempt: 'first' | 'with-backslashes' | 'last' | 'without-quotes' = 'first';
  /** Of the quoted field: its quote, the line of the row that it is in, and what was found in it. */
  let openedAt = 0;
  let openedInLine = 0;
  let hasLone = false;
  let hasLoneInRow = false;

  const restart = () => {
    at = from;
    place = 'field-start';
    fields = 1;
    bounds = [];
    fieldFrom = 0;
    hasDoubled = false;
    hasQuoted = false;
    repairs = [];
    linesInRow = 0;
    isAmbiguous = false;
    hasLoneInRow = false;
  };
  const escapesByBackslash = () => escaping === 'backslash' || attempt === 'with-backslashes';

  /** The place after the line end at `end`; null: it depends on the next block. */
  const afterLineEnd = (end: number): number | null => {
    if (bytes[end] === newline) return end + 1;
    if (end + 1 >= bytes.length) return isLast ? end + 1 : null;
    return bytes[end + 1] === newline ? end + 2 : end + 1;
  };
  const isLineEnd = (byte: number | undefined) => byte === newline || (byte === carriageReturn && endsWithCr !== false);

  const scanPlain = (): Found => {
    const { length } = bytes;
    if (!isQuoted && endsWithCr === false) {
      const end = bytes.indexOf(newline, at);
      at = end === -1 ? length : end;
    } else {
      for (; at < length; at += 1) {
        const byte = bytes[at];
        if (byte === delimiterByte) {
          if (fieldFrom !== -1) bounds.push(fieldFrom, at - from);
          fields += 1;
          at += 1;
          place = 'field-start';
          return 'again';
        }
        if (isLineEnd(byte)) break;
      }
    }
    return at < length ? 'row' : 'more';
  };

  /** Returns the first line end before `until`, or -1. */
  const countLines = (until: number): number => {
    const some = bytes.subarray(at, until);
    const end = endsWithCr ? carriageReturn : newline;
    const first = some.indexOf(end);
    for (let next = first; next !== -1; next = some.indexOf(end, next + 1)) linesInRow += 1;
    return first === -1 ? -1 : at + first;
  };
  /** Backslashes that escape what is no quote: themselves, and line ends. Returns the place after the last one that was looked at. */
  const repairEscapes = (until: number): number => {
    const some = bytes.subarray(at, until);
    let seen = 0;
    for (
      let next = some.indexOf(backslash);
      next !== -1 && next < some.length - 1;
      next = some.indexOf(backslash, seen)
    ) {
      const escaped = some[next + 1];
      const isEscape = escaped === backslash || escaped === newline || escaped === carriageReturn;
      if (isEscape) repairs.push({ from: at + next, to: at + next + 1, isQuote: false });
      seen = next + 2;
    }
    return at + seen;
  };
  const isEscaped = (quoteAt: number): boolean => {
    let first = quoteAt;
    while (first - 1 > openedAt && bytes[first - 1] === backslash) first -= 1;
    return (quoteAt - first) % 2 === 1;
  };
  /** The place after the blanks behind a quote that ends its field. -1: it does not end it. Null: the next block tells. */
  const closing = (quoteAt: number): number | null => {
    let next = quoteAt + 1;
    while (bytes[next] === space || (bytes[next] === tab && delimiterByte !== tab)) next += 1;
    if (next >= bytes.length) return isLast ? next : null;
    const byte = bytes[next];
    if (byte !== carriageReturn) return byte === delimiterByte || byte === newline ? next : -1;
    if (endsWithCr !== false) return next;
    if (next + 1 >= bytes.length) return isLast ? next : null;
    return bytes[next + 1] === newline ? next : -1;
  };

  const scanQuoted = (): Found => {
    const found = bytes.indexOf(quote, at);
    const quoteAt = found === -1 ? bytes.length : found;
    // A backslash at the end may belong to the quote that comes next.
    const certain = found === -1 && !isLast ? Math.max(at, quoteAt - 1) : quoteAt;
    const lineEnd = countLines(certain);
    if (hasLone && lineEnd !== -1) {
      at = lineEnd;
      return 'not-closed';
    }
    at = Math.max(certain, escapesByBackslash() ? repairEscapes(quoteAt) : 0);
    if (found === -1) return isLast ? 'not-closed' : 'more';
    return readQuote(quoteAt);
  };

  const readQuote = (quoteAt: number): Found => {
    const after = quoteAt + 1;
    if (after >= bytes.length && !isLast) return 'more';
    const escaped = escaping !== 'doubled' && isEscaped(quoteAt);
    if (escaped && escapesByBackslash()) {
      repairs.push({ from: quoteAt - 1, to: quoteAt, isQuote: true });
      at = after;
      return 'again';
    }
    const isDouble = bytes[after] === quote;
    const end = closing(isDouble ? after : quoteAt);
    if (end === null) return 'more';
    if (escaped && attempt === 'first' && isDouble === end >= 0) return readWithBackslashes();
    if (isDouble) {
      if (escaping === 'undecided' && attempt !== 'with-backslashes') escaping = 'doubled';
      hasDoubled = true;
      at = after + 1;
      return 'again';
    }
    if (end >= 0) {
      isAmbiguous ||= escaped;
      if (end > after) repairs.push({ from: after, to: end, isQuote: false });
      bounds.push(openedAt + 1 - from, quoteAt - from);
      fieldFrom = -1;
      at = end;
      place = 'plain';
      return 'again';
    }
    // A quote that stands alone. Within one line it is most likely a quote that nobody escaped.
    if (delimiterByte === tab || linesInRow > openedInLine) return 'not-closed';
    hasLone = true;
    hasLoneInRow = true;
    repairs.push({ from: quoteAt, to: quoteAt, isQuote: true });
    at = after;
    return 'again';
  };
  /** Only this explains what was found. */
  const readWithBackslashes = (): Found => {
    escaping = 'backslash';
    if (dropped === 0) restart();
    return 'again';
  };

  const scan = (): Found => {
    for (;;) {
      let found: Found = 'again';
      if (place === 'field-start') {
        if (at >= bytes.length) return 'more';
        const opens = isQuoted && bytes[at] === quote && attempt !== 'without-quotes';
        place = opens ? 'quoted' : 'plain';
        fieldFrom = at - from;
        if (opens) {
          hasQuoted = true;
          hasLone = false;
          openedAt = at;
          openedInLine = linesInRow;
          at += 1;
        }
      }
      if (place === 'plain') found = scanPlain();
      else if (place === 'quoted') found = scanQuoted();
      if (found !== 'again') return found;
    }
  };

  const rowTo = (to: number, next: number, more: Partial<Row> = {}): Row => {
    const nextOffset = offset + dropped + next - from;
    const last = to > from && bytes[to - 1] === carriageReturn ? to - 1 : to;
    const tooLong = dropped > 0 || last - from > maxBytes;
    if (fieldFrom !== -1) bounds.push(fieldFrom, last - from);
    const row: Row = {
      offset,
      nextOffset,
      buffer,
      from,
      to: tooLong ? Math.min(last, from + keptOfLongLineBytes) : last,
      tooLong,
      openEnd: false,
      isQuoted: hasQuoted,
      bounds: hasDoubled || repairs.length > 0 ? null : bounds,
      repaired: !tooLong && repairs.length > 0 ? repairedRow(bytes, from, last, repairs) : null,
      mayBePiece: offset < piecesBefore || next === to,
      ...more,
    };
    offset = nextOffset;
    from = next;
    dropped = 0;
    line += linesInRow + 1;
    attempt = 'first';
    restart();
    return row;
  };

  /** The row's end was found at `at`. Null: the row is read again, or its line end is not all there. */
  const finish = (): Row | null | 'more' => {
    const next = at < bytes.length ? afterLineEnd(at) : at;
    if (next === null) return 'more';
    if (endsWithCr === undefined && at < bytes.length)
      endsWithCr = bytes[at] === carriageReturn && bytes[next - 1] !== newline;
    const isExpected = expected === null || dropped > 0 || (fields >= expected.least && fields <= expected.most);
    if (!isExpected && mayHaveBackslashes()) return readAgain('with-backslashes');
    if (!isExpected && isWithoutQuotes()) return readAgain('without-quotes');
    if (attempt === 'with-backslashes') {
      if (!isExpected) return readAgain('last');
      escaping = 'backslash';
    }
    return hasLoneInRow && !isExpected ? finishDamaged('malformed-row') : rowTo(at, next);
  };
  /** Most programs that write tabs know no quotes. So a line with as many fields as expected is a row, and its quotes mean nothing. */
  const isWithoutQuotes = (): boolean => {
    if (delimiterByte !== tab || !hasQuoted || expected === null || dropped > 0) return false;
    let found = 1;
    for (let next = from; next < at && !isLineEnd(bytes[next]); next += 1) if (bytes[next] === tab) found += 1;
    return found >= expected.least && found <= expected.most;
  };
  const mayHaveBackslashes = () => isAmbiguous && attempt === 'first' && escaping === 'undecided' && dropped === 0;
  const readAgain = (as: typeof attempt): null => {
    attempt = as;
    if (dropped === 0) restart();
    else place = 'plain';
    return null;
  };

  /** Rejects an unclosed quote's row up to the end of the line with the quote. The lines after it are rows again. */
  const finishDamaged = (reason: NonNullable<Line['reason']>): Row | null => {
    if (attempt === 'with-backslashes') return readAgain('last');
    if (mayHaveBackslashes()) return readAgain('with-backslashes');
    if (dropped + at - from > maxBytes && linesInRow > openedInLine)
      throw new InvalidInputError(`table: the quote that opens in line ${line + openedInLine} is not closed`);
    // Also the row after it, if this one has ended.
    piecesBefore = Math.max(piecesBefore, offset + at - from + 2);
    // Most programs that write tabs know no quotes.
    if (delimiterByte === tab) return readAgain('without-quotes');
    let end = openedAt;
    while (end < bytes.length && !isLineEnd(bytes[end])) end += 1;
    linesInRow = openedInLine;
    repairs = [];
    return rowTo(end, end < bytes.length ? (afterLineEnd(end) ?? end + 1) : end, { reason });
  };

  /** Keeps the beginning of a row that is too long, and what has not been looked at. */
  const drop = () => {
    const kept = from + keptOfLongLineBytes;
    // An escape looks at what is before it.
    const seen = Math.max(kept, at - 2);
    if (seen === kept) return;
    bytes.copyWithin(kept, seen);
    dropped += seen - kept;
    openedAt = Math.max(kept - 1, openedAt - (seen - kept));
    at -= seen - kept;
    bytes = buffer.subarray(0, bytes.length - (seen - kept));
    repairs = [];
  };

  function* rows(): Generator<Row, void, undefined> {
    for (;;) {
      if (isLast && at >= bytes.length && from >= bytes.length) return;
      const found = scan();
      if (found === 'more' && !isLast) return;
      const row = found === 'not-closed' ? finishDamaged('unclosed-quote') : finish();
      if (row === 'more') return;
      if (row) yield row;
    }
  }
  const append = (block: Buffer) => {
    const kept = bytes.length - from;
    if (kept + block.length > buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(kept + block.length, 2 * buffer.length));
      buffer.copy(larger, 0, from, bytes.length);
      buffer = larger;
    } else buffer.copyWithin(0, from, bytes.length);
    block.copy(buffer, kept);
    bytes = buffer.subarray(0, kept + block.length);
    at -= from;
    openedAt -= from;
    for (const repair of repairs) {
      repair.from -= from;
      repair.to -= from;
    }
    from = 0;
  };
  const skipMark = () => {
    if (offset > 0 || from > 0 || dropped > 0 || !(bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)) return;
    offset = 3;
    from = 3;
    restart();
  };

  return {
    *push(block) {
      append(block);
      skipMark();
      if (offset === 0 && bytes.length < 3) return;
      yield* rows();
      if (bytes.length - from <= maxBytes + lineEndBytes && dropped === 0) return;
      if (attempt === 'with-backslashes') {
        readAgain('last');
        yield* rows();
      }
      drop();
    },
    *end() {
      isLast = true;
      yield* rows();
    },
    expectFields(least, most) {
      expected = { least, most };
    },
  };
}
