import { describe, expect, it } from '@jest/globals';
import { readSet, rewriteShowVariables, rewriteVariables } from '../../../local/database/front/session-variables.ts';

describe('setting the consistency', () => {
  it.each([
    ["SET aurora_replica_read_consistency = 'session'", 'SESSION'],
    ['set aurora_replica_read_consistency=SESSION', 'SESSION'],
    ['SET SESSION aurora_replica_read_consistency = "Eventual"', 'EVENTUAL'],
    ['SET @@aurora_replica_read_consistency = global', 'GLOBAL'],
    ['SET @@session.aurora_replica_read_consistency := global;', 'GLOBAL'],
    ["SET LOCAL aurora_replica_read_consistency = ''", ''],
    ['SET `aurora_replica_read_consistency` = DEFAULT', ''],
    ["SET autocommit = 1, aurora_replica_read_consistency = 'session', @a = (SELECT 1, 2)", 'SESSION'],
  ])('understands %s', (sql, consistency) => {
    const setting = readSet(sql);
    expect(setting.refusal).toBeUndefined();
    expect(setting.consistency).toBe(consistency);
  });

  it('keeps the other assignments of the statement as they were written', () => {
    expect(readSet("SET autocommit = 1, aurora_replica_read_consistency = 'session', @a = f(1, 'x,y')").sql).toBe(
      "SET autocommit = 1, @`aurora_replica_read_consistency` = 'SESSION', @a = f(1, 'x,y')",
    );
  });

  it('refuses other values and the global scope', () => {
    expect(readSet("SET aurora_replica_read_consistency = 'strong'").refusal).toMatchObject({
      errno: 1231,
      message: "Variable 'aurora_replica_read_consistency' can't be set to the value of 'strong'",
    });
    expect(readSet('SET aurora_replica_read_consistency = NULL').refusal?.errno).toBe(1231);
    expect(readSet("SET GLOBAL aurora_replica_read_consistency = 'session'").refusal?.errno).toBe(1228);
    expect(readSet("SET @@global.aurora_replica_read_consistency = 'session'").refusal?.errno).toBe(1228);
  });

  it('leaves statements without it as they are', () => {
    for (const sql of ['SET NAMES utf8mb4', "SET @a = 'aurora_replica_read_consistency = 1'", 'SET autocommit=0']) {
      expect(readSet(sql)).toMatchObject({ sql, otherIsolation: false });
      expect(readSet(sql).consistency).toBeUndefined();
    }
  });

  it.each([
    ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED', true],
    ['SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE', true],
    ['SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ', false],
    ["SET transaction_isolation = 'READ-COMMITTED'", true],
    ["SET @@session.transaction_isolation = 'REPEATABLE-READ'", false],
    ["SET time_zone = '+00:00', transaction_isolation = 'REPEATABLE-READ'", false],
  ])('sees whether %s asks for another isolation level', (sql, other) => {
    expect(readSet(sql).otherIsolation).toBe(other);
  });
});

describe('reading the two variables', () => {
  it.each([
    ['SELECT @@innodb_read_only', 'SELECT 1 AS `@@innodb_read_only`'],
    ['SELECT @@global.innodb_read_only AS r', 'SELECT 1 AS r'],
    ['SELECT @@INNODB_READ_ONLY r, 2', 'SELECT 1 r, 2'],
    ['SELECT 1, @@innodb_read_only FROM t', 'SELECT 1, 1 AS `@@innodb_read_only` FROM t'],
    ['SELECT IF(@@innodb_read_only = 1, 2, 3)', 'SELECT IF(1 = 1, 2, 3)'],
    ["SELECT '@@innodb_read_only'", "SELECT '@@innodb_read_only'"],
    ['SELECT @@innodb_read_only_x', 'SELECT @@innodb_read_only_x'],
    ['SELECT @@version', 'SELECT @@version'],
  ])('rewrites %s', (sql, rewritten) => {
    expect(rewriteVariables(sql)).toBe(rewritten);
  });

  it('answers SHOW VARIABLES with its filter', () => {
    expect(rewriteShowVariables("SHOW VARIABLES LIKE 'aurora%';")).toMatch(
      /session_variables WHERE Variable_name LIKE 'aurora%' ORDER BY Variable_name$/,
    );
    expect(rewriteShowVariables("SHOW GLOBAL VARIABLES WHERE Variable_name = 'x'")).toMatch(
      /global_variables UNION .* WHERE Variable_name = 'x' ORDER/,
    );
  });
});
