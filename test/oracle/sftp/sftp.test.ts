import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { accountOf } from '#machine/accounts.ts'
import { inputOf, testComputer, testNow, testWitness } from '#machine/testing.ts'
import { masked } from './masked.ts'
import { type Conversation, conversations } from './script.ts'

const recorded: Record<string, { answers: string[]; status: number }> = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, 'fixtures', 'openssh-9.2p1-debian12.json'), 'utf8'),
)

const answered = async ({ packets, as, args = [], before }: Conversation) => {
  const computer = testComputer()
  const chunks: Buffer[] = []
  const logIn = (uid: number, input: Buffer) => {
    const silent = { write: async () => {} }
    const account = { name: 'root', uid, gid: uid, comment: '', home: uid === 0 ? '/root' : '/tmp', shell: '/bin/sh' }
    return computer.logIn({
      account,
      witness: testWitness([]),
      from: '198.51.100.7',
      stdin: inputOf(input.toString('latin1')),
      stdout: { write: async data => void chunks.push(Buffer.from(data as string, 'latin1')) },
      stderr: silent,
      daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
    })
  }
  if (before) {
    const first = logIn(0, Buffer.alloc(0))
    await first.exec(before)
    first.close()
    chunks.length = 0
  }
  const login = logIn(as ? 65_534 : 0, Buffer.concat(packets))
  assert.ok(accountOf(login.process.fs, 'nobody'))
  const status = await login.run(['/usr/lib/openssh/sftp-server', ...args])
  login.close()
  return { answers: masked(Buffer.concat(chunks), testNow / 1000), status }
}

for (const [name, conversation] of Object.entries(conversations))
  test(`sftp-server answers as OpenSSH 9.2p1 does: ${name}`, async () => {
    assert.deepEqual(await answered(conversation), recorded[name])
  })
