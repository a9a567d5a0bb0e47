import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import type { Attempt } from '#sensor/sandbox.ts'
import { runningPid } from '#supervisor/layout.ts'
import type { Listening } from '#supervisor/messages.ts'
import { missing, root, runClient, startSkep, until } from '../skep.ts'

const skep = (...args: string[]) =>
  spawnSync('sh', ['bin/skep-node', 'src/cli/main.ts', ...args], { cwd: root, encoding: 'utf8', timeout: 60_000 })

test('says where everything listens, ends within five seconds, and leaves nothing behind', async () => {
  const program = await startSkep({ stranger: true })
  assert.match(program.password ?? '', /^\S{16,}$/)
  const ready = program.log.find(line => line.event === 'ready') as { services: Listening[] }
  assert.ok(ready.services.every(port => port.state === 'listening' && port.title && port.replaces))
  const doctor = skep('doctor', '--data', program.data, '--json')
  assert.match(doctor.stdout, /"check":"database","state":"ok"/)
  const began = Date.now()
  await program.stop()
  assert.ok(Date.now() - began < 5000, 'SIGTERM took too long')
  assert.equal(fs.existsSync(program.data), false)
})

test('a taken port is told with the process that holds it, and stops nothing else', async () => {
  const squatter = net.createServer()
  await new Promise<void>(resolve => squatter.listen(0, '127.0.0.1', resolve))
  const { port } = squatter.address() as net.AddressInfo
  const offset = 10_000
  const program = await startSkep({
    config: `listen: { portOffset: ${offset} }\nservices: { redis: { listen: [${port - offset}] } }\n`,
    offset: null,
  })
  const { services } = program.log.find(line => line.event === 'ready') as { services: Listening[] }
  const redis = services.find(p => p.service === 'redis')!
  assert.equal(redis.state, 'down')
  assert.match(redis.why!, new RegExp(`taken by \\S+ \\(pid ${process.pid}\\)`))
  assert.ok(services.some(p => p.state === 'listening'))
  await program.stop()
  squatter.close()
})

test('a wrong configuration prints every mistake with its place, and starts nothing', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-test-'))
  const file = path.join(home, 'skep.yaml')
  fs.writeFileSync(
    file,
    'listen:\n  portOffset: abc\njournal: { quota: lots }\nservices:\n  gopher: {}\n  redis: { colour: red }\nnonsense: 1\n',
  )
  const { status, stderr, stdout } = skep('up', '--config', file, '--data', path.join(home, 'data'))
  assert.equal(status, 2)
  assert.equal(stdout, '')
  for (const mistake of ['listen.portOffset', 'journal.quota', 'services.gopher', 'services.redis.colour', 'nonsense'])
    assert.match(stderr, new RegExp(`skep.yaml:\\d+: ${mistake.replaceAll('.', '\\.')}: `), mistake)
  assert.equal(fs.existsSync(path.join(home, 'data')), false)
  fs.rmSync(home, { recursive: true })
})

test('one data directory has one program', async () => {
  const program = await startSkep({ edition: 'mini' })
  const second = skep('up', '--data', program.data, '--listen', '127.0.0.1', '--port-offset', '30000')
  assert.equal(second.status, 1)
  assert.match(second.stderr, /is in use by another skep \(pid \d+\)/)
  await program.stop()
})

test('from inside the exposed process, every way out is refused', async () => {
  const program = await startSkep()
  const proved = () => program.log.some(line => line.event === 'proved' && line.part === 'sensor-tcp')
  await until(proved, 'nothing is proved')
  const proofs = program.log.filter(line => line.event === 'proved') as unknown as {
    part: string
    attempts: Attempt[]
  }[]
  const tcp = proofs.find(proof => proof.part === 'sensor-tcp')!
  assert.ok(tcp.attempts.length >= 14)
  for (const { what, refused, how } of tcp.attempts) assert.ok(refused, `${what}: ${how}`)
  const whoami = (pid: number) => Number(/^Uid:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))![1])
  if (process.getuid!() === 0)
    for (const pid of program.children()) assert.ok(whoami(pid) >= 64_290, `pid ${pid} is uid ${whoami(pid)}`)
  await program.stop()
})

