import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'
import { botnets } from './botnets.ts'
import { footholds } from './footholds.ts'
import { miners } from './miners.ts'
import type { Sequence } from './sequence.ts'

const password = 'hunter2'
const client = [
  ...['-p', password, 'ssh', '-F', 'none', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
  ...['-o', 'PubkeyAuthentication=no', '-o', 'LogLevel=ERROR'],
]
/** Those that say most about one way in. */
const names = [
  'Mirai, echo loader',
  'XorDDoS: a library, a cron job that brings it back, links in rc.d',
  'Outlaw: what it asks first, and the key it leaves',
  'Outlaw: dota3.tar.gz, unpacked and started',
  'Redtail: uploaded scripts that clean up, choose a binary, leave a key',
  'A web shell and a script that is typed in',
]
type Fields = {
  event: { action: string }
  file?: { path?: string; hash?: { sha256: string } }
  url?: { original: string }
  user?: { target?: { name: string } }
  process?: { executable?: string; command_line?: string }
}

/** What the journal has to hold once a sequence was played. */
const evidence = ({ urls = [], samples = [], accounts = [], runs = [] }: Sequence): ((found: Fields) => boolean)[] => [
  ...urls.map(url => (found: Fields) => found.event.action === 'file-download' && found.url?.original === url),
  ...samples.map(sample => {
    const sha256 = createHash('sha256').update(sample).digest('hex')
    return (found: Fields) => found.file?.hash?.sha256 === sha256
  }),
  ...accounts.map(
    ({ user }) =>
      (found: Fields) =>
        found.event.action === 'account-change' && found.user?.target?.name === user,
  ),
  ...runs.map(path => (found: Fields) => found.event.action === 'execution' && found.process?.executable === path),
]

describe('malware over a real SSH client', { skip: missing('ssh', 'sshpass') }, () => {
  let skep: Skep
  before(async () => {
    skep = await startSkep({
      edition: 'sensor',
      config: `persona: { os: debian-12 }\nservices:\n  ssh:\n    access: { rules: ['root:${password}'], otherwise: refuse }\n`,
    })
  })
  after(() => skep?.stop())

  for (const name of names) {
    const sequence = [...botnets, ...miners, ...footholds].find(one => one.name === name)!
    test(name, async () => {
      const target = ['-p', String(skep.port('ssh')), 'root@127.0.0.1']
      if (sequence.how === 'exec')
        for (const line of sequence.lines) {
          const { err } = await runClient('sshpass', [...client, ...target, line])
          assert.doesNotMatch(err, /Permission denied \(|Connection (closed|reset)/)
        }
      else await runClient('sshpass', [...client, '-T', ...target], { input: `${sequence.lines.join('\n')}\n` })
      for (const wanted of evidence(sequence)) await skep.eventually(event => wanted(event as unknown as Fields), 1, 15)
      const typed = (event: Event) => event.event.action === 'command'
      assert.ok(skep.events(typed).length > 0)
      assert.deepEqual(
        skep.events(event => event.event.action === 'service-error'),
        [],
      )
    })
  }
})
