import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import telnet from '../index.ts'
import { visit } from '../testing.ts'

const options = { device: 'dvr', access: { rules: ['root:xc3511', 'admin:admin'], otherwise: 'refuse' } }
const asked = (heard: string) => /login: $/.test(heard)
const prompted = (heard: string) => /[#$] $/.test(heard)

/** What somebody hears who types these lines at the shell, each once the one before is answered. */
async function session(
  lines: readonly string[],
  how: { memory?: Map<string, object>; device?: string; user?: string } = {},
) {
  const { user = 'root', device = 'dvr', memory } = how
  const visitor = visit({ options: { ...options, device }, ...(memory ? { memory } : {}) })
  await visitor.until(asked)
  visitor.type(`${user}\r\n${user === 'root' ? 'xc3511' : user}\r\n`)
  await visitor.until(prompted)
  for (const line of lines) {
    const before = visitor.heard().length
    visitor.type(`${line}\r\n`)
    await visitor.until(heard => heard.length > before + line.length && prompted(heard), 5)
  }
  visitor.leave()
  await visitor.session.catch(() => {})
  return visitor
}

test('the first twelve octets are BusyBox’s, and the prompt follows at once', async () => {
  for (const device of ['dvr', 'busybox']) {
    const { until, leave } = visit({ options: { ...options, device } })
    const heard = await until(asked)
    assert.match(heard, /^\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x01\xff\xfb\x03[\w().-]+ login: $/)
    leave()
  }
})

test('nothing is ever answered to what a client says of options; all of it is told', async () => {
  const visitor = visit({ options })
  await visitor.until(asked)
  const before = visitor.heard()
  visitor.type('\xff\xfb\x18\xff\xfb\x20\xff\xfd\x01\xff\xfd\x03\xff\xfd\x05\xff\xfb\x27\xff\xfc\x22\xff\xf6\xff\xf1')
  visitor.type('\xff\xfa\x18\0XTERM\xff\xf0\xff\xfa\x27\0\0USER\x01-f root\xff\xf0')
  visitor.type('r')
  assert.equal(await visitor.until(heard => heard.length > before.length), `${before}r`)
  const told = visitor.events.filter(({ name }) => name === 'telnetOption')
  assert.equal(told.length, 9)
  assert.ok(JSON.stringify(told).includes('USER=-f root'))
  visitor.leave()
})

test('three wrong passwords, each refused late, end it; the password is not shown', async () => {
  const visitor = visit({ options })
  for (let tries = 1; tries <= 3; tries++) {
    await visitor.until(heard => heard.split('login: ').length > tries)
    visitor.type(`root\r\0secret${tries}\r\0`)
  }
  await visitor.session
  const heard = await visitor.until(text => text.split('Login incorrect').length === 4)
  assert.equal(heard.split('\r\nLogin incorrect\r\n').length, 4)
  assert.ok(!heard.includes('secret'))
  assert.equal(visitor.events.filter(({ name }) => name === 'login').length, 3)
})

test('ten empty names, and the end of input, end it without a word', async () => {
  const empty = visit({ options })
  await empty.until(asked)
  empty.type('\r\n'.repeat(10))
  await empty.session
  assert.equal(empty.heard().split('login: ').length, 11)
  const ended = visit({ options })
  await ended.until(asked)
  ended.type('\x04')
  await ended.session
  assert.equal(ended.events.filter(({ name }) => name === 'login').length, 0)
})

test('a log-in that takes longer than a minute is told so', async () => {
  let now = 1_000_000
  const [client, server] = duplexPair()
  const { record } = listeningRecorder()
  const conn = new Conn(server, { ...defaultLimits, ...telnet.limits }, undefined, () => now)
  const cx = { ...testContext(telnet, record, { options }), now: () => now }
  let heard = ''
  client.on('data', chunk => {
    heard += chunk.toString('latin1')
  })
  const over = telnet.session!(conn, cx).catch(() => {})
  for (let i = 0; i < 6; i++) await new Promise(setImmediate)
  now += 61_000
  conn.expire(now)
  await over
  for (let i = 0; i < 6; i++) await new Promise(setImmediate)
  assert.ok(heard.endsWith('\r\nLogin timed out after 60 seconds\r\n'), heard)
})

test('the terminal: size by NAWS, tabs as spaces, a TERM that no client chose', async () => {
  const visitor = await session(['stty size; echo $TERM', 'echo -e "a\\tb"', 'tty'])
  assert.match(visitor.heard(), /0 0\r\nvt102\r\n/)
  assert.match(visitor.heard(), /\r\na {7}b\r\n/)
})

test('what was left is found again, by whichever name; the router is another machine', async () => {
  const memory = new Map<string, object>()
  await session(['echo left > /mnt/mtd/.note; cat /mnt/mtd/.note'], { memory })
  const again = await session(['cat /mnt/mtd/.note; id -u'], { memory, user: 'admin' })
  assert.match(again.heard(), /\r\nleft\r\n0\r\n/)
  const router = await session(['cat /mnt/mtd/.note'], { memory, device: 'busybox' })
  assert.match(router.heard(), /can't open '\/mnt\/mtd\/\.note': No such file or directory/)
})

test('telnetd is one process for all, and its connection is the shell’s', async () => {
  const visitor = await session(['ps | grep -c [t]elnetd; netstat -tnp', 'cat /proc/net/tcp | wc -l'])
  assert.match(visitor.heard(), /\r\n1\r\nActive Internet connections \(w\/o servers\)/)
  assert.match(visitor.heard(), /ESTABLISHED \d+\/sh/)
})
