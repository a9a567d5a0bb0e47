/** Dialogues with a connection of its own each: see client.ts for what a step is. */
const enter = 'login postgres secret'
const queries = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map(line => `query ${line.trim()}`)

export const script: Readonly<Record<string, readonly string[]>> = {
  'a log-in that fails': ['login postgres wrong'],
  'an unknown database': ['login postgres secret nowhere'],
  'a role that is not there': ['login nobody-here secret'],
  'an old protocol': ['raw 0000000800020000'],
  'a newer one': ['raw 00000008270f0000'],
  'no user': ['raw 000000090003000000'],
  'encryption by GSS': ['raw 0000000804d21630', 'raw 000000090003000000'],
  'something that is no start-up': ['raw 474554202f20485454502f312e300d0a0d0a'],
  'a message that is none': [enter, 'raw 2100000004'],
  'what tools ask': [
    enter,
    ...queries(`
      SELECT version()
      SELECT current_user, session_user, current_database(), current_schema()
      SHOW server_version
      SHOW server_version_num
      SHOW standard_conforming_strings
      SHOW nope
      SHOW transaction_isolation
      SELECT current_setting('server_version_num')
      SELECT current_setting('nope')
      SET application_name = 'x'
      SET nope = 1
      SELECT pg_is_in_recovery()
      SELECT 1
      SELECT 1, 'a', NULL, 1.5, true, 1::text, 'x'::name
      SELECT 1 AS one, 2 two
      SELECT datname FROM pg_database WHERE datistemplate ORDER BY 1
      SELECT rolname, rolsuper FROM pg_roles WHERE rolcanlogin
      SELECT usename, usesuper FROM pg_user
      SELECT nspname FROM pg_namespace ORDER BY nspname
      SELECT tablename FROM pg_tables WHERE schemaname = 'public'
      SELECT schema_name FROM information_schema.schemata ORDER BY 1
      SELECT name, setting FROM pg_settings WHERE name IN ('port', 'ssl_min_protocol_version', 'max_connections') AND name <> 'port'
      SELECT extname FROM pg_extension
      SELECT oid, typname FROM pg_type WHERE typname IN ('int4', 'text', '_int4') ORDER BY oid
      `),
  ],
  expressions: [
    enter,
    ...queries(`
      SELECT 1+1, 5/2, 5%2, 2*3.5, 1.0/3, -4, 7-10
      SELECT 'a' || 'b', length('abc'), upper('abc'), substr('abcdef', 2, 3), md5('a')
      SELECT 1=1, 1<>1, 'a' < 'b', NULL IS NULL, NOT true, true AND false, true OR false
      SELECT 1 BETWEEN 0 AND 2, 1 IN (1,2), 'abc' LIKE 'a%', 'ABC' ILIKE 'a%', 'abc' ~ '^a'
      SELECT CASE WHEN true THEN 'x' ELSE 'y' END, coalesce(NULL, 2), nullif(1, 1)
      SELECT CAST('12' AS int), '7'::bigint, 1::boolean, 't'::bool, '1.50'::numeric(10,1)
      SELECT count(*), sum(x), avg(x), min(x), max(x) FROM (VALUES (1), (2), (3)) v(x)
      SELECT * FROM (SELECT 1 AS a, 'b' AS b) t
      SELECT x FROM generate_series(1, 3) AS x
      SELECT 1 UNION SELECT 2 ORDER BY 1
      SELECT ARRAY[1,2,3], ARRAY['a','b c'], array_length(ARRAY[1,2], 1)
      SELECT E'a\\\\nb', $$dollar$$, $x$it's$x$
      SELECT encode('abc', 'hex'), decode('616263', 'hex'), encode('abc', 'base64')
      SELECT chr(65), ascii('A'), repeat('ab', 2), replace('abc', 'b', 'x'), strpos('abc', 'c'), split_part('a,b', ',', 2)
      SELECT (SELECT 3), EXISTS(SELECT 1)
      SELECT pg_sleep(0)
      SELECT concat('a', 1, NULL), lpad('a', 3, '-'), trim('  a ')
      SELECT 1 LIMIT 0
      SELECT 1; SELECT 2
      ;
      `),
  ],
  mistakes: [
    enter,
    ...queries(`
      foo
      SELECT
      SELECT FROM
      SELECT nope
      SELECT nope FROM pg_class
      SELECT * FROM nope
      SELECT * FROM nope.t
      SELECT *
      SELECT nope()
      SELECT nope(1, 'a')
      SELECT length()
      SELECT 1/0
      SELECT 'a'::int
      SELECT 'a' + 1
      SELECT 1 + true
      SELECT 1 WHERE
      SELECT (1
      SELECT 1)
      SELECT 'open
      SELECT "open
      SELECT $$open
      SELECT 1 UNION SELECT 1, 2
      SELECT 1 ORDER BY 3
      INSERT INTO nope VALUES (1)
      UPDATE nope SET a = 1
      DELETE FROM nope
      DROP TABLE nope
      DROP TABLE IF EXISTS nope
      DROP DATABASE nope
      CREATE DATABASE postgres
      CREATE TABLE t (a nope)
      SELECT 1::nope
      SELECT 99999999999::int
      SELECT '{1'::int[]
      SELECT a.b FROM pg_class c
      SELECT oid FROM pg_class a, pg_type b
      SELECT sum(1) FROM pg_class WHERE sum(1) > 0
      SELECT (SELECT 1, 2)
      SELECT (SELECT oid FROM pg_class)
      COMMIT
      ROLLBACK
      CREATE FUNCTION sys(text) RETURNS int AS '/nonexistent/x.so', 'sys' LANGUAGE C
      COPY nope FROM PROGRAM 'id'
      SELECT lo_unlink(123456)
      SELECT pg_read_file('/nonexistent')
      SELECT 1 -- comment
      SELECT /* a /* nested */ b */ 1`),
  ],
  'tables of their own': [
    enter,
    ...queries(`
      CREATE TABLE t (id serial PRIMARY KEY, name varchar(20) NOT NULL, note text, price numeric(10,2), made timestamp, big bigint, ok boolean, f double precision)
      CREATE TABLE t (a int)
      CREATE TABLE IF NOT EXISTS t (a int)
      INSERT INTO t (name) VALUES ('first')
      INSERT INTO t (name, note, price, made, big, ok, f) VALUES ('second', 'text', 12.5, '2024-01-02 03:04:05', 9000000000, true, 1.5), ('third', NULL, 3, NULL, 0, false, 2)
      INSERT INTO t (name) VALUES ('fourth') RETURNING id, name
      INSERT INTO t (nope) VALUES (1)
      INSERT INTO t (name, note) VALUES ('a')
      INSERT INTO t (name, note) VALUES ('a', 'b', 'c')
      INSERT INTO t (name) VALUES ('a name that is much too long for it')
      SELECT * FROM t
      SELECT name, price * 2 FROM t WHERE id > 1 ORDER BY name DESC
      SELECT count(*) FROM t
      SELECT sum(price), max(name) FROM t
      SELECT a.id, b.name FROM t a JOIN t b ON a.id = b.id WHERE a.id = 2
      SELECT name, count(*) FROM t GROUP BY name HAVING count(*) > 1
      UPDATE t SET price = 1 WHERE id = 1
      UPDATE t SET nope = 1
      DELETE FROM t WHERE id = 3
      DELETE FROM t WHERE id = 99
      ALTER TABLE t ADD COLUMN extra int DEFAULT 5
      ALTER TABLE t DROP COLUMN nope
      COPY t (name, note) TO STDOUT
      CREATE TABLE cmd_output (line text)
      COPY cmd_output FROM PROGRAM 'echo hello'
      SELECT * FROM cmd_output
      COPY cmd_output FROM PROGRAM 'exit 3'
      TRUNCATE t
      SELECT id, name FROM t
      BEGIN
      SELECT 1
      SELECT nope
      SELECT 1
      ROLLBACK
      DROP TABLE t, cmd_output
      CREATE ROLE backdoor SUPERUSER LOGIN PASSWORD 'x'
      CREATE ROLE backdoor
      DROP ROLE backdoor`),
  ],
  'the extended protocol': [
    enter,
    'parse SELECT 1',
    'sync',
    'bind',
    'sync',
    'parse SELECT $1::int + 1, $2::text',
    'bind 41|x',
    'describe',
    'execute',
    'sync',
    'parse SELECT nope',
    'bind',
    'sync',
    'parse SELECT 1; SELECT 2',
    'sync',
    'execute',
    'sync',
  ],
  transactions: [
    enter,
    ...queries(`
      CREATE TABLE t (id serial PRIMARY KEY, name text NOT NULL)
      INSERT INTO t (name) VALUES ('kept')
      BEGIN
      BEGIN
      INSERT INTO t (name) VALUES ('gone')
      UPDATE t SET name = 'changed' WHERE id = 1
      CREATE TABLE u (a int)
      DROP TABLE t
      ROLLBACK
      ROLLBACK
      SELECT * FROM t
      SELECT * FROM u
      COMMIT
      SAVEPOINT a
      BEGIN
      SAVEPOINT a
      INSERT INTO t (name) VALUES ('after a')
      SELECT nope
      SELECT 1
      ROLLBACK TO SAVEPOINT a
      SELECT count(*) FROM t
      ROLLBACK TO nowhere
      ROLLBACK TO a
      RELEASE SAVEPOINT a
      RELEASE a
      COMMIT
      SELECT count(*) FROM t
      INSERT INTO t (id, name) VALUES (70, 'one'), (70, 'twice')
      SELECT count(*) FROM t
      INSERT INTO t (id, name) VALUES (80, 'first of two'); SELECT nope
      SELECT count(*) FROM t
      INSERT INTO t (id, name) VALUES (90, 'first of two'); SELECT 1
      SELECT count(*) FROM t
      BEGIN
      CREATE DATABASE within
      ROLLBACK
      TRUNCATE t
      ALTER TABLE t RENAME COLUMN name TO title
      BEGIN
      ALTER TABLE t ADD COLUMN more int
      ALTER TABLE t RENAME TO v
      ABORT
      SELECT * FROM t
      DROP TABLE t`),
  ],
  'what drivers and pgAdmin ask first': [
    enter,
    ...queries(`
      SET extra_float_digits = 3
      SET application_name = 'PostgreSQL JDBC Driver'
      SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
      SET DateStyle=ISO; SET client_min_messages=notice; SELECT set_config('bytea_output','hex',false) FROM pg_show_all_settings() WHERE name = 'bytea_output'; SET client_encoding='UTF8';
      SELECT oid as id, rolname as name, rolsuper as is_superuser, CASE WHEN rolsuper THEN true ELSE rolcreaterole END as can_create_role, CASE WHEN rolsuper THEN true ELSE rolcreatedb END as can_create_db FROM pg_catalog.pg_roles WHERE rolname = current_user
      SELECT db.oid > 0 as did, db.datname, db.datallowconn, pg_encoding_to_char(db.encoding) AS serverencoding, has_database_privilege(db.oid, 'CREATE') as cancreate FROM pg_catalog.pg_database db WHERE db.datname = current_database()
      SELECT current_schema(), session_user
      select current_database() as a, current_schemas(false) as b
      SELECT version()
      SHOW search_path
      SHOW transaction_isolation
      SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' ORDER BY 1
      SELECT datname FROM pg_database WHERE datistemplate = false ORDER BY datname
      SELECT c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','') AND n.nspname = 'public'
      SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
      SELECT t.typname FROM pg_type t WHERE t.oid = 23
      SELECT typinput='array_in'::regproc as is_array FROM pg_type WHERE typname = '_int4'
      SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database
      SELECT pg_is_in_recovery()
      SELECT usename, usesuper FROM pg_user WHERE usename = CURRENT_USER
      SELECT extname FROM pg_extension ORDER BY 1
      SELECT lanname FROM pg_language ORDER BY 1
      SELECT setting FROM pg_settings WHERE name='server_version_num'`),
  ],
  'what attackers do': [
    enter,
    ...queries(`
      CREATE LANGUAGE plpython3u
      CREATE EXTENSION plpython3u
      CREATE EXTENSION IF NOT EXISTS plpgsql
      CREATE EXTENSION dblink
      DROP TABLE IF EXISTS abroxu
      CREATE TABLE abroxu(cmd_output text)
      COPY abroxu FROM PROGRAM 'echo cm9vdA== | base64 -d'
      SELECT * FROM abroxu
      DROP TABLE IF EXISTS abroxu
      COPY (SELECT 'x') TO PROGRAM 'cat > /dev/null'
      COPY (SELECT 1) TO '/nonexistent/x'
      CREATE FUNCTION system(cstring) RETURNS int AS '/lib/x86_64-linux-gnu/libc.so.6', 'system' LANGUAGE C STRICT
      CREATE FUNCTION system(cstring) RETURNS int AS '/nonexistent/x.so', 'system' LANGUAGE C STRICT
      SELECT lo_create(43210)
      SELECT lo_create(43210)
      INSERT INTO pg_largeobject VALUES (43210, 0, decode('f0VMRg==', 'base64'))
      SELECT lo_export(43210, '/nonexistent/x.so')
      SELECT lo_get(43210)
      SELECT lo_from_bytea(43211, '\\x7f454c46')
      SELECT encode(lo_get(43211), 'hex')
      SELECT lo_unlink(43210), lo_unlink(43211)
      SELECT lo_unlink(43210)
      SELECT pg_ls_dir('/nonexistent')
      SELECT pg_read_file('/nonexistent', 0, 10)
      SELECT count(*) > 0 FROM pg_ls_dir('.')
      SELECT current_setting('is_superuser')
      SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres'
      ALTER USER postgres WITH PASSWORD 'secret'
      CREATE USER pgdbadm SUPERUSER PASSWORD 'x'
      ALTER USER pgdbadm WITH SUPERUSER
      DROP USER pgdbadm
      SELECT pg_sleep(0)
      SELECT 1 WHERE 1=1 AND 1=CAST((SELECT version()) AS int)
      SELECT CAST((CHR(113)||CHR(120))||(SELECT (CASE WHEN (1=1) THEN 1 ELSE 0 END))::text||(CHR(113)) AS NUMERIC)
      SELECT (CASE WHEN (SUBSTRING((SELECT current_user::text) FROM 1 FOR 1) = 'p') THEN 1 ELSE 0 END)
      SELECT query_to_xml('select 1', true, true, '')
      DO $$ BEGIN PERFORM 1; END $$
      SELECT inet_server_port() > 0
      CREATE DATABASE readme_to_recover
      DROP DATABASE readme_to_recover`),
  ],
}
