/** Dialogues with a server of its own each: see client.ts for what a step is. */
const enter = 'login tester secret'
const queries = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map(line => `query ${line.trim()}`)

export const script: Readonly<Record<string, readonly string[]>> = {
  'log-ins that fail': ['login root wrong'],
  'nobody with no password': ['login nobody -'],
  'an unknown database': ['login tester secret nowhere'],
  'a database that is there': ['login tester secret mysql', ...queries('select database()')],
  'an empty packet for a log-in': ['raw 00000001'],
  'a log-in that is too short': ['raw 050000016162636465'],
  'TLS that was not offered': ['raw 2000000185ae0f0000000001210000000000000000000000000000000000000000000000'],
  commands: [
    enter,
    '14 ',
    '2 6d7973716c',
    '2 6e6f7768657265',
    '99 ',
    '31 ',
    '27 0000',
    '27 0100',
    '26 01000000',
    '23 01000000000100000000',
    '13 ',
    '1 ',
  ],
  'what tools ask first': [
    enter,
    ...queries(`
      select @@version_comment limit 1
      SELECT VERSION()
      select @@version
      SELECT @@max_allowed_packet
      SELECT @@autocommit
      SELECT @@sql_mode
      SELECT @@GLOBAL.sql_mode
      SELECT @@plugin_dir
      SELECT @@tmpdir
      SELECT @@secure_file_priv
      SELECT @@version_compile_os, @@version_compile_machine
      SELECT @@nope
      SELECT USER(), DATABASE()
      SHOW DATABASES
      SHOW VARIABLES LIKE 'version'
      SHOW VARIABLES LIKE '%plugin_dir%'
      SHOW VARIABLES LIKE 'lower_case_%'
      SHOW VARIABLES WHERE Variable_name = 'protocol_version'
      SHOW GLOBAL VARIABLES LIKE 'secure_file_priv'
      SHOW ENGINES
      SHOW COLLATION LIKE 'utf8mb4_bin'
      SHOW CHARACTER SET LIKE 'latin1'
      SHOW WARNINGS
      SET NAMES utf8mb4
      SET NAMES nope
      SET autocommit=1
      SET SESSION wait_timeout=60
      SET nope=1
      SET GLOBAL version='x'
      SET @a = 5
      SELECT @a
      SELECT @never
      SHOW MASTER STATUS
      SHOW TABLES
      USE nowhere
      USE mysql
      SHOW TABLES LIKE 'func'`),
  ],
  expressions: [
    enter,
    ...queries(`
      SELECT 1
      SELECT 1, -1, 1+1, 10000000000, 1.5, 1e3
      SELECT 'abc', '', NULL, TRUE, FALSE
      SELECT "x", 'it''s', 'a\\'b', 0x414243, x'41', b'1000001'
      SELECT 5/2, 7 DIV 2, 7 % 3, 7 MOD 2, 1/0, 2*3.5, 1-2, 3|4, 6&3, 1<<4, ~0
      SELECT 1=1, 1=2, 1<>2, 'a'='A', 'a' LIKE 'A%', 1 IN (1,2), 1 BETWEEN 0 AND 2, NULL IS NULL, NOT 1, 1 AND 0, 1 OR 0, 1 XOR 1, NULL <=> NULL
      SELECT CONCAT('a','b',1), LENGTH('abc'), UPPER('abc'), HEX('abc'), HEX(255), UNHEX('414243'), CHAR(65,66,67)
      SELECT MD5('a'), SHA1('a'), SUBSTRING('abcdef',2,3), REPLACE('aXb','X','-'), REVERSE('abc'), ASCII('A')
      SELECT IF(1,'yes','no'), IFNULL(NULL,'x'), COALESCE(NULL,2), NULLIF(1,1), CASE WHEN 1 THEN 'a' ELSE 'b' END
      SELECT CAST('12' AS SIGNED), CAST(1.7 AS SIGNED), CAST('x' AS CHAR), CONVERT('1',UNSIGNED)
      SELECT SLEEP(0)
      SELECT BENCHMARK(1,MD5('a'))
      SELECT LOAD_FILE('/nonexistent')
      SELECT COUNT(*), SUM(1), AVG(1), MAX(2), MIN(3)
      SELECT 1 AS one UNION SELECT 2
      SELECT 1 UNION ALL SELECT 'x'
      SELECT * FROM (SELECT 1 a, 2 b) t
      SELECT (SELECT 3)
      SELECT EXISTS(SELECT 1)
      SELECT 1 LIMIT 0
      SELECT GROUP_CONCAT(a) FROM (SELECT 1 a UNION SELECT 2) t
      SELECT GREATEST(1,2), LEAST(1,2), ABS(-3), ROUND(1.5), FLOOR(1.5), CEIL(1.2), POW(2,3), SQRT(4)
      SELECT TRIM('  a '), LPAD('a',3,'-'), REPEAT('ab',2), LOCATE('b','abc'), INSTR('abc','c'), STRCMP('a','b')
      SELECT ROW_COUNT(), FOUND_ROWS(), LAST_INSERT_ID()`),
  ],
  mistakes: [
    enter,
    ...queries(`
      foo
      SELECT
      SELECT FROM
      SELECT 1 FROM
      SELEC 1
      SELECT 1; SELECT 2
      SELECT 'open
      SELECT nope
      SELECT nope FROM mysql.db
      SELECT * FROM nowhere.t
      SELECT * FROM t
      SELECT *
      SELECT nope()
      SELECT test.nope()
      SELECT CONCAT()
      SELECT LENGTH(1,2)
      SELECT 1 FROM mysql.nope
      SELECT * FROM information_schema.nope
      SELECT 1 WHERE
      SELECT 1 +
      SELECT (1
      SELECT 1)
      SELECT 1,2 UNION SELECT 1
      SELECT (SELECT 1,2)
      SELECT (1,2) = 1
      SELECT 1 UNION SELECT 2 ORDER BY 3
      INSERT INTO x VALUES
      CREATE TABLE x
      DROP TABLE nope
      DROP DATABASE nope
      CREATE DATABASE mysql
      SHOW NOPE
      SHOW CREATE TABLE nope.t
      UPDATE t SET a=1
      SELECT 1 FROM dual WHERE 1=1 AND '
      SELECT SUM(1) FROM mysql.db WHERE SUM(1)>0
      SELECT 9223372036854775807+1
      CREATE FUNCTION sys_exec RETURNS INTEGER SONAME 'nope.so'
      CREATE FUNCTION sys_exec RETURNS INTEGER SONAME '../nope.so'
      SELECT EXTRACTVALUE(1,CONCAT(0x7e,VERSION()))
      LOAD DATA LOCAL
      KILL 999999
      CALL nope()
      SELECT /*!40001 SQL_NO_CACHE */ 1
      SELECT 1 -- comment
      SELECT 1 # comment
      SELECT /* inner */ 1`),
  ],
  'tables of their own': [
    enter,
    ...queries(`
      CREATE DATABASE shop
      CREATE DATABASE shop
      CREATE DATABASE IF NOT EXISTS shop
      USE shop
      CREATE TABLE t (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL, note TEXT, price DECIMAL(10,2), made DATETIME, n BIGINT UNSIGNED, d DATE, f DOUBLE)
      CREATE TABLE t (a INT)
      CREATE TABLE IF NOT EXISTS t (a INT)
      INSERT INTO t (name) VALUES ('first')
      INSERT INTO t (name, note, price, made, n, d, f) VALUES ('second', 'text', 12.5, '2024-01-02 03:04:05', 18446744073709551615, '2024-01-02', 1.25), ('third', NULL, 3, NULL, 0, NULL, 2)
      INSERT INTO t VALUES (1, 'x', 'y', 1, NULL, 1, NULL, 1)
      INSERT INTO t (name) VALUES (NULL)
      INSERT INTO t (nope) VALUES (1)
      INSERT INTO t (name, note) VALUES ('a')
      INSERT INTO t (note) VALUES ('a')
      INSERT INTO t (name, n) VALUES ('a', 'abc')
      INSERT INTO t SET name = 'fourth', price = 7
      SELECT * FROM t
      SELECT name, price * 2 FROM t WHERE id > 1 ORDER BY name DESC
      SELECT COUNT(*) FROM t
      SELECT SUM(price), AVG(price), MAX(name) FROM t
      SELECT name FROM t ORDER BY id LIMIT 1 OFFSET 1
      SELECT a.id, b.name FROM t a JOIN t b ON a.id = b.id WHERE a.id = 2
      SELECT nope FROM t
      SELECT id FROM t a JOIN t b
      SELECT t.* FROM t WHERE id = 1
      SELECT name, COUNT(*) FROM t GROUP BY name HAVING COUNT(*) > 1
      UPDATE t SET price = 1 WHERE id = 1
      UPDATE t SET price = 1 WHERE id = 1
      UPDATE t SET nope = 1
      DELETE FROM t WHERE id = 3
      DELETE FROM t WHERE id = 99
      ALTER TABLE t ADD COLUMN extra INT DEFAULT 5
      ALTER TABLE t DROP COLUMN nope
      SHOW TABLES
      DESCRIBE t
      SHOW COLUMNS FROM t LIKE 'n%'
      SHOW CREATE TABLE t
      REPLACE INTO t (id, name) VALUES (1, 'replaced')
      TRUNCATE TABLE t
      SELECT * FROM t
      DROP TABLE t, u
      DROP TABLE IF EXISTS t
      SHOW TABLES
      DROP DATABASE shop
      SELECT DATABASE()`),
  ],
  'a ransom': [
    enter,
    ...queries(`
      CREATE DATABASE README_TO_RECOVER
      USE README_TO_RECOVER
      CREATE TABLE RECOVER_YOUR_DATA (text VARCHAR(255))
      INSERT INTO RECOVER_YOUR_DATA (text) VALUES ('All your data is backed up. Pay.')
      SELECT * FROM RECOVER_YOUR_DATA
      SHOW TABLES
      COMMIT
      DROP DATABASE README_TO_RECOVER`),
  ],
  'several at once': [
    'login+multi tester secret',
    ...queries(`
      SELECT 1; SELECT 2
      SELECT 1; nope; SELECT 2
      SET @a=1; SELECT @a;`),
  ],
  'a library': [
    enter,
    ...queries(`
      SELECT @@plugin_dir, @@version_compile_os
      SELECT * FROM mysql.func
      SHOW VARIABLES LIKE 'secure_file_priv'
      SELECT 0x7f454c46 INTO DUMPFILE '/nonexistent/x.so'
      SELECT 'a','b' UNION SELECT 'c','d' INTO DUMPFILE '/nonexistent/y'
      CREATE AGGREGATE FUNCTION sys_eval RETURNS STRING SONAME 'udf.so'
      DROP FUNCTION IF EXISTS sys_eval
      DROP FUNCTION sys_eval
      SELECT sys_eval('id')`),
  ],
  transactions: [
    enter,
    ...queries(`
      CREATE DATABASE shop
      USE shop
      CREATE TABLE t (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL)
      INSERT INTO t (name) VALUES ('kept')
      BEGIN
      INSERT INTO t (name) VALUES ('gone')
      UPDATE t SET name = 'changed' WHERE id = 1
      SELECT * FROM t
      ROLLBACK
      SELECT * FROM t
      START TRANSACTION
      DELETE FROM t
      SAVEPOINT a
      INSERT INTO t (name) VALUES ('after a')
      ROLLBACK TO SAVEPOINT a
      ROLLBACK TO nowhere
      RELEASE SAVEPOINT a
      RELEASE SAVEPOINT a
      COMMIT
      SELECT COUNT(*) FROM t
      INSERT INTO t (id, name) VALUES (7, 'one'), (7, 'twice')
      SELECT COUNT(*) FROM t
      SET autocommit = 0
      INSERT INTO t (name) VALUES ('unsaid')
      ROLLBACK
      INSERT INTO t (name) VALUES ('said by what defines')
      CREATE TABLE u (a INT)
      ROLLBACK
      SELECT name FROM t
      SET autocommit = 1
      BEGIN
      SELECT @@in_transaction
      COMMIT
      DROP DATABASE shop`),
  ],
  'what Connector/J, HeidiSQL and phpMyAdmin ask first': [
    enter,
    ...queries(`
      /* mysql-connector-java-8.0.33 */SELECT  @@session.auto_increment_increment AS auto_increment_increment, @@character_set_client AS character_set_client, @@character_set_connection AS character_set_connection, @@character_set_results AS character_set_results, @@character_set_server AS character_set_server, @@collation_server AS collation_server, @@collation_connection AS collation_connection, @@init_connect AS init_connect, @@interactive_timeout AS interactive_timeout, @@license AS license, @@lower_case_table_names AS lower_case_table_names, @@max_allowed_packet AS max_allowed_packet, @@net_write_timeout AS net_write_timeout, @@performance_schema AS performance_schema, @@sql_mode AS sql_mode, @@system_time_zone AS system_time_zone, @@time_zone AS time_zone, @@wait_timeout AS wait_timeout
      SET sql_mode='STRICT_TRANS_TABLES'
      SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci
      SELECT CONNECTION_ID() > 0
      SELECT @@collation_connection
      SHOW SESSION VARIABLES LIKE 'lower_case_table_names'
      SHOW SESSION VARIABLES LIKE 'character\\_set\\_%'
      SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME='information_schema'
      SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME
      SELECT @@version, @@version_comment
      SHOW PRIVILEGES
      SELECT @@lower_case_table_names
      SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'mysql'
      SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA='mysql' AND TABLE_NAME='user'
      SELECT \`SCHEMA_NAME\` FROM \`INFORMATION_SCHEMA\`.\`SCHEMATA\`, (SELECT DB_first_level FROM ( SELECT DISTINCT SUBSTRING_INDEX(SCHEMA_NAME, '_', 1) DB_first_level FROM INFORMATION_SCHEMA.SCHEMATA WHERE TRUE ) t ORDER BY DB_first_level ASC LIMIT 0, 100) t2 WHERE TRUE AND 1 = LOCATE(CONCAT(DB_first_level, '_'), CONCAT(SCHEMA_NAME, '_')) ORDER BY SCHEMA_NAME ASC
      SELECT 1 FROM (SELECT \`GRANTEE\`, \`IS_GRANTABLE\` FROM \`INFORMATION_SCHEMA\`.\`COLUMN_PRIVILEGES\`) t LIMIT 1`),
  ],
  'what injection tools ask': [
    enter,
    ...queries(`
      SELECT CONCAT(0x7171,(CASE WHEN (9120=9120) THEN 1 ELSE 0 END),0x7170)
      SELECT (CASE WHEN (QUARTER(NULL) IS NULL) THEN 1 ELSE 0 END)
      SELECT (CASE WHEN (VERSION() LIKE 0x254d61726961444225) THEN 1 ELSE 0 END)
      SELECT MID((IFNULL(CAST(CURRENT_USER() AS NCHAR),0x20)),1,6)
      SELECT ORD(MID((IFNULL(CAST(DATABASE() AS NCHAR),0x20)),1,1))>64
      SELECT IFNULL(CAST(COUNT(DISTINCT(schema_name)) AS NCHAR),0x20) FROM INFORMATION_SCHEMA.SCHEMATA
      SELECT DISTINCT(IFNULL(CAST(schema_name AS NCHAR),0x20)) FROM INFORMATION_SCHEMA.SCHEMATA LIMIT 1,1
      SELECT IFNULL(CAST(table_name AS NCHAR),0x20) FROM INFORMATION_SCHEMA.TABLES WHERE table_schema IN (0x6d7973716c) ORDER BY table_name LIMIT 3
      SELECT 1 UNION ALL SELECT CONCAT(0x7178,JSON_ARRAYAGG(CONCAT_WS(0x3a,schema_name)),0x7178) FROM INFORMATION_SCHEMA.SCHEMATA
      SELECT EXTRACTVALUE(1,CONCAT(0x5c,0x7e,(SELECT USER())))
      SELECT GTID_SUBSET(CONCAT(0x71,(SELECT 1)),1)
      SELECT 1 WHERE 1=1 AND (SELECT 2 FROM (SELECT(SLEEP(0)))a)=0
      SELECT 1 RLIKE (SELECT (CASE WHEN (1=2) THEN 1 ELSE 0x28 END))
      SELECT LENGTH(LOAD_FILE(0x2f6e6f6e65))
      SELECT (SELECT GROUP_CONCAT(table_name) FROM information_schema.tables WHERE table_schema='nowhere')
      SELECT 'a' INTO OUTFILE '/nonexistent/x.php'
      SELECT 1,2 ORDER BY 3
      SHOW GLOBAL VARIABLES LIKE 'general_log'
      SET GLOBAL general_log_file = '/nonexistent/shell.php'
      SELECT @@global.local_infile
      LOAD DATA INFILE '/nonexistent/x' INTO TABLE mysql.nope`),
  ],
}
