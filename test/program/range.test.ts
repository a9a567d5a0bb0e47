import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Event } from '#events/event.ts'
import { type Inside, startInside } from '../inside.ts'
import { createNetwork, type Network, whyNoNamespaces } from '../namespaces.ts'
import { missing, until } from '../skep.ts'

const why = whyNoNamespaces() ?? missing('nft', 'curl', 'python3', 'redis-cli', 'ssh')

describe('every port', { skip: why }, () => {
  let network: Network
  let inside: Inside
  let neighbour: ChildProcess
  const config = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'skep-range-')), 'skep.yaml')
  const at = (port: number, action: string) => (event: Event) =>
    event.destination?.port === port && event.event.action === action
  const attack = (...command: string[]) => network.run('attacker', command, { timeout: 30_000 })
  /** The addresses of the sensor, as they stand in a URL. */
  const hosts = () => [network.address('sensor'), `[${network.address('sensor', 6)}]`]

  before(async () => {
    network = createNetwork(['attacker', 'sensor'])
    // Somebody else's program, which was there before, and shall go on as it was.
    const [command, ...within] = network.within('sensor')
    neighbour = spawn(command!, [...within, 'python3', '-m', 'http.server', '18999'], {
      stdio: 'ignore',
      cwd: os.tmpdir(),
    })
    fs.writeFileSync(config, 'services: { catchall: { open: 100, walk: 0 } }\n')
    inside = await startInside(network, 'sensor', ['--edition', 'sensor', '--config', config])
    await inside.said('ready')
    await inside.eventually(event => /^every port: redirected/.test(event.message ?? ''), 1, 30)
  })
  after(async () => {
    await inside?.remove()
    neighbour?.kill('SIGKILL')
    network?.remove()
    fs.rmSync(path.dirname(config), { recursive: true, force: true })
  })

  it('HTTP and TLS on any port are the web server’s, over both families, under their true number', async () => {
    for (const [i, host] of hosts().entries()) {
      const plain = attack(
        'curl',
        '-sm9',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        `http://${host}:${31_337 + i}/shell`,
      )
      assert.match(plain.stdout, /^[234]\d\d$/)
      const tls = attack('curl', '-skm9', '-o', '/dev/null', '-w', '%{http_code}', `https://${host}:${44_321 + i}/`)
      assert.match(tls.stdout, /^[234]\d\d$/)
      const [request] = await inside.eventually(at(31_337 + i, 'request'))
      assert.equal(request?.destination?.ip, host.replace(/[[\]]/g, ''))
      assert.equal(request?.skep.service, 'http')
      assert.equal((await inside.eventually(at(44_321 + i, 'tls-hello'))).length, 1)
    }
  })

  it('SSH and Redis on any port are sshd’s and Redis’s', async () => {
    const host = network.address('sensor')
    const ssh = attack('ssh', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-p', '40022', `root@${host}`)
    assert.match(ssh.stderr, /Permission denied \(publickey,password\)/)
    assert.equal((await inside.eventually(at(40_022, 'ssh-hello')))[0]?.skep.service, 'ssh')
    assert.equal(attack('redis-cli', '-h', host, '-p', '51234', 'ping').stdout.trim(), 'PONG')
    assert.equal((await inside.eventually(at(51_234, 'command')))[0]?.skep.service, 'redis')
  })

  it('a remote desktop on any port is xrdp’s', async () => {
    const { stdout } = attack(
      'python3',
      '-c',
      `import socket
s=socket.create_connection(('${network.address('sensor')}',45678));s.settimeout(5)
s.sendall(bytes.fromhex('030000130ee000000000000100080003000000'));print(s.recv(99).hex())`,
    )
    assert.equal(stdout.trim(), '030000130ed000001234000201080001000000')
    assert.equal((await inside.eventually(at(45_678, 'rdp-hello')))[0]?.skep.service, 'rdp')
  })

  it('who waits for the server hears the one that belongs there; elsewhere, silence', async () => {
    const listen = (port: number, patience = 20) =>
      attack(
        'python3',
        '-c',
        `import socket
s=socket.create_connection(('${network.address('sensor')}',${port}));s.settimeout(${patience})
try: print(s.recv(200))
except TimeoutError: print('silence')`,
      ).stdout
    assert.match(listen(60_022), /SSH-2\.0-/)
    assert.match(listen(2121), /220 /)
    assert.match(listen(60_000, 3), /silence/)
  })

  it('words that nobody knows are kept', async () => {
    const host = network.address('sensor')
    attack(
      'python3',
      '-c',
      `import socket
s=socket.create_connection(('${host}',60001));s.sendall(b'\\x99HELO-DVR\\x00'*9);s.close()`,
    )
    const [payload] = await inside.eventually(at(60_001, 'payload'))
    assert.match(JSON.stringify(payload), /HELO-DVR/)
    const { hash } = (payload as unknown as { file: { hash: { sha256: string } } }).file
    assert.equal(fs.statSync(path.join(inside.data, 'artifacts', hash.sha256.slice(0, 2), hash.sha256)).size, 90)
  })

  it('what else runs on this machine is left alone, and our inner doors are nobody’s', () => {
    const host = network.address('sensor')
    assert.match(attack('curl', '-sm9', '-I', `http://${host}:18999/`).stdout, /SimpleHTTP/)
    for (const target of ['198.18.0.80', '198.18.122.105']) {
      network.run('attacker', ['ip', 'route', 'replace', target, 'via', host])
      assert.notEqual(attack('curl', '-sm2', `http://${target}:64320/`).status, 0)
    }
  })

  it('a walk through a thousand ports is in the events, each under its number', async () => {
    const { stdout } = attack(
      'python3',
      '-c',
      `import socket
for port in range(20001, 21001): socket.create_connection(('${network.address('sensor')}', port), 5).close()
print('done')`,
    )
    assert.equal(stdout.trim(), 'done')
    const opened = ({ event, destination }: Event) =>
      event.action === 'connection-opened' && Math.ceil((destination?.port ?? 0) / 1000) === 21
    const found = await inside.eventually(opened, 1000, 30)
    assert.equal(new Set(found.map(event => event.destination!.port)).size, 1000)
  })

  it('sets its rules again when somebody takes them away', async () => {
    assert.equal(network.run('sensor', ['nft', 'delete', 'table', 'inet', 'skep_range']).status, 0)
    const again = () => /skep_range/.test(network.run('sensor', ['nft', 'list', 'ruleset']).stdout)
    await until(again, 'the rules are not back')
    assert.ok(inside.log.some(({ message }) => /rules are gone/.test(String(message))))
  })

  it('rules that nobody holds touch no port, until they are held again', async () => {
    const refused = () =>
      /refused/i.test(attack('nc', '-nvzw1', network.address('sensor'), '20500').stderr) ||
      /refused/i.test(attack('nc', '-6nvzw1', network.address('sensor', 6), '20500').stderr)
    assert.equal(refused(), false)
    // What becomes of them by themselves, two minutes after whoever set them was killed.
    assert.equal(network.run('sensor', ['nft', 'flush', 'set', 'inet', 'skep_range', 'held']).status, 0)
    assert.equal(refused(), true)
    await until(() => !refused(), 'not held again')
  })

  it('leaves nothing behind', async () => {
    await inside.stop()
    assert.doesNotMatch(network.run('sensor', ['nft', 'list', 'ruleset']).stdout, /skep_range/)
    assert.doesNotMatch(network.run('sensor', ['ip', 'route', 'show', 'table', 'local']).stdout, /198\.18/)
  })
})
