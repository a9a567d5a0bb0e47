import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { type Inside, startInside } from '../inside.ts'
import { createNetwork, type Network, whyNoNamespaces } from '../namespaces.ts'
import { missing } from '../skep.ts'

const sensorUser = 64291
const sensorGroup = 64290
const why = whyNoNamespaces() ?? missing('nft', 'setpriv', 'python3')

/**
 * What code injected into the sensor might try, with the sensor's user but without the runtime's own refusals: a thousand
 * ways out, of every kind that an unprivileged process has. Prints how many were tried.
 */
const ways = `
import socket, sys, random, errno
victim4, victim6 = sys.argv[1:3]
tried = 0
def attempt(make):
    global tried
    tried += 1
    try: make()
    except OSError: pass
def sock(family, kind, proto=0, bind=None, options=()):
    s = socket.socket(family, kind, proto)
    s.settimeout(0.002)
    for level, name, value in options: s.setsockopt(level, name, value)
    if bind: s.bind(bind)
    return s
def tcp(family, host, port, **more):
    s = sock(family, socket.SOCK_STREAM, **more); s.setblocking(False)
    try: s.connect((host, port))
    except BlockingIOError: pass
    keep.append(s)
keep = []
random.seed(7)
for n in range(200):
    port = random.randrange(1, 65536)
    for family, host in ((socket.AF_INET, victim4), (socket.AF_INET6, victim6)):
        attempt(lambda: tcp(family, host, port))
        attempt(lambda: sock(family, socket.SOCK_DGRAM).sendto(b'x' * (n % 1400), (host, port)))
for family, host in ((socket.AF_INET, victim4), (socket.AF_INET6, victim6)):
    for n in range(40):
        # DNS, NTP, SSDP and their like, from ports that a real service would use.
        attempt(lambda: sock(family, socket.SOCK_DGRAM, bind=('', 1024 + n)).sendto(b'\\x00\\x01\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01\\x00\\x01', (host, (53, 123, 1900, 161)[n % 4])))
        attempt(lambda: tcp(family, host, 25 + n, options=[(socket.SOL_TCP, 23, 5)]))
        attempt(lambda: sock(family, socket.SOCK_STREAM, options=[(socket.SOL_TCP, 30, 1)]).sendto(b'fast open', 0x20000000, (host, 80 + n)))
    for proto in (socket.IPPROTO_ICMP, socket.IPPROTO_ICMPV6, socket.IPPROTO_RAW, socket.IPPROTO_TCP, socket.IPPROTO_UDP, 132, 47, 4, 41):
        attempt(lambda: sock(family, socket.SOCK_RAW, proto).sendto(b'\\x08\\x00\\xf7\\xff\\x00\\x00\\x00\\x00', (host, 0)))
        attempt(lambda: sock(family, socket.SOCK_DGRAM, proto).sendto(b'\\x08\\x00\\xf7\\xff\\x00\\x00\\x00\\x00', (host, 0)))
        attempt(lambda: sock(family, socket.SOCK_SEQPACKET, proto).connect((host, 80)))
    attempt(lambda: sock(family, socket.SOCK_DGRAM, 136).sendto(b'udplite', (host, 9)))
for n in range(10):
    attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).send(b'x' * 60))
    attempt(lambda: sock(socket.AF_INET, socket.SOCK_DGRAM, options=[(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)]).sendto(b'x', ('255.255.255.255', 9)))
    attempt(lambda: sock(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('224.0.0.251', 5353)))
    attempt(lambda: sock(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('ff02::1%eth0', 5353)))
    attempt(lambda: tcp(socket.AF_INET6, '::ffff:' + victim4, 80 + n))
while tried < 1000:
    attempt(lambda: tcp(socket.AF_INET, victim4, tried))
print(tried)
`

/**
 * What is in reach of native code that has taken over the decoys' processes: their sockets, which root opened. They are taken
 * out of the processes (pidfd_getfd(2)) and turned around by the decoys' user, after which no decoy hears any more. Then what needs a
 * helper outside: a victim's datagram that reaches a new socket, which makes all that it sends look like an answer. Prints
 * how many were tried.
 */
