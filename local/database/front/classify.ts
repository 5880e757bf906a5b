// Classifies a statement for write forwarding.
import { type Token, tokens, unquoted } from './tokens.ts';

export type StatementKind =
  /** Runs in the Region, after the wait for the session's consistency. */
  | 'read'
  /** Changes or locks rows: forwarded. */
  | 'write'
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'set'
  | 'use'
  | 'show-variables'
  /** A question about the statement before it. It runs where that one ran. */
  | 'diagnostics'
  | 'prepare'
  | 'execute'
  | 'deallocate'
  /** Write forwarding refuses it. */
  | 'refused'
  /** Runs in the Region unchanged. */
  | 'local';

export interface Statement {
  kind: StatementKind;
  /** Of SQL's own PREPARE and EXECUTE: the statement's name, and the text where it is a literal. */
  name?: string;
  text?: string;
  /** Of SQL's own PREPARE: the user variable that holds the text. */
  variable?: string;
}

const kindByWord: Record<string, StatementKind> = {
  select: 'read',
  table: 'read',
  values: 'read',
  do: 'read',
  call: 'read',
  checksum: 'read',
  insert: 'write',
  replace: 'write',
  update: 'write',
  delete: 'write',
  begin: 'begin',
  commit: 'commit',
  set: 'set',
  use: 'use',
  prepare: 'prepare',
  execute: 'execute',
  deallocate: 'deallocate',
  create: 'refused',
  alter: 'refused',
  drop: 'refused',
  truncate: 'refused',
  rename: 'refused',
  grant: 'refused',
  revoke: 'refused',
  analyze: 'refused',
  optimize: 'refused',
  repair: 'refused',
  savepoint: 'refused',
  release: 'refused',
  xa: 'refused',
  load: 'refused',
  import: 'refused',
  install: 'refused',
  uninstall: 'refused',
};

const lower = (token: Token | undefined) => token?.text.toLowerCase();
const mainVerbs = new Set(['select', 'insert', 'replace', 'update', 'delete', 'table', 'values']);

/** Number of words at the beginning of a statement that decide. It is enough for every case below. */
const lookAhead = 6;

/** @param sql the whole statement: a locking clause stands at its end. INSERT and the like are told by their beginning alone. */
export function classify(sql: string): Statement {
  const all = tokens(sql);
  const head: Token[] = [];
  for (const token of all) {
    if (head.length === 0 && token.text === '(') continue;
    head.push(token);
    if (head.length === lookAhead) break;
    // Rows follow. Reading them would cost more than sending them.
    if (head.length === 1 && kindByWord[lower(token) as string] === 'write') break;
  }
  const [first, second, third] = [lower(head[0]), lower(head[1]), lower(head[2])];
  if (first === undefined) return { kind: 'local' };

  switch (first) {
    case 'with':
      return { kind: mainVerbOf(sql) === 'read' ? readKind(sql) : 'write' };
    case 'select':
    case 'table':
    case 'values':
      return { kind: readKind(sql) };
    case 'start':
      return { kind: second === 'transaction' ? 'begin' : 'local' };
    case 'rollback': {
      const words = head.slice(1).map(lower);
      return { kind: words.includes('to') ? 'refused' : 'rollback' };
    }
    case 'release':
      return { kind: second === 'savepoint' ? 'refused' : 'local' };
    case 'lock':
      return { kind: second === 'table' || second === 'tables' ? 'refused' : 'local' };
    case 'flush': {
      const words = head.slice(1).map(lower);
      return { kind: words.includes('table') || words.includes('tables') ? 'refused' : 'local' };
    }
    case 'create':
    case 'drop':
      // Temporary tables exist only in the Region's session.
      return { kind: second === 'temporary' ? 'local' : second === 'prepare' ? 'deallocate' : 'refused' };
    case 'show':
      return { kind: showKind(second, third) };
    case 'prepare': {
      const [name, source] = [unquoted(head[1]?.text ?? '').toLowerCase(), head[3]];
      if (source?.kind === 'quoted') return { kind: 'prepare', name, text: unquoted(source.text) };
      return { kind: 'prepare', name, ...(source?.kind === 'variable' ? { variable: source.text } : {}) };
    }
    case 'execute':
      return { kind: 'execute', name: unquoted(head[1]?.text ?? '').toLowerCase() };
    default:
      return { kind: kindByWord[first] ?? 'local' };
  }
}

function showKind(second: string | undefined, third: string | undefined): StatementKind {
  if (second === 'warnings' || second === 'errors' || second === 'count') return 'diagnostics';
  if (second === 'variables') return 'show-variables';
  const scoped = second === 'session' || second === 'local' || second === 'global';
  return scoped && third === 'variables' ? 'show-variables' : 'read';
}

/** The statement after common table expressions: the first verb outside of their parentheses. */
function mainVerbOf(sql: string): StatementKind {
  for (const token of tokens(sql)) {
    if (token.depth === 0 && token.kind === 'word' && mainVerbs.has(lower(token) as string)) {
      return kindByWord[lower(token) as string] as StatementKind;
    }
  }
  return 'read';
}

/** SELECT and similar statements. A lock at any depth is a write. A question about the statement before runs where that one ran. */
function readKind(sql: string): StatementKind {
  let [before, last]: (string | undefined)[] = [];
  let from = false;
  let diagnostics = false;
  for (const token of tokens(sql)) {
    if (token.kind !== 'word') {
      if (token.text === '(' && (last === 'row_count' || last === 'last_insert_id')) diagnostics = true;
      [before, last] = [undefined, undefined];
      continue;
    }
    const word = lower(token) as string;
    if (last === 'for' && (word === 'update' || word === 'share')) return 'write';
    if (before === 'in' && last === 'share' && word === 'mode') return 'write';
    if (word === 'from') from = true;
    [before, last] = [last, word];
  }
  return diagnostics && !from ? 'diagnostics' : 'read';
}
