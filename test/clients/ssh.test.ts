import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import type { Event } from '#events/event.ts'
import { release } from '#services/ssh/algorithms.ts'
import { missing, type Skep, startSkep } from '../skep.ts'

const execute = promisify(execFile)
/** Both streams of a program, whatever its exit code. */
async function output(program: string, args: string[], seconds = 60): Promise<string> {
  const { stdout, stderr } = await execute(program, args, { timeout: seconds * 1000 }).catch(error => error)
  return `${stdout}${stderr}`
}
const options = (port: number, extra: string[]) => [
  ...['-p', String(port), '-F', 'none', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
  ...extra.flatMap(option => ['-o', option]),
]
const denied = /Permission denied \(publickey,password\)/

type Login = {
  method: string
  password?: string
  public_key?: { type: string; fingerprint: string; verified?: boolean }
}
const isLogin = (event: Event) => event.event.action === 'login'
const login = (event: Event) => event.skep.login as Login
const triedBy = (user: string) => (event: Event) =>
  isLogin(event) && (event as unknown as { user: { name: string } }).user.name === user

describe('ssh, with real clients', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ssh-clients-'))
  let skep: Skep
  let port: number
  let identification: string
  before(async () => {
    skep = await startSkep({ edition: 'sensor' })
    port = skep.port('ssh')
    identification = await new Promise<string>((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1').once('error', reject)
      socket.once('data', data => {
        resolve(data.toString('latin1').trim())
        socket.destroy()
      })
    })
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  /** Passwords that a user was tried with, once all are there. */
  const passwords = async (user: string, count: number) =>
    (await skep.eventually(triedBy(user), count)).map(event => login(event).password).sort()
  const wordList = (words: string[]) => {
    const file = path.join(home, `words-${words[0]}`)
    fs.writeFileSync(file, `${words.join('\n')}\n`)
    return file
  }

  test('OpenSSH: a refused password takes its time and is recorded', { skip: missing('ssh', 'sshpass') }, async () => {
    const began = Date.now()
    const said = await output('sshpass', [
      ...['-p', 'hunter2', 'ssh'],
      ...options(port, ['PubkeyAuthentication=no']),
      ...['openssh@127.0.0.1', 'id'],
    ])
    // sshpass stops at the second prompt.
    assert.match(said, /Permission denied, please try again/)
    assert.ok(Date.now() - began > 1000, 'A refusal takes the time that PAM takes')
    assert.deepEqual(await passwords('openssh', 1), ['hunter2'])
    const [hello] = await skep.eventually(event => event.event.action === 'ssh-hello')
    assert.match(JSON.stringify(hello), /"hassh":"[0-9a-f]{32}"/)
  })

  test('OpenSSH: every algorithm that is offered', { skip: missing('ssh') }, async () => {
    const { kex, rsa, ciphers, macs } = release(identification)
    const marker = 'kex-strict-s-v00@openssh.com'
    const known = (await output('ssh', ['-Q', 'kex'])).split('\n')
    const choices = [
      ...kex.filter(name => name !== marker && known.includes(name)).map(name => [`KexAlgorithms=${name}`]),
      ...[...rsa, 'ecdsa-sha2-nistp256', 'ssh-ed25519'].map(name => [`HostKeyAlgorithms=${name}`]),
      ...ciphers.flatMap(cipher =>
        cipher.endsWith('-ctr') ? macs.map(mac => [`Ciphers=${cipher}`, `MACs=${mac}`]) : [[`Ciphers=${cipher}`]],
      ),
      ['Compression=yes'],
    ]
    const left = [...choices]
    const worker = async () => {
      for (let choice = left.pop(); choice; choice = left.pop())
        assert.match(
          await output('ssh', [...options(port, [...choice, 'PreferredAuthentications=none']), 'x@127.0.0.1']),
          denied,
          choice.join(' '),
        )
    }
    await Promise.all([worker(), worker(), worker(), worker()])
    assert.ok(choices.length >= 47)
  })

  test('OpenSSH: a key is recorded as ssh-keygen knows it', { skip: missing('ssh', 'ssh-keygen') }, async () => {
    for (const type of ['ed25519', 'rsa', 'ecdsa']) {
      const file = path.join(home, type)
      await output('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file])
      const args = [...options(port, ['IdentitiesOnly=yes', 'BatchMode=yes']), '-i', file, `key-${type}@127.0.0.1`]
      assert.match(await output('ssh', args), denied)
      const [found] = await skep.eventually(triedBy(`key-${type}`))
      const [, fingerprint] = (await output('ssh-keygen', ['-l', '-f', file])).split(' ')
      assert.equal(login(found!).public_key!.fingerprint, fingerprint)
    }
  })

  test('OpenSSH: host keys are the same at the next visit', { skip: missing('ssh-keyscan') }, async () => {
    const scan = async () =>
      (await output('ssh-keyscan', ['-p', String(port), '127.0.0.1']))
        .split('\n')
        .filter(line => line !== '' && !line.startsWith('#'))
        .sort()
    const first = await scan()
    assert.equal(first.length, 3)
    assert.deepEqual(await scan(), first)
  })

  test('paramiko: a password, and a key whose signature is genuine', { skip: withoutParamiko() }, async () => {
    const script = `
import paramiko, sys
key = paramiko.RSAKey.generate(2048)
for how in ({'password': 'parrot'}, {'pkey': key}):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    try:
        client.connect('127.0.0.1', ${port}, 'paramiko', look_for_keys=False, allow_agent=False, **how)
    except paramiko.AuthenticationException as error:
        print(error)
`
    assert.equal(await output('/usr/bin/python3', ['-c', script]), 'Authentication failed.\n'.repeat(2))
    const found = (await skep.eventually(triedBy('paramiko'), 2)).map(login)
    assert.equal(found.find(tried => tried.method === 'password')?.password, 'parrot')
    assert.equal(found.find(tried => tried.method === 'publickey')?.public_key?.verified, true)
  })

  test('plink', { skip: missing('plink') }, async () => {
    const seen = await output('plink', ['-batch', '-P', String(port), '-pw', 'putty', 'plink@127.0.0.1', 'id'])
    const key = /SHA256:[A-Za-z0-9+/]+/.exec(seen)?.[0]
    assert.ok(key, seen)
    const args = ['-batch', '-hostkey', key, '-P', String(port), '-pw', 'putty', 'plink@127.0.0.1', 'id']
    assert.match(await output('plink', args), /Access denied|password was not accepted|No supported authentication/)
    assert.deepEqual(await passwords('plink', 1), ['putty'])
  })

  test('hydra', { skip: missing('hydra') }, async () => {
    const words = ['hydra1', 'hydra2', 'hydra3', 'hydra4']
    const args = ['-I', '-l', 'hydra', '-P', wordList(words), '-t', '2', '-s', String(port), '127.0.0.1', 'ssh']
    assert.match(await output('hydra', args), /0 valid password/)
    assert.deepEqual(await passwords('hydra', words.length), words)
  })

  test('medusa', { skip: missing('medusa') }, async () => {
    const words = ['medusa1', 'medusa2', 'medusa3']
    const args = ['-h', '127.0.0.1', '-u', 'medusa', '-P', wordList(words), '-n', String(port), '-M', 'ssh']
    assert.match(await output('medusa', args), /ACCOUNT CHECK: \[ssh\].*medusa3/)
    assert.deepEqual(await passwords('medusa', words.length), words)
  })

  test('ncrack', { skip: missing('ncrack') }, async () => {
    const words = ['ncrack1', 'ncrack2', 'ncrack3']
    const args = ['--user', 'ncrack', '-P', wordList(words), `ssh://127.0.0.1:${port}`]
    assert.match(await output('ncrack', args, 120), /Ncrack finished/)
    assert.deepEqual([...new Set(await passwords('ncrack', words.length))], words)
  })

  test('nmap names product, version, algorithms, keys and methods', { skip: missing('nmap') }, async () => {
    const scripts = 'ssh2-enum-algos,ssh-hostkey,ssh-auth-methods'
    const args = ['-Pn', '-n', '-sV', '-p', String(port), '--script', scripts, '127.0.0.1']
    const said = await output('nmap', args, 120)
    const [, version] = /OpenSSH_(\S+)/.exec(identification)!
    assert.match(said, new RegExp(`ssh\\s+OpenSSH ${version!.replace(/\./g, '\\.')} (Debian|Ubuntu)`))
    for (const name of [...release(identification).macs, 'zlib@openssh.com']) assert.ok(said.includes(name), name)
    assert.match(said, /256 [0-9a-f]{32} \(ED25519\)/)
    assert.match(said, /Supported authentication methods:\s+\|\s+publickey\s+\|_?\s+password/)
    assert.doesNotMatch(said, /honey/i)
  })

  test('an HTTP request is an observation, no error', async () => {
    const socket = net.connect({ port, host: '127.0.0.1' })
    socket.end('GET / HTTP/1.1\r\n\r\n')
    let heard = ''
    for await (const chunk of socket) heard += chunk
    assert.equal(heard, `${identification}\r\nInvalid SSH identification string.\r\n`)
    await skep.eventually(event => event.event.action === 'malformed' && event.skep.service === 'ssh')
    assert.equal(skep.events(event => event.event.action === 'service-error').length, 0)
  })
})

test('keyboard-interactive, where it is on', { skip: missing('ssh', 'sshpass') }, async () => {
  const skep = await startSkep({ edition: 'sensor', config: 'services:\n  ssh:\n    keyboardInteractive: true\n' })
  try {
    await output('sshpass', [
      ...['-p', 'asked', 'ssh'],
      ...options(skep.port('ssh'), ['PreferredAuthentications=keyboard-interactive']),
      'interactive@127.0.0.1',
    ])
    const [found] = await skep.eventually(triedBy('interactive'))
    assert.deepEqual(login(found!), { method: 'keyboard-interactive', password: 'asked' })
  } finally {
    await skep.stop()
  }
})

function withoutParamiko(): string | false {
  const { status } = spawnSync('/usr/bin/python3', ['-c', 'import paramiko'])
  return status === 0 ? false : 'python3-paramiko not installed'
}