const turned = `
import ctypes, os, socket, struct, sys
victim4, victim6, sensor4, *pids = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
listeners, datagrams = [], []
for pid in map(int, pids):
    held = os.pidfd_open(pid)
    for name in os.listdir(f'/proc/{pid}/fd'):
        fd = libc.syscall(438, held, int(name), 0)
        try: s = socket.socket(fileno=fd)
        except OSError: continue
        if s.family not in (socket.AF_INET, socket.AF_INET6): continue
        if s.type == socket.SOCK_DGRAM: datagrams.append(s)
        elif s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN): listeners.append(s)
os.setgroups([]); os.setgid(${sensorGroup}); os.setuid(${sensorUser})
tried = 0
def attempt(make):
    global tried
    tried += 1
    try: make()
    except OSError: pass
def forget(s): libc.connect(s.fileno(), struct.pack('HH12x', socket.AF_UNSPEC, 0), 16)
def hosts(s): return [victim4] if s.family == socket.AF_INET else [victim6, '::ffff:' + victim4]
for s in listeners:
    for host in hosts(s):
        forget(s); s.setblocking(False)
        attempt(lambda: s.connect((host, 80)))
for s in datagrams:
    for host in hosts(s):
        attempt(lambda: s.sendto(b'x', (host, 53)))
        attempt(lambda: s.sendmsg([b'x'], [], 0, (host, 53)))
mine = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); mine.bind((sensor4, 5300)); mine.settimeout(5)
print('bound', flush=True)
_, asked = mine.recvfrom(100)
for _ in range(10): attempt(lambda: mine.sendto(b'an answer', asked))
for proto in (262, 132, 33):
    def other():
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto); s.settimeout(0.1); s.connect((victim4, 80))
    attempt(other)
if os.fork() == 0:
    libc.unshare(0x10000000)  # a user namespace of its own, in which it holds every capability
    attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
    attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).sendto(b'\\x08\\0\\xf7\\xff\\0\\0\\0\\0', (victim4, 0)))
    os._exit(0)
os.wait()
print(len(listeners), len(datagrams), tried)
`

/** What decoys can be asked to do to a third party, by those of their features that reach out in the real products. */
const features = `
import socket, sys
sensor, victim = sys.argv[1:3]
comma = victim.replace('.', ',')
def talk(port, *pieces, udp=False):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM); s.settimeout(5)
    s.connect((sensor, port)); heard = b''
    for piece in pieces:
        s.send(piece.encode('latin1'))
        try: heard += s.recv(65536)
        except OSError: pass
    s.close()
    return heard
answered = [bool(heard) for heard in [
    talk(21, 'USER anonymous\\r\\n', 'PASS x@example.com\\r\\n', f'PORT {comma},0,80\\r\\n', 'LIST\\r\\n', f'EPRT |1|{victim}|80|\\r\\n', 'NLST\\r\\n'),
    talk(6379, f'SLAVEOF {victim} 80\\r\\n', 'SET k v\\r\\n', f'MIGRATE {victim} 80 k 0 1000\\r\\n', 'PING\\r\\n'),
    talk(80, f'CONNECT {victim}:80 HTTP/1.1\\r\\nHost: {victim}\\r\\n\\r\\n'),
    talk(80, f'GET http://{victim}/ HTTP/1.1\\r\\nHost: {victim}\\r\\n\\r\\n'),
    talk(80, f'GET /?url=http://{victim}/&x=$\\x7bjndi:ldap://{victim}/a}} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'),
    talk(25, 'EHLO a.example\\r\\n', 'MAIL FROM:<a@a.example>\\r\\n', f'RCPT TO:<root@[{victim}]>\\r\\n', 'DATA\\r\\n', 'Subject: x\\r\\n\\r\\nx\\r\\n.\\r\\n'),
    talk(53, '\\0\\x07\\x01\\0\\0\\x01\\0\\0\\0\\0\\0\\0\\x03www\\x07example\\x03com\\0\\0\\x01\\0\\x01', udp=True),
    talk(3389, '\\x03\\0\\0\\x13\\x0e\\xe0\\0\\0\\0\\0\\0\\x01\\0\\x08\\0\\x03\\0\\0\\0'),
]]
print(answered.count(True))
`

