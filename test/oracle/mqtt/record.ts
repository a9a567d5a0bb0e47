/**
 * Records what Debian's mosquitto says. Each dialogue meets a broker of its own, in a directory of its own:
 *   sh bin/skep-node test/oracle/mqtt/record.ts
 * Needs mosquitto 2.0.11 (Debian 12) and leaves nothing behind.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { converse, type Exchange, type Recorded } from '../kit/dialogue.ts'
import { hub } from '../kit/hub.ts'
import { connect } from '../kit/record.ts'
import { dialogues } from './script.ts'

const PORT = 11_883

async function recordOne(name: string, steps: readonly string[]): Promise<Exchange[]> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mqtt-oracle-'))
  // Started as root it becomes a user of its own, who has to read this.
  fs.chmodSync(home, 0o755)
  const passwords = path.join(home, 'passwords')
  fs.writeFileSync(passwords, 'sensor:s3cret\n', { mode: 0o644 })
  spawnSync('mosquitto_passwd', ['-U', passwords])
  fs.chmodSync(passwords, 0o644)
  const who = name.startsWith('closed') ? `allow_anonymous false\npassword_file ${passwords}` : 'allow_anonymous true'
  const file = path.join(home, 'mosquitto.conf')
  fs.writeFileSync(file, `listener ${PORT} 127.0.0.1\n${who}\nlog_dest none\n`)
  const server = spawn('/usr/sbin/mosquitto', ['-c', file], { stdio: 'ignore' })
  const gone = once(server, 'exit')
  try {
    ;(await connect(PORT, server)).destroy()
    return await converse(
      hub(() => connect(PORT)),
      steps,
      () => sleep(35),
    )
  } finally {
    server.kill('SIGKILL')
    await gone
    fs.rmSync(home, { recursive: true })
  }
}

const recorded: Recorded = {}
for (const [name, steps] of Object.entries(dialogues)) recorded[name] = await recordOne(name, steps)
const file = new URL('./fixtures/debian-12.json', import.meta.url)
fs.mkdirSync(new URL('.', file), { recursive: true })
fs.writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`)
const count = Object.values(recorded).reduce((sum, exchanges) => sum + exchanges.length, 0)
console.log(`${Object.keys(recorded).length} dialogues, ${count} exchanges`)
