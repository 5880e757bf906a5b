// The two variables for which a secondary answers differently from the MySQL server behind it. A user variable on the server has the
// session's consistency, so that the server answers, and prepared and plain statements read the same.
import { type Token, tokens, unquoted } from './tokens.ts';

export type Consistency = '' | 'EVENTUAL' | 'SESSION' | 'GLOBAL';
const values: readonly string[] = ['', 'EVENTUAL', 'SESSION', 'GLOBAL'];

export interface Refusal {
  errno: number;
  sqlState: string;
  message: string;
}

const consistencyName = 'aurora_replica_read_consistency';
const keeper = `@\`${consistencyName}\``;
const readOnlyName = 'innodb_read_only';
const forwardingRefusal: Refusal = {
  errno: 1235,
  sqlState: '42000',
  message: "This version of MySQL doesn't yet support 'operation with write forwarding'",
};
export const refusedByForwarding = () => forwardingRefusal;

export interface Setting {
  /** The statement for the server. The same text if nothing in it concerns the proxy. */
  sql: string;
  consistency?: Consistency;
  /** Asks for an isolation level that write forwarding cannot give. */
  otherIsolation: boolean;
  autocommit: boolean;
  refusal?: Refusal;
}

/** @param sql a SET statement. */
export function readSet(sql: string): Setting {
  const setting: Setting = { sql, otherIsolation: false, autocommit: false };
  const list = assignments(sql);
  const words = (list[0] ?? []).map((token) => token.text.toLowerCase());
  if (words.includes('transaction') && words.includes('isolation')) {
    setting.otherIsolation = !(words.includes('repeatable') && words.includes('read'));
    return setting;
  }
  let changed = false;
  const kept = list.map((tokensOfOne) => {
    const target = targetOf(tokensOfOne);
    const written = sql.slice(tokensOfOne[0]?.start, tokensOfOne.at(-1)?.end);
    const value = tokensOfOne.slice(target.valueAt).map((token) => token.text);
    if (target.name === 'autocommit') setting.autocommit = true;
    if (target.name === 'transaction_isolation' && !/^repeatable-read$|^default$/i.test(unquoted(value.join('')))) {
      setting.otherIsolation = true;
    }
    if (target.name !== consistencyName) return written;
    changed = true;
    const asked = value.length === 1 ? unquoted(value[0] as string).toUpperCase() : value.join(' ');
    const consistency = asked === 'DEFAULT' ? '' : asked;
    if (target.global) {
      setting.refusal = {
        errno: 1228,
        sqlState: 'HY000',
        message: `Variable '${consistencyName}' is a SESSION variable and can't be used with SET GLOBAL`,
      };
    } else if (!values.includes(consistency)) {
      setting.refusal = {
        errno: 1231,
        sqlState: '42000',
        message: `Variable '${consistencyName}' can't be set to the value of '${unquoted(value.join(' '))}'`,
      };
    } else setting.consistency = consistency as Consistency;
    return `${keeper} = '${consistency}'`;
  });
  if (changed) setting.sql = `SET ${kept.join(', ')}`;
  return setting;
}

/** The comma-separated parts of a SET, each as its tokens. */
function assignments(sql: string): Token[][] {
  const list: Token[][] = [[]];
  let first = true;
  for (const token of tokens(sql)) {
    if (first) first = false;
    else if (token.text === ';') break;
    else if (token.text === ',' && token.depth === 0) list.push([]);
    else list.at(-1)?.push(token);
  }
  return list.filter((one) => one.length > 0);
}

/** @returns the variable's lower-case name ('' for what is not an assignment), its scope and where its value begins. */
function targetOf(one: readonly Token[]) {
  const equals = one.findIndex((token) => token.text === '=');
  if (equals < 1) return { name: '', global: false, valueAt: one.length };
  const left = one
    .slice(0, one[equals - 1]?.text === ':' ? equals - 1 : equals)
    .map((token) => token.text.toLowerCase());
  const name = left.join(' ').replaceAll('`', '').replace(/^@@/, '');
  const [, scope, bare] = /^(?:(session|local|global|persist|persist_only)[. ] ?)?(.*)$/.exec(name) as RegExpExecArray;
  return {
    name: bare as string,
    global: scope === 'global' || scope?.startsWith('persist') === true,
    valueAt: equals + 1,
  };
}

const variableName = /^@@(?:(?:session|local|global)\.)?(?:`?)(innodb_read_only|aurora_replica_read_consistency)`?$/i;
const endsItem = new Set([',', ';', ')', 'from', 'limit', 'where', 'into', 'union', 'order', 'for']);

/** Replaces the two variables by a secondary's answers. A plain select item keeps its column name. */
export function rewriteVariables(sql: string): string {
  if (!sql.includes('@@')) return sql;
  const all = [...tokens(sql)];
  let rewritten = '';
  let at = 0;
  all.forEach((token, index) => {
    const name = token.kind === 'variable' ? variableName.exec(token.text)?.[1]?.toLowerCase() : undefined;
    if (name === undefined) return;
    const before = all[index - 1]?.text.toLowerCase();
    const after = all[index + 1]?.text.toLowerCase();
    const item = (before === 'select' || before === ',') && (after === undefined || endsItem.has(after));
    const value = name === readOnlyName ? '1' : `COALESCE(${keeper}, '')`;
    rewritten += sql.slice(at, token.start) + value + (item ? ` AS \`${token.text.replaceAll('`', '')}\`` : '');
    at = token.end;
  });
  return rewritten + sql.slice(at);
}

/** Turns SHOW VARIABLES, in all forms, into a SELECT with the two variables. */
export function rewriteShowVariables(sql: string): string {
  const all = [...tokens(sql)];
  const global = all[1]?.text.toLowerCase() === 'global';
  const shown = all.findIndex((token) => token.text.toLowerCase() === 'variables');
  const filter = all[shown + 1];
  const rest = filter === undefined || filter.text === ';' ? '' : sql.slice(filter.start).replace(/;\s*$/, '');
  const where = filter?.text.toLowerCase() === 'like' ? `WHERE Variable_name ${rest}` : rest;
  // One collation for both halves and the filter. It need not be that of the connection.
  const text = (expression: string) => `CONVERT(${expression} USING utf8mb4) COLLATE utf8mb4_0900_ai_ci`;
  const value = `IF(VARIABLE_NAME = '${readOnlyName}', 'ON', VARIABLE_VALUE)`;
  const consistency = global ? "''" : `COALESCE(${keeper}, '')`;
  return (
    `SELECT Variable_name, Value FROM (SELECT ${text('VARIABLE_NAME')} AS Variable_name, ${text(value)} AS Value ` +
    `FROM performance_schema.${global ? 'global' : 'session'}_variables ` +
    `UNION ALL SELECT ${text(`'${consistencyName}'`)}, ${text(consistency)}) AS session_variables ` +
    `${where} ORDER BY Variable_name`
  );
}