test('restarts on the same ports right after a kill -9', async () => {
  const first = await startSkep()
  const ports = (first.log.find(line => line.event === 'ready') as { services: Listening[] }).services
  await first.kill()
  const second = await startSkep({ data: first.data, offset: first.offset })
  const again = (second.log.find(line => line.event === 'ready') as { services: Listening[] }).services
  assert.deepEqual(again, ports)
  assert.equal(second.password, undefined)
  await second.stop()
  fs.rmSync(first.data, { recursive: true })
})

test('options change without a restart', async () => {
  const program = await startSkep({ config: 'services: { redis: {} }\n' })
  const ping = async () =>
    (await runClient('sh', ['-c', `printf 'PING\\r\\nQUIT\\r\\n' | timeout 5 nc 127.0.0.1 ${program.port('redis')}`]))
      .out
  assert.match(await ping(), /\+PONG/)
  fs.writeFileSync(program.config, 'services: { redis: { password: s3cret } }\n')
  assert.equal(skep('reload', '--data', program.data).status, 0)
  // The change holds for attackers not met before; this one's server is as it left it.
  const read = () => program.log.some(line => line.message === 'configuration read again')
  await until(read, 'the configuration is not read')
  const other = await runClient('sh', [
    '-c',
    `printf 'PING\\r\\nQUIT\\r\\n' | timeout 5 nc -s 127.0.0.9 127.0.0.1 ${program.port('redis')}`,
  ])
  assert.match(other.out, /-NOAUTH/)
  await program.stop()
})

test('told to read its configuration while it still makes its keys, it goes on to start', async () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-test-'))
  const starting = startSkep({ data, edition: 'mini', stranger: true })
  await until(() => runningPid(data) !== undefined, 'no pid')
  process.kill(runningPid(data)!, 'SIGHUP')
  const program = await starting
  await until(
    () => program.log.some(line => line.message === 'configuration read again'),
    'the configuration is not read',
  )
  await program.stop()
  fs.rmSync(data, { recursive: true })
})

test('nmap names what the persona claims, and no honeypot', { skip: missing('nmap') }, async () => {
  const program = await startSkep()
  const persona = JSON.parse(fs.readFileSync(path.join(program.data, 'state/persona.json'), 'utf8')) as object
  const services = (program.log.find(line => line.event === 'ready') as { services: Listening[] }).services
  const ports = (wanted: (service: string) => boolean) =>
    services.filter(p => p.transport === 'tcp' && wanted(p.service)).map(p => p.port)
  // Echo and its like have no product, and keep nmap waiting for answers that the real ones give to nobody.
  const named = ports(service => service !== 'telnet' && service !== 'inetd')
  const { out } = await runClient('nmap', ['-sV', '-Pn', '-p', named.join(','), '127.0.0.1'], {
    seconds: 800,
  })
  assert.doesNotMatch(out, /honey|cowrie|kippo|dionaea|twisted/i)
  const claims = JSON.stringify(persona)
  assert.ok(claims.length > 100)
  for (const port of named)
    assert.match(out, new RegExp(`^${port}/tcp\\s+open\\s+\\S+\\s+\\S`, 'm'), `port ${port}: ${out}`)
  // nmap knows no inetutils telnetd, and asks each of its questions for five seconds: the real one says nothing to them either.
  const [telnet] = ports(service => service === 'telnet')
  const light = await runClient('nmap', ['-sV', '--version-light', '-Pn', '-p', `${telnet}`, '127.0.0.1'], {
    seconds: 200,
  })
  assert.match(light.out, new RegExp(`^${telnet}/tcp\\s+open`, 'm'))
  assert.doesNotMatch(light.out, /honey|cowrie|kippo|dionaea|twisted/i)
  await program.stop()
})
