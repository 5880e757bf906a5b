// A lexer for the parts of MySQL's SQL that tell statements apart. It never fails: unknown text becomes symbols.

export interface Token {
  kind: 'word' | 'variable' | 'quoted' | 'identifier' | 'number' | 'symbol';
  /** The written text, with quotes and backticks. */
  text: string;
  start: number;
  end: number;
  /** Number of open parentheses. */
  depth: number;
}

// Text is read as latin1, so that any client character set survives. A byte above 127 never ends a word.
const space = /[ \t\r\n\f\v]/;
const wordStart = /[A-Za-z_$\u0080-\u00ff]/;
const wordPart = /[\w$\u0080-\u00ff]/;
const variable = /@@?(?:[\w$.\u0080-\u00ff]|`[^`]*`)*/y;

/** Yields the tokens outside of comments. The inside of an executable comment (one that begins with an exclamation mark) is code. */
export function* tokens(sql: string): Generator<Token> {
  let at = 0;
  let depth = 0;
  let executable = false;
  while (at < sql.length) {
    const char = sql[at] as string;
    if (space.test(char)) {
      at++;
      continue;
    }
    if (
      char === '#' ||
      (char === '-' && sql[at + 1] === '-' && (at + 2 >= sql.length || space.test(sql[at + 2] as string)))
    ) {
      const end = sql.indexOf('\n', at);
      at = end < 0 ? sql.length : end + 1;
      continue;
    }
    if (char === '/' && sql[at + 1] === '*') {
      if (sql[at + 2] === '!') {
        executable = true;
        at += 3;
        while (/\d/.test(sql[at] ?? '')) at++;
        continue;
      }
      const end = sql.indexOf('*/', at + 2);
      at = end < 0 ? sql.length : end + 2;
      continue;
    }
    if (executable && char === '*' && sql[at + 1] === '/') {
      executable = false;
      at += 2;
      continue;
    }
    const start = at;
    if (char === "'" || char === '"' || char === '`') {
      at = endOfQuoted(sql, at);
      yield { kind: char === '`' ? 'identifier' : 'quoted', text: sql.slice(start, at), start, end: at, depth };
      continue;
    }
    if (char === '@') {
      variable.lastIndex = at;
      at += (variable.exec(sql) as RegExpExecArray)[0].length;
      yield { kind: 'variable', text: sql.slice(start, at), start, end: at, depth };
      continue;
    }
    if (wordStart.test(char)) {
      while (at < sql.length && wordPart.test(sql[at] as string)) at++;
      yield { kind: 'word', text: sql.slice(start, at), start, end: at, depth };
      continue;
    }
    if (/\d/.test(char)) {
      while (at < sql.length && /[\w.]/.test(sql[at] as string)) at++;
      yield { kind: 'number', text: sql.slice(start, at), start, end: at, depth };
      continue;
    }
    at++;
    if (char === ')') depth--;
    yield { kind: 'symbol', text: char, start, end: at, depth };
    if (char === '(') depth++;
  }
}

/** A doubled quote and, outside of backticks, a backslash keep the quotation open. @returns the offset after it. */
function endOfQuoted(sql: string, start: number): number {
  const quote = sql[start];
  let at = start + 1;
  while (at < sql.length) {
    const char = sql[at];
    if (char === '\\' && quote !== '`') at++;
    else if (char === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
    at++;
  }
  return sql.length;
}

/** The value of a quoted text or the name in backticks. */
export function unquoted(text: string): string {
  const quote = text[0] as string;
  if (quote !== "'" && quote !== '"' && quote !== '`') return text;
  const inner = text.slice(1, -1).replaceAll(quote + quote, quote);
  return quote === '`' ? inner : inner.replace(/\\(.)/gs, '$1');
}