/** Counts what a machine hears from an address, packets of ARP and neighbour discovery aside; prints on its end of input. */
const listener = `
import socket, sys, threading
sources = sys.argv[1:]
heard = []
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
def listen():
    while True:
        p = s.recv(65535)
        kind = p[12:14]
        if kind == b'\\x08\\x00' and socket.inet_ntop(socket.AF_INET, p[26:30]) in sources: heard.append(p)
        elif kind == b'\\x86\\xdd' and socket.inet_ntop(socket.AF_INET6, p[22:38]) in sources and not (p[20] == 58 and 133 <= p[54] <= 137): heard.append(p)
threading.Thread(target=listen, daemon=True).start()
print('listening', flush=True)
sys.stdin.read()
for p in heard[:5]: print(p[:80].hex())
print(len(heard))
`

describe('the lock on the way out', { skip: why }, () => {
  let network: Network
  let inside: Inside
  /** Listens at the victim while something happens; how many packets came from the sensor. */
  async function heardWhile(act: () => void | Promise<void>): Promise<number> {
    const [command, ...args] = [...network.within('victim'), 'python3', '-c', listener]
    const ear = spawn(command!, [...args, network.address('sensor'), network.address('sensor', 6)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let text = ''
    ear.stdout.on('data', piece => (text += piece))
    while (!text.includes('listening')) await new Promise(resolve => setTimeout(resolve, 20))
    await act()
    await new Promise(resolve => setTimeout(resolve, 300))
    ear.stdin.end()
    await new Promise(resolve => ear.once('close', resolve))
    return Number(text.trim().split('\n').at(-1))
  }
  const asSensor = () => {
    const rights = ['setpriv', '--reuid', `${sensorUser}`, '--regid', `${sensorGroup}`, '--clear-groups']
    const victims = [network.address('victim'), network.address('victim', 6)]
    const { stdout, stderr } = network.run('sensor', [...rights, '/usr/bin/env', 'python3', '-c', ways, ...victims])
    assert.match(stdout, /^\d+$/m, stderr)
    return Number(stdout)
  }
  const skep = (...args: string[]) => inside.skep(...args)
  const said = (event: string) => inside.said(event)

  before(async () => {
    network = createNetwork(['attacker', 'sensor', 'victim'])
    inside = await startInside(network, 'sensor', ['--edition', 'sensor'])
    await said('ready')
    // The proof takes its time, and must not meet a test that takes the rules away.
    await said('egress')
  })
  after(async () => {
    await inside?.remove()
    network?.remove()
  })

  it('without it, the victim hears what is tried (so the test can fail)', async () => {
    assert.equal(skep('firewall', 'remove').status, 0)
    assert.ok((await heardWhile(() => void asSensor())) > 100)
  })

  it('is in place and proved, and a thousand ways out reach nobody while attacks are answered', async () => {
    assert.equal(skep('firewall', 'apply').status, 0)
    assert.equal(skep('firewall', 'apply').status, 0, 'again is no harm')
    const { state, ways: tried } = (await said('egress')) as { state: string; ways: unknown[] }
    assert.deepEqual([state, tried.length >= 6], ['proved', true])
    const answers: number[] = []
    const heard = await heardWhile(async () => {
      assert.ok(asSensor() >= 1000)
      for (const family of [4, 6] as const) {
        const host = family === 6 ? `[${network.address('sensor', 6)}]` : network.address('sensor')
        for (let n = 0; n < 10; n++)
          answers.push(network.run('attacker', ['curl', '-sm5', '-o', '/dev/null', `http://${host}/`]).status)
      }
    })
    assert.equal(heard, 0, 'packets from the sensor')
    assert.deepEqual(new Set(answers), new Set([0]))
    const { status, stdout } = skep('firewall', 'check')
    assert.equal(status, 0, stdout)
    assert.match(stdout, /packets dropped before: tcp over ipv4/)
    // Layer by layer; the unit is not here.
    const layers = skep('doctor', '--json')
      .stdout.trim()
      .split('\n')
      .map(line => JSON.parse(line) as { check: string; state: string })
      .filter(({ check }) => check.startsWith('way out'))
    assert.deepEqual(
      layers.map(({ check }) => check),
      ['way out: firewall', 'way out: code', 'way out: unit'],
    )
    assert.deepEqual([layers[0]!.state, layers[1]!.state], ['ok', 'ok'])
  })

  it('what decoys are asked to do to others reaches nobody, through their own features', async () => {
    const heard = await heardWhile(() => {
      const { stdout, stderr } = network.run('attacker', [
        'python3',
        '-c',
        features,
        network.address('sensor'),
        network.address('victim'),
      ])
      assert.equal(stdout.trim(), '8', stderr)
    })
    assert.equal(heard, 0, 'packets from the sensor')
  })

  it('answers to datagrams pass, and the decoys’ own port begins nothing', async () => {
    const ask = `import socket
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.settimeout(15)
s.sendto(b'\\x23'+b'\\0'*47,('${network.address('sensor')}',123));print(len(s.recv(100)))`
    const { stdout, stderr } = network.run('attacker', ['python3', '-c', ask])
    assert.equal(stdout.trim(), '48', stderr)
  })

  it('leaves what administers the machine alone, through apply and remove', async t => {
    const [command, ...args] = [...network.within('sensor'), 'python3', '-c']
    const echo = `import socket
l=socket.create_server(('',64295));print('up',flush=True);c,_=l.accept()
while True:
    d=c.recv(100)
    if not d: break
    c.sendall(d)`
    const server = spawn(command!, [...args, echo], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise(resolve => server.stdout.once('data', resolve))
    const client = spawn(
      'ip',
      [
        ...network.within('attacker').slice(1),
        'python3',
        '-u',
        '-c',
        `import socket,sys
s=socket.create_connection(('${network.address('sensor')}',64295),5)
for line in sys.stdin:
    s.sendall(line.encode());print(s.recv(100).decode().strip(),flush=True)`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    t.after(() => {
      client.kill('SIGKILL')
      server.kill('SIGKILL')
    })
    const answers = createInterface(client.stdout)[Symbol.asyncIterator]()
    const say = async (word: string) => {
      client.stdin.write(`${word}\n`)
      assert.equal((await answers.next()).value, word)
    }
    await say('before')
    const lock = () => network.run('sensor', ['nft', 'list', 'table', 'inet', 'skep']).stdout
    const before = lock()
    network.run('sensor', ['nft', 'add', 'table', 'inet', 'somebody'])
    assert.equal(skep('firewall', 'remove').status, 0)
    await say('removed')
    assert.match(network.run('sensor', ['nft', 'list', 'ruleset']).stdout, /table inet somebody/)
    assert.equal(skep('firewall', 'apply').status, 0)
    await say('applied')
    const now = lock()
    const rules = (text: string) => text.match(/^\t\t(meta|ct|udp).*$/gm)
    assert.deepEqual(rules(now), rules(before))
  })

  it('those who meet strangers gain nothing by a set-user-ID program, know none of our environment, and undo no record of root’s', () => {
    const read = (pid: string, file: string) => fs.readFileSync(`/proc/${pid}/${file}`, 'utf8')
    const exposed = read(`${inside.pid}`, `task/${inside.pid}/children`)
      .trim()
      .split(' ')
      .filter(pid => /src\/(sensor|capture)\/main\.ts/.test(read(pid, 'cmdline')))
    assert.ok(exposed.length >= 2)
    for (const pid of exposed) {
      assert.match(read(pid, 'status'), /^NoNewPrivs:\t1$/m)
      assert.match(read(pid, 'status'), /^CapEff:\t0+$/m)
      assert.doesNotMatch(read(pid, 'environ'), /(^|\0)HOME=/)
    }
    const journal = `${inside.data}/journal`
    const owners = new Set(fs.readdirSync(journal).map(name => fs.statSync(`${journal}/${name}`).uid))
    assert.ok(owners.has(0) && owners.has(sensorUser))
    const as = ['setpriv', '--reuid', `${sensorUser}`, '--regid', `${sensorGroup}`, '--clear-groups']
    network.run('sensor', [
      ...as,
      'sh',
      '-c',
      `cd ${inside.data}; rm -f journal/supervisor-*; mv journal away; >journal/note; >note`,
    ])
    assert.ok(fs.existsSync(`${journal}/note`), 'it may write there')
    assert.ok(fs.readdirSync(journal).some(name => name.startsWith('supervisor-')))
    assert.ok(!fs.existsSync(`${inside.data}/note`))
  })

  it('sockets that the decoys hold reach nobody, turned around, nor does what a forged datagram would open', async () => {
    const victims = [network.address('victim'), network.address('victim', 6)]
    const pids = fs.readFileSync(`/proc/${inside.pid}/task/${inside.pid}/children`, 'utf8').trim().split(' ')
    const sensors = pids.filter(pid => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('src/sensor/main.ts'))
    assert.equal(sensors.length, 2)
    let said = ''
    const heard = await heardWhile(async () => {
      const [command, ...args] = [...network.within('sensor'), 'python3', '-c', turned]
      const intruder = spawn(command!, [...args, ...victims, network.address('sensor'), ...sensors], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      intruder.stdout.on('data', piece => (said += piece))
      const over = new Promise(resolve => intruder.once('close', resolve))
      for (let n = 0; n < 500 && !said.includes('bound'); n++) await new Promise(resolve => setTimeout(resolve, 20))
      network.run('victim', [
        'python3',
        '-c',
        `import socket
socket.socket(socket.AF_INET,socket.SOCK_DGRAM).sendto(b'?',('${network.address('sensor')}',5300))`,
      ])
      await over
    })
    const [listeners, datagrams, tried] = said.trim().split('\n').at(-1)!.split(' ').map(Number)
    assert.ok(listeners! > 50 && datagrams! > 5 && tried! > 100, said)
    assert.equal(heard, 0, 'packets from the sensor')
  })

  it('once it has stopped, its ports are anybody’s, and its user is locked in as before', async () => {
    const fromDecoysPort = () =>
      network.run('sensor', [
        'python3',
        '-c',
        `import socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.settimeout(2); s.bind(('', 3306))
try: s.connect(('${network.address('victim')}', 80))
except OSError as e: print(e)`,
      ]).stdout
    await inside.stop()
    assert.match(fromDecoysPort(), /refused/)
    assert.equal(await heardWhile(() => void asSensor()), 0, 'packets from the sensor')
    skep('firewall', 'apply')
    assert.match(fromDecoysPort(), /timed out/, 'held again')
  })

  it('lets a host’s conditions be met: nothing outward, and nobody notices', async () => {
    inside = await startInside(network, 'sensor', ['--edition', 'sensor', '--provider', 'ablenet'], inside.data)
    await said('ready')
    const { state } = (await said('egress')) as { state: string }
    assert.equal(state, 'proved')
    const { provider } = (await said('standing')) as { provider: { conditions: { id: string; unmet?: string }[] } }
    assert.deepEqual(provider.conditions, [{ id: 'no-outbound' }, { id: 'low-impact' }])
    assert.match(
      network.run('sensor', ['nft', 'list', 'table', 'inet', 'skep']).stdout,
      /limit rate over 1000000 bytes\/second/,
    )
    // Every port is redirected now: what goes through the kernel's rules on its way out is held as well.
    await inside.eventually(event => /^every port: redirected/.test(event.message ?? ''), 2, 30)
    assert.equal(await heardWhile(() => void asSensor()), 0, 'packets from the sensor')
    const children = fs.readFileSync(`/proc/${inside.pid}/task/${inside.pid}/children`, 'utf8').trim().split(' ')
    for (const pid of children) assert.equal(os.getPriority(Number(pid)), 10)
  })

  it('says so, and proves nothing, where the rules are gone', () => {
    skep('firewall', 'remove')
    const { status, stdout } = skep('firewall', 'check')
    assert.equal(status, 1)
    assert.match(stdout, /NOT proved: no rules of skep/)
  })
})
