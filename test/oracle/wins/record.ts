/**
 * Records Debian's nmbd, which wants a network with a broadcast address: in a network namespace of its own,
 * `unshare --net sh bin/skep-node test/oracle/wins/record.ts`.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { recordDatagrams } from '../kit/datagrams.ts'
import { HOST, script } from './script.ts'

const address = '192.0.2.1'
for (const words of [
  'link set lo up',
  'link add d0 type veth peer name d1',
  `addr add ${address}/24 brd + dev d0`,
  'link set d0 up',
  'link set d1 up',
])
  if (spawnSync('ip', words.split(' '), { stdio: 'inherit' }).status !== 0) throw new Error(`ip ${words}`)
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'wins-oracle-'))
const folders = ['lock', 'pid', 'state', 'cache']
for (const name of [...folders, 'private']) fs.mkdirSync(path.join(home, name))
const settings = [
  `netbios name = ${HOST}`,
  'workgroup = WORKGROUP',
  'interfaces = d0',
  'bind interfaces only = yes',
  ...folders.map(name => `${name} directory = ${home}/${name}`),
  `private dir = ${home}/private`,
  `log file = ${home}/log`,
]
fs.writeFileSync(path.join(home, 'smb.conf'), `[global]\n${settings.join('\n')}\n`)
await recordDatagrams(
  script,
  137,
  () => ({
    command: '/usr/sbin/nmbd',
    args: ['-F', '--no-process-group', '-s', path.join(home, 'smb.conf')],
    clean: () => fs.rmSync(home, { recursive: true }),
  }),
  new URL('fixtures/debian-12.json', import.meta.url),
  // It becomes the master of its group first.
  { together: true, start: 30_000, quiet: 80, address },
)
