import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'
import { typeAt } from './type-at.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string } } }
type Command = Event & { process: { command_line: string } }
type Noted = Event & { skep: { telnet: { verb: string; option: string; value?: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'telnet' && event.event.action === action
const loginOf = (name: string) => (event: Event) => ofAction('login')(event) && (event as Login).user?.name === name

describe('telnet, with real clients', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'telnet-clients-'))
  let skep: Skep
  let port: string
  before(async () => {
    // Who knows the one password is let in, and nobody else ever.
    const access = '{ rules: ["root:vizxv"], otherwise: refuse }'
    skep = await startSkep({
      config: `persona: { os: debian-12, hostname: gate7 }\nservices: { telnet: { access: ${access} } }\n`,
    })
    port = String(skep.port('telnet'))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })

  for (const [name, client] of [
    ['telnet of GNU inetutils', 'telnet'],
    ['telnet of busybox', 'busybox telnet'],
  ] as const)
    test(`${name} gets as far as a refusal`, { skip: missing(client.split(' ')[0]!, 'script') }, async () => {
      const user = client.replace(' ', '-')
      const screen = await typeAt(`${client} 127.0.0.1 ${port}`, [
        ['gate7 login: ', `${user}\r`],
        ['Password: ', 'hunter2\r'],
        ['Login incorrect', ''],
      ])
      assert.match(screen, /Linux \S+ \(gate7\) \(pts\/\d\)\r+\n\r+\ngate7 login: \S+\r\n/)
      assert.doesNotMatch(screen, /hunter2/)
      const [login] = (await skep.eventually(loginOf(user))) as [Login]
      assert.equal(login.skep.login.password, 'hunter2')
    })

  for (const [name, client] of [
    ['telnet of GNU inetutils', 'telnet'],
    ['telnet of busybox', 'busybox telnet'],
  ] as const)
    test(`${name} works at the shell, and leaves a recording`, {
      skip: missing(client.split(' ')[0]!, 'script'),
    }, async () => {
      const mark = client.replace(' ', '-')
      const screen = await typeAt(`${client} 127.0.0.1 ${port}`, [
        ['gate7 login: ', 'root\r'],
        ['Password: ', 'vizxv\r'],
        [':~# ', `echo $UID-${mark}\x7f${mark.at(-1)}\r`],
        [`0-${mark}`, ''],
      ])
      assert.match(screen, /Debian GNU\/Linux comes with ABSOLUTELY NO WARRANTY/)
      const line = `echo $UID-${mark}`
      const typed = (event: Event) => ofAction('command')(event) && (event as Command).process.command_line === line
      const [command] = await skep.eventually(typed)
      const recorded = (event: Event) =>
        ofAction('recording')(event) && event.skep.session === (command as Command).skep.session
      await skep.eventually(recorded)
    })

  test('the window that a client has is the terminal that programs see', {
    skip: missing('telnet', 'script'),
  }, async () => {
    const screen = await typeAt(`sh -c 'stty rows 33 columns 111; exec telnet 127.0.0.1 ${port}'`, [
      ['gate7 login: ', 'root\r'],
      ['Password: ', 'vizxv\r'],
      [':~# ', 'stty size; echo $TERM\r'],
      ['33 111\r\nxterm', ''],
    ])
    assert.match(screen, /33 111\r\nxterm/)
  })

  test('^C stops what runs, exit says logout and closes', { skip: missing('telnet', 'script') }, async () => {
    const screen = await typeAt(`telnet 127.0.0.1 ${port}`, [
      ['gate7 login: ', 'root\r'],
      ['Password: ', 'vizxv\r'],
      [':~# ', 'while :; do :; done\r'],
      ['done', '\x03'],
      [':~# ', 'exit\r'],
    ])
    assert.match(screen, /\^C[\s\S]*logout\r\nConnection closed by foreign host/)
  })

  test('options are recorded with their values', { skip: missing('telnet', 'script') }, async () => {
    await typeAt(`telnet -l visitor 127.0.0.1 ${port}`, [['login: ', '']])
    const value = (event: Event) => ofAction('telnet-option')(event) && (event as Noted).skep.telnet.verb === 'SB'
    const told = ((await skep.eventually(value, 3)) as Noted[]).map(
      e => `${e.skep.telnet.option} ${e.skep.telnet.value}`,
    )
    assert.ok(told.includes('TTYPE XTERM'))
    assert.ok(told.includes('NEW-ENVIRON USER=visitor'), told.join())
  })

  const words = path.join(home, 'words')
  fs.writeFileSync(words, 'admin\n12345\nxc3511\n')
  test('ncrack finds the one password', { skip: missing('ncrack') }, async () => {
    const some = path.join(home, 'some')
    fs.writeFileSync(some, 'admin\nvizxv\n')
    const { out, err } = await runClient('ncrack', [
      '-v',
      '--user',
      'root',
      '-P',
      some,
      `telnet://127.0.0.1:${port},CL=1`,
    ])
    assert.match(out + err, /telnet: 'root' 'vizxv'/)
  })

  // It understands what comes after a refusal as little at the real daemon.
  test('hydra finds it when it is the first', { skip: missing('hydra') }, async () => {
    const { out, err } = await runClient('hydra', [
      '-I',
      '-t',
      '1',
      '-l',
      'root',
      '-p',
      'vizxv',
      '-s',
      port,
      '127.0.0.1',
      'telnet',
    ])
    assert.match(out, /login: root +password: vizxv/, err)
  })

  test('medusa gives up at the second round of options, as at the real daemon', {
    skip: missing('medusa'),
  }, async () => {
    const args = ['-h', '127.0.0.1', '-n', port, '-u', 'root', '-p', 'vizxv', '-M', 'telnet', '-t', '1']
    const { out, err } = await runClient('medusa', args)
    assert.match(out + err, /Failed to identify logon prompt/)
  })

  test('hydra sees nothing but failures for somebody else', { skip: missing('hydra') }, async () => {
    const args = ['-I', '-t', '3', '-l', 'hydra', '-P', words, '-s', port, '127.0.0.1', 'telnet']
    const { out, err } = await runClient('hydra', args)
    assert.match(out, /0 valid password/, err)
    const tried = ((await skep.eventually(loginOf('hydra'), 3)) as Login[]).map(e => e.skep.login.password)
    for (const word of ['admin', '12345', 'xc3511']) assert.ok(tried.includes(word), tried.join())
  })

  test("nmap's scripts read what a client may know", { skip: missing('nmap') }, async () => {
    const { out } = await runClient(
      'nmap',
      ['-Pn', '-p', port, '--script', 'telnet-encryption', '--script-args', 'telnet-encryption.force', '127.0.0.1'],
      { seconds: 120 },
    )
    assert.match(out, /open/)
    assert.doesNotMatch(out, /ERROR/)
  })

  test('nmap names the service', { skip: missing('nmap') }, async () => {
    const { out } = await runClient('nmap', ['-Pn', '-sV', '-p', port, '127.0.0.1'], { seconds: 200 })
    assert.match(out, /open +telnet/)
    assert.doesNotMatch(out, /honeypot/i)
  })
})
