import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import type { Event } from '#events/event.ts'
import { release } from '#services/ssh/algorithms.ts'
import { missing, type Skep, startSkep } from '../skep.ts'

const execute = promisify(execFile)
type Outcome = { stdout: string; stderr: string; code?: number }
/** Both streams of a program, and its exit code where that is not 0. */
const run = (program: string, args: string[], input = '', env: Record<string, string> = {}): Promise<Outcome> => {
  const running = execute(program, args, { timeout: 60_000, env: { ...process.env, ...env }, maxBuffer: 16 << 20 })
  running.child.stdin!.on('error', () => {}).end(input)
  return running.catch(error => error)
}
const line = (event: Event) => (event as unknown as { process?: { command_line?: string } }).process?.command_line
const isCommand = (text: string) => (event: Event) => event.event.action === 'command' && line(event) === text
const python = (library: string) =>
  spawnSync('/usr/bin/python3', ['-c', `import ${library}`]).status === 0 ? false : `python3-${library} not installed`

describe('ssh sessions, with real clients', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ssh-sessions-'))
  let skep: Skep
  let port: number
  before(async () => {
    const access = { rules: ['root:toor', 'oracle:toor'], otherwise: 'refuse' }
    skep = await startSkep({
      edition: 'sensor',
      config: JSON.stringify({ persona: { os: 'debian-12' }, services: { ssh: { access } } }),
    })
    port = skep.port('ssh')
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const common = [
    ...['-F', 'none', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
    ...['-o', 'PubkeyAuthentication=no'],
  ]
  const ssh = (args: string[], input = '', user = 'root') =>
    run(
      'sshpass',
      [
        '-p',
        'toor',
        'ssh',
        '-p',
        String(port),
        ...common,
        ...args.slice(0, -1),
        `${user}@127.0.0.1`,
        args.at(-1)!,
      ].filter(Boolean),
      input,
    )
  const withSsh = { skip: missing('ssh', 'sshpass') }

  test('OpenSSH: what people type first', withSsh, async () => {
    const { stdout, code } = await ssh(['uname -a; id; cat /proc/cpuinfo | head'])
    assert.match(
      stdout,
      /^Linux \S+ 6\.1\.0-\d+-(?:cloud-)?amd64 #1 SMP PREEMPT_DYNAMIC Debian .* GNU\/Linux\nuid=0\(root\) gid=0\(root\)/,
    )
    assert.match(stdout, /processor\t: 0\nvendor_id\t: /)
    assert.equal(code, undefined)
    await skep.eventually(isCommand('uname -a; id; cat /proc/cpuinfo | head'))
    const [login] = await skep.eventually(event => event.event.action === 'login')
    assert.equal((login!.event as { outcome?: string }).outcome, 'success')
  })

  test('OpenSSH: both outputs, status and signal', withSsh, async () => {
    const { stdout, stderr, code } = await ssh(['echo out; echo err >&2; exit 7'])
    assert.deepEqual([stdout, stderr, code], ['out\n', 'err\n', 7])
    assert.equal((await ssh(['kill -9 $$'])).code, 255)
  })

  test('OpenSSH: a terminal from prompt to prompt, and a shell without one', withSsh, async () => {
    const { stdout } = await ssh(['-tt', ''], 'echo $((6*7)); tty\nexit 5\n')
    assert.match(stdout, /ABSOLUTELY NO WARRANTY/)
    assert.match(stdout, /root@\S+:~# /)
    assert.match(stdout, /\r42\r\n/)
    assert.match(stdout, /\/dev\/pts\/0/)
    await skep.eventually(isCommand('echo $((6*7)); tty'))
    await skep.eventually(event => event.event.action === 'recording')
    const { stdout: plain, code } = await ssh(['-T', ''], 'echo $((6*7))\nexit 5\n')
    assert.match(plain, /ABSOLUTELY NO WARRANTY.*\n42\n$/s)
    assert.equal(code, 5)
  })

  test('OpenSSH: somebody the machine did not know lives there', withSsh, async () => {
    const { stdout } = await ssh(['id; pwd; grep -c oracle /etc/passwd; ls -a'], '', 'oracle')
    assert.match(stdout, /^uid=1\d\d\d\(oracle\) gid=1\d\d\d\(oracle\) groups=1\d\d\d\(oracle\)\n\/home\/oracle\n1\n/)
    assert.match(stdout, /\.bashrc\n/)
  })

  test('OpenSSH: what was left is there at the next visit, and is a sample', withSsh, async () => {
    const body = randomBytes(300_000)
    fs.writeFileSync(path.join(home, 'body'), body)
    const sha256 = createHash('sha256').update(body).digest('hex')
    const script = `sshpass -p toor ssh -p ${port} ${common.join(' ')} root@127.0.0.1 'cat > /tmp/left' < ${home}/body`
    assert.equal((await run('sh', ['-c', script])).code, undefined)
    const { stdout } = await ssh(['sha256sum /tmp/left; wc -c < /tmp/left'])
    assert.equal(stdout, `${sha256}  /tmp/left\n300000\n`)
    await skep.eventually(event => JSON.stringify(event).includes(sha256) && event.event.action === 'file-upload')
  })

  test('OpenSSH: every algorithm that is offered carries a session', withSsh, async () => {
    const { kex, rsa, ciphers, macs } = release('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3')
    const known = (await run('ssh', ['-Q', 'kex'])).stdout.split('\n')
    const choices = [
      ...kex.filter(name => known.includes(name)).map(name => [`KexAlgorithms=${name}`]),
      ...[...rsa, 'ecdsa-sha2-nistp256', 'ssh-ed25519'].map(name => [`HostKeyAlgorithms=${name}`]),
      ...ciphers.flatMap(cipher =>
        cipher.endsWith('-ctr') ? macs.map(mac => [`Ciphers=${cipher}`, `MACs=${mac}`]) : [[`Ciphers=${cipher}`]],
      ),
      ['Compression=yes'],
      ['Compression=yes', 'Ciphers=aes128-gcm@openssh.com'],
      ['RekeyLimit=16K'],
    ]
    const left = [...choices]
    const worker = async () => {
      for (let choice = left.pop(); choice; choice = left.pop()) {
        const options = choice.flatMap(option => ['-o', option])
        const { stdout, stderr } = await ssh([...options, 'head -c 200000 /dev/zero | wc -c; head -c 100000 /dev/zero'])
        assert.equal(stdout.length, '200000\n'.length + 100_000, `${choice.join(' ')}: ${stderr}`)
      }
    }
    await Promise.all([worker(), worker(), worker()])
    assert.ok(choices.length >= 48)
  })

  test('OpenSSH: several sessions over one connection', withSsh, async () => {
    const socket = path.join(home, 'control')
    const master = ['-o', 'ControlMaster=auto', '-o', `ControlPath=${socket}`, '-o', 'ControlPersist=20']
    await ssh([...master, 'true'])
    const outputs = await Promise.all(
      Array.from({ length: 8 }, (_, i) => ssh([...master, `echo session ${i}; sleep 0.3; echo end`])),
    )
    for (const [i, { stdout }] of outputs.entries()) assert.equal(stdout, `session ${i}\nend\n`)
    await run('ssh', ['-o', `ControlPath=${socket}`, '-O', 'exit', 'root@127.0.0.1'])
  })

  test('OpenSSH: a tunnel leads nowhere, and what goes in is recorded', {
    skip: missing('ssh', 'sshpass', 'curl'),
  }, async () => {
    const local = 20_000 + (process.pid % 10_000)
    const script = `sshpass -p toor ssh -p ${port} ${common.join(' ')} -D 127.0.0.1:${local} -N root@127.0.0.1 & ssh=$!
      for i in 1 2 3 4 5 6 7 8 9 10; do curl -s --max-time 8 --socks5-hostname 127.0.0.1:${local} http://tunnel.example/found && break; sleep 0.5; done
      curl -s --max-time 8 -k --socks5-hostname 127.0.0.1:${local} https://secret.example/; echo " tls $?"; kill $ssh`
    const { stdout } = await run('sh', ['-c', script])
    assert.match(stdout, / tls (35|28|97|7|52|56)/)
    const tunnels = await skep.eventually(event => event.event.action === 'tunnel-request', 2)
    assert.match(JSON.stringify(tunnels), /"host":"tunnel\.example","port":80/)
    assert.match(JSON.stringify(tunnels), /"host":"secret\.example","port":443/)
  })

  test('plink', { skip: missing('plink') }, async () => {
    const seen = await run('plink', ['-batch', '-P', String(port), '-pw', 'toor', 'root@127.0.0.1', 'id'])
    const key = /SHA256:[A-Za-z0-9+/]+/.exec(`${seen.stdout}${seen.stderr}`)?.[0]
    assert.ok(key)
    const args = ['-batch', '-hostkey', key, '-P', String(port), '-pw', 'toor', 'root@127.0.0.1']
    assert.match((await run('plink', [...args, 'id; echo $0'])).stdout, /^uid=0\(root\).*\nbash\n$/s)
  })

  test('sftp, scp by either protocol, and psftp', { skip: missing('sftp', 'scp', 'sshpass', 'psftp') }, async () => {
    const body = randomBytes(100_000)
    const [up, down] = [path.join(home, 'up'), path.join(home, 'down')]
    fs.writeFileSync(up, body)
    const batch = path.join(home, 'batch')
    fs.writeFileSync(
      batch,
      `put ${up} /tmp/by-sftp\nchmod 600 /tmp/by-sftp\nln -s /tmp/by-sftp /tmp/link\nls -l /tmp/link\nget /tmp/link ${down}\n`,
    )
    const said = await run('sshpass', [
      '-p',
      'toor',
      'sftp',
      '-P',
      String(port),
      ...common,
      '-o',
      'BatchMode=no',
      '-b',
      batch,
      'root@127.0.0.1',
    ])
    assert.equal(said.code, undefined, said.stderr)
    assert.deepEqual(fs.readFileSync(down), body)
    for (const flags of [[], ['-O']]) {
      const scp = (from: string, to: string) =>
        run('sshpass', ['-p', 'toor', 'scp', ...flags, '-P', String(port), ...common, from, to])
      assert.equal((await scp(up, 'root@127.0.0.1:/tmp/by-scp')).code, undefined)
      fs.rmSync(down)
      assert.equal((await scp('root@127.0.0.1:/tmp/by-scp', down)).code, undefined)
      assert.deepEqual(fs.readFileSync(down), body)
    }
    const key = /SHA256:[A-Za-z0-9+/]+/.exec(
      (await run('plink', ['-batch', '-P', String(port), '-pw', 'toor', 'root@127.0.0.1', 'id'])).stderr,
    )?.[0]
    fs.writeFileSync(batch, 'ls /tmp\nquit\n')
    const { stdout } = await run('psftp', [
      '-batch',
      '-hostkey',
      key ?? '',
      '-P',
      String(port),
      '-pw',
      'toor',
      'root@127.0.0.1',
      '-b',
      batch,
    ])
    assert.match(stdout, /by-scp/)
  })

  test('paramiko: commands, a shell, files', { skip: python('paramiko') }, async () => {
    const script = `
import paramiko, time
c = paramiko.SSHClient()
c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
c.connect('127.0.0.1', ${port}, 'root', 'toor', look_for_keys=False, allow_agent=False)
i, o, e = c.exec_command('echo hello; exit 3')
print(o.read(), o.channel.recv_exit_status())
s = c.invoke_shell()
s.send(b'echo $((1+1))x\\n')
seen = b''
while b'2x' not in seen: seen += s.recv(1000)
s.close()
f = c.open_sftp()
with f.open('/tmp/py', 'w') as h: h.write('written')
print(f.stat('/tmp/py').st_size, sorted(f.listdir('/home'))[0] != '')
c.close()
`
    const { stdout, stderr } = await run('/usr/bin/python3', ['-c', script])
    assert.equal(stdout, "b'hello\\n' 3\n7 True\n", stderr)
  })

  test('asyncssh: commands at once', { skip: python('asyncssh') }, async () => {
    const script = `
import asyncio, asyncssh
async def main():
    async with asyncssh.connect('127.0.0.1', ${port}, username='root', password='toor', known_hosts=None, client_keys=None) as c:
        done = await asyncio.gather(*[c.run(f'echo {n}; exit {n}') for n in range(6)])
        print([(r.stdout, r.exit_status) for r in done])
        p = await c.create_process('cat')
        p.stdin.write('through\\n'); p.stdin.write_eof()
        print(await p.stdout.read())
asyncio.run(main())
`
    const { stdout, stderr } = await run('/usr/bin/python3', ['-c', script])
    assert.equal(stdout, `[${[0, 1, 2, 3, 4, 5].map(n => `('${n}\\n', ${n})`).join(', ')}]\nthrough\n\n`, stderr)
  })

  test('lftp', { skip: missing('lftp') }, async () => {
    const connect = `sftp:connect-program 'ssh -a -x ${common.join(' ')}'`
    const script = `set ${connect}; set sftp:auto-confirm yes; set net:max-retries 1; open -u root,toor -p ${port} sftp://127.0.0.1; cls -1 /home; bye`
    const { stdout, stderr } = await run('lftp', ['-c', script])
    assert.match(stdout, /\/home\//, stderr)
  })

  test('hydra and medusa find the password, nmap runs a command', {
    skip: missing('hydra', 'medusa', 'nmap'),
  }, async () => {
    const words = path.join(home, 'words')
    fs.writeFileSync(words, '123456\ntoor\nadmin\n')
    assert.match(
      (await run('hydra', ['-I', '-l', 'root', '-P', words, '-t', '1', '-s', String(port), '127.0.0.1', 'ssh'])).stdout,
      /login: root\s+password: toor/,
    )
    const medusa = ['-h', '127.0.0.1', '-u', 'root', '-P', words, '-n', String(port), '-M', 'ssh']
    assert.match((await run('medusa', medusa)).stdout, /ACCOUNT FOUND: \[ssh\].*Password: toor/)
    const nmap = [
      '-Pn',
      '-n',
      '-sV',
      '-p',
      String(port),
      '--script',
      'ssh-run',
      '--script-args',
      'ssh-run.cmd=id,ssh-run.username=root,ssh-run.password=toor',
    ]
    assert.match((await run('nmap', [...nmap, '127.0.0.1'])).stdout, /uid=0\(root\)/)
  })
})
