import assert from 'node:assert/strict'
import { test } from 'node:test'
import { string, uint32, uint64 } from '#codec/ssh-wire.ts'
import { machineOf } from '#machine/machine.ts'
import { inputOf, runLine, type Seen, testComputer, testNow, testWitness } from '#machine/testing.ts'
import { samplePersona } from '#persona/sample.ts'
import { Flag, packet, Type } from './sftp/wire.ts'

const init = packet(Type.init, uint32(3))
const open = (name: string): Buffer =>
  packet(Type.open, uint32(1), string(name), uint32(Flag.read | Flag.write | Flag.create), uint32(0))
const handle = (number: number): Buffer => string(uint32(number))

/** What sftp-server answers to all of it: the last four bytes of each handle, or the code of each status. */
const serve = async (packets: Buffer[]): Promise<{ codes: number[]; seen: Seen[] }> => {
  const chunks: Buffer[] = []
  const seen: Seen[] = []
  const login = testComputer().logIn({
    account: { name: 'root', uid: 0, gid: 0, comment: '', home: '/root', shell: '/bin/sh' },
    witness: testWitness(seen),
    from: '198.51.100.7',
    stdin: inputOf(Buffer.concat([init, ...packets]).toString('latin1')),
    stdout: { write: async data => void chunks.push(Buffer.from(data as string, 'latin1')) },
    stderr: { write: async () => {} },
    daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
  })
  await login.run(['/usr/lib/openssh/sftp-server'])
  login.close()
  const said = Buffer.concat(chunks)
  const codes: number[] = []
  for (let at = 0; at < said.length; at += 4 + said.readUInt32BE(at))
    if (said[at + 4] === Type.status) codes.push(said.readUInt32BE(at + 9))
    else if (said[at + 4] === Type.handle) codes.push(0)
  return { codes, seen }
}

test('a client holds 1,019 handles and no more', async () => {
  const { codes } = await serve(Array.from({ length: 1100 }, () => open('f')))
  assert.deepEqual([codes.filter(code => code === 0).length, codes.filter(code => code === 4).length], [1019, 81])
})

test('files that lost their name while they were open hold 16 MiB in all', async () => {
  const write = (number: number, at: number): Buffer =>
    packet(Type.write, uint32(1), handle(number), uint64(at), string(Buffer.alloc(250_000)))
  const packets: Buffer[] = []
  for (let file = 0; file < 4; file++) {
    packets.push(open(`f${file}`))
    for (let piece = 0; piece < 24; piece++) packets.push(write(file, piece * 250_000))
    packets.push(packet(Type.remove, uint32(1), string(`f${file}`)))
  }
  // Two of 6 MB are kept; the third and the fourth are empty.
  for (let file = 0; file < 4; file++) packets.push(packet(Type.read, uint32(9), handle(file), uint64(0), uint32(1)))
  const { codes } = await serve(packets)
  assert.deepEqual(codes.slice(-2), [1, 1])
  assert.equal(codes.filter(code => code !== 0).length, 2)
})

test('folders that are open at once show 100,000 entries in all', async () => {
  const { codes } = await serve(Array.from({ length: 200 }, () => packet(Type.opendir, uint32(1), string('/usr/bin'))))
  assert.ok(codes.filter(code => code === 0).length > 50)
  assert.ok(codes.includes(4))
})

test('what is still open when the client goes is told like what it closed', async () => {
  const { seen } = await serve([
    open('left-open'),
    packet(Type.write, uint32(2), handle(0), uint64(0), string('not closed')),
  ])
  const [file] = seen.filter(({ what }) => what === 'file')
  assert.equal((file!.details as { path: string }).path, '/root/left-open')
  assert.equal((file!.details as { fate: string }).fate, 'sent')
})

test('OpenSSH 8.2 announces what it had then', async () => {
  const persona = await samplePersona('older', { os: 'ubuntu-20.04' })
  assert.equal(persona.software.ssh.version, '8.2p1')
  const computer = machineOf(persona, { now: () => testNow, random: bytes => Buffer.alloc(bytes) }).computer()
  const { stdout } = await runLine('/usr/lib/openssh/sftp-server -Q requests | tail -2', { computer })
  assert.equal(stdout, 'fsync\nlsetstat\n')
  const asked = Buffer.concat([init, packet(Type.extended, uint32(7), string('limits@openssh.com'))])
  const answered = await runLine('/usr/lib/openssh/sftp-server', { computer, stdin: asked.toString('latin1') })
  assert.match(answered.stdout, /lsetstat@openssh\.com\0\0\0\x011\0\0.*Operation unsupported/s)
})
