import { describe, expect, it } from '@jest/globals';
import { classify } from '../../../local/database/front/classify.ts';

describe('the classification of a statement for write forwarding', () => {
  it.each([
    'INSERT INTO t VALUES (1)',
    'insert into t values (1)',
    '  \n\tInSeRt t SET a = 1',
    '/* a comment */ INSERT INTO t VALUES (1)',
    '-- a comment\nINSERT INTO t VALUES (1)',
    '# a comment\nINSERT INTO t VALUES (1)',
    '/*!50000 INSERT */ INTO t VALUES (1)',
    'INSERT/**/INTO t VALUES (1)',
    'REPLACE INTO t VALUES (1)',
    'UPDATE t SET a = 1',
    'DELETE FROM t',
    'WITH x AS (SELECT 1 AS a) UPDATE t JOIN x SET t.a = x.a',
    'WITH RECURSIVE x AS (SELECT 1), `select` AS (SELECT 2) DELETE FROM t WHERE a IN (SELECT * FROM x)',
    'SELECT * FROM t FOR UPDATE',
    'SELECT * FROM t FOR SHARE SKIP LOCKED',
    'SELECT * FROM t LOCK IN SHARE MODE',
    'select * from t for /* why */ update',
    '(SELECT * FROM t) UNION (SELECT * FROM t FOR UPDATE)',
    '((SELECT * FROM t FOR UPDATE))',
    'WITH x AS (SELECT 1) SELECT * FROM x, t FOR UPDATE OF t',
    'SELECT * FROM (SELECT a FROM t FOR UPDATE) AS x',
  ])('forwards %s', (sql) => {
    expect(classify(sql).kind).toBe('write');
  });

  it.each([
    'SELECT 1',
    '(SELECT 1)',
    '( ( SELECT 1 ) )',
    "SELECT 'FOR UPDATE'",
    'SELECT 1 -- FOR UPDATE',
    'SELECT 1 /* FOR UPDATE */',
    'SELECT `for update` FROM t',
    "SELECT 'it''s', 'a\\' FOR UPDATE'",
    'WITH x AS (SELECT 1) SELECT * FROM x',
    'TABLE t',
    'VALUES ROW(1)',
    'SHOW TABLES',
    'SELECT insert_time FROM t',
    'SELECT LAST_INSERT_ID() FROM t',
    '/*+ INSERT */ SELECT 1',
  ])('reads in the Region: %s', (sql) => {
    expect(classify(sql).kind).toBe('read');
  });

  it.each([
    'CREATE TABLE t (a INT)',
    'ALTER TABLE t ADD b INT',
    'DROP TABLE t',
    'TRUNCATE TABLE t',
    'RENAME TABLE t TO u',
    'SAVEPOINT a',
    'RELEASE SAVEPOINT a',
    'ROLLBACK TO SAVEPOINT a',
    'ROLLBACK WORK TO a',
    "XA START 'a'",
    "LOAD DATA INFILE 'f' INTO TABLE t",
    "LOAD XML INFILE 'f' INTO TABLE t",
    'LOCK TABLES t WRITE',
    'FLUSH TABLES WITH READ LOCK',
    'FLUSH LOCAL TABLES t',
    'GRANT SELECT ON t TO a',
    "INSTALL PLUGIN a SONAME 'b'",
    'ANALYZE TABLE t',
    '/*!40000 ALTER TABLE t DISABLE KEYS */',
  ])('refuses %s', (sql) => {
    expect(classify(sql).kind).toBe('refused');
  });

  it.each([
    ['BEGIN', 'begin'],
    ['START TRANSACTION READ ONLY', 'begin'],
    ['START REPLICA', 'local'],
    ['COMMIT', 'commit'],
    ['ROLLBACK', 'rollback'],
    ['ROLLBACK AND CHAIN', 'rollback'],
    ['SET autocommit = 0', 'set'],
    ['/*!40101 SET NAMES utf8mb4 */', 'set'],
    ['USE `a b`', 'use'],
    ["SHOW VARIABLES LIKE 'a'", 'show-variables'],
    ['SHOW SESSION VARIABLES', 'show-variables'],
    ['SHOW WARNINGS', 'diagnostics'],
    ['SHOW COUNT(*) WARNINGS', 'diagnostics'],
    ['SELECT LAST_INSERT_ID()', 'diagnostics'],
    ['SELECT ROW_COUNT(), 1', 'diagnostics'],
    ['CREATE TEMPORARY TABLE x (a INT)', 'local'],
    ['DROP PREPARE s', 'deallocate'],
    ['UNLOCK TABLES', 'local'],
    ['', 'local'],
    ['-- nothing', 'local'],
    ['/* not closed INSERT', 'local'],
  ])('takes %s for %s', (sql, kind) => {
    expect(classify(sql).kind).toBe(kind);
  });

  it('finds the name and the text of a PREPARE, or the variable that holds it', () => {
    expect(classify("PREPARE `S` FROM 'SELECT ''a'''")).toEqual({ kind: 'prepare', name: 's', text: "SELECT 'a'" });
    expect(classify('prepare s from @text')).toEqual({ kind: 'prepare', name: 's', variable: '@text' });
    expect(classify('EXECUTE S USING @a')).toEqual({ kind: 'execute', name: 's' });
  });
});
