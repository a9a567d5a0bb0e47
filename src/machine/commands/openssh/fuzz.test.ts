import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { testComputer, testWitness } from '#machine/testing.ts'
import { conversations } from '../../../../test/oracle/sftp/script.ts'
import type { Login } from '../../login.ts'
import { createSettings, destinationOf, setOption } from './client/settings.ts'
import { parsePrivate } from './keys/file.ts'
import { parsePublic } from './keys/key.ts'
import { isAbout, knownHosts } from './keys/known-hosts.ts'

/** The same numbers at every run. */
const dice = (seed: string) => {
  let block = createHash('sha256').update(seed).digest()
  let at = 0
  return (below: number): number => {
    if (at + 4 > block.length) {
      block = createHash('sha256').update(block).digest()
      at = 0
    }
    at += 4
    return block.readUInt32BE(at - 4) % below
  }
}

/** Bytes changed, cut, doubled, or moved; and numbers that hurt put over others. */
const mutated = (data: Buffer, roll: (below: number) => number): Buffer => {
  const bytes = Buffer.from(data)
  for (let change = roll(4); change >= 0; change--) {
    const at = roll(bytes.length)
    const how = roll(4)
    if (how === 0) bytes[at] = roll(256)
    else if (how === 1)
      bytes.writeUInt32BE([0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 262_144][roll(6)]!, Math.min(at, bytes.length - 4))
    else if (how === 2) bytes.copyWithin(at, roll(bytes.length), roll(bytes.length))
    else return Buffer.concat([bytes.subarray(0, at), bytes.subarray(roll(bytes.length))])
  }
  return bytes
}

const logIn = (input: Buffer): { login: Login; output(): Buffer } => {
  const chunks: Buffer[] = []
  let rest: Buffer | undefined = input
  const login = testComputer().logIn({
    account: { name: 'root', uid: 0, gid: 0, comment: '', home: '/root', shell: '/bin/sh' },
    witness: testWitness([]),
    from: '198.51.100.7',
    stdin: {
      async read() {
        const data = rest
        rest = undefined
        return data
      },
    },
    stdout: { write: async data => void chunks.push(Buffer.from(data as string, 'latin1')) },
    stderr: { write: async () => {} },
    daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
  })
  return { login, output: () => Buffer.concat(chunks) }
}

test('sftp-server lives through 3,000 broken conversations, and what it says is always whole packets', async () => {
  const roll = dice('sftp')
  const seeds = Object.values(conversations).filter(({ as, args }) => !as && !args)
  const endings = new Set<number>()
  for (let round = 0; round < 3000; round++) {
    const { packets } = seeds[roll(seeds.length)]!
    const { login, output } = logIn(mutated(Buffer.concat(packets), roll))
    endings.add(await login.run(['/usr/lib/openssh/sftp-server']))
    login.close()
    const said = output()
    let at = 0
    while (at < said.length) at += 4 + said.readUInt32BE(at)
    assert.equal(at, said.length)
  }
  assert.deepEqual(
    [...endings].toSorted((a, b) => a - b),
    [0, 11, 255],
  )
})

test('scp -t lives through 3,000 broken uploads', async () => {
  const roll = dice('scp')
  const seed = Buffer.from(
    'T1400000000 0 1500000000 0\nD0755 0 d\nC0644 12 name\nsome content\0E\nC0600 3 x\nabc\0',
    'latin1',
  )
  const endings = new Set<number>()
  for (let round = 0; round < 3000; round++) {
    const { login } = logIn(mutated(seed, roll))
    endings.add(await login.run(['/usr/bin/scp', roll(2) ? '-rt' : '-rpt', '/tmp']))
    login.close()
  }
  assert.deepEqual([...endings].toSorted(), [0, 1])
})

test('files of keys and hosts that attackers write are read or are none', () => {
  const roll = dice('keys')
  const texts = [
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQ\n-----END OPENSSH PRIVATE KEY-----\n',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu\n-----END RSA PRIVATE KEY-----\n',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICfX2y5FNpUuecC8p+Ot0m+1N9WQfejBCD6uDRt/SlKj a comment\n',
    '|1|FtcWH6ER6rlmMaoG22rq/+lry6U=|DcKuWWMge3K0xuNbhCvue0zFarc= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICfX2y5F\n# x\n@revoked * ssh-rsa AAAA\n',
  ]
  for (let round = 0; round < 20_000; round++) {
    const text = mutated(Buffer.from(texts[roll(texts.length)]!, 'latin1'), roll).toString('latin1')
    parsePrivate(text)
    parsePublic(text)
    for (const host of knownHosts(text)) isAbout(host, 'host.example')
    setOption(createSettings(), text)
    destinationOf(text, 'ssh')
  }
})
