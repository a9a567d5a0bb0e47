/**
 * Records what Debian's redis-server says. Each dialogue meets a server of its own, in a directory of its own:
 *   sh bin/skep-node test/oracle/redis/record.ts
 * Needs redis-server 7.0.15 (Debian 12) and leaves nothing behind.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { converse, type Exchange } from '../kit/dialogue.ts'
import { connect } from '../kit/record.ts'
import { encode, type Step } from './dialogue.ts'
import { dialogues } from './script.ts'

const PORT = 16_379

async function recordOne(steps: readonly Step[]): Promise<Exchange[]> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'redis-oracle-'))
  // Debian's file, opened to the world: no password, no protected mode, configuration and modules for everybody.
  const file = fs
    .readFileSync('/etc/redis/redis.conf', 'utf8')
    .replace(/^(daemonize|supervised|logfile|dir|port|bind|protected-mode|pidfile) .*$/gm, '')
  const opened = `${file}\nbind 127.0.0.1\nport ${PORT}\nprotected-mode no\nenable-protected-configs yes\nenable-module-command yes\ndir ${home}\nlogfile ${home}/log\n`
  fs.writeFileSync(path.join(home, 'redis.conf'), opened)
  const server = spawn('redis-server', [path.join(home, 'redis.conf')], { stdio: 'ignore' })
  const gone = once(server, 'exit')
  try {
    const wire = await connect(PORT)
    return await converse(wire, steps.map(encode), () => sleep(25))
  } finally {
    server.kill('SIGKILL')
    await gone
    fs.rmSync(home, { recursive: true })
    // Where the dialogue with the cron job saves.
    fs.rmSync('/var/tmp/skep-oracle-root', { force: true })
  }
}

const recorded: Record<string, Exchange[]> = {}
for (const [name, steps] of Object.entries(dialogues)) recorded[name] = await recordOne(steps)
const file = new URL('./fixtures/debian-12.json', import.meta.url)
fs.writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`)
const count = Object.values(recorded).reduce((sum, exchanges) => sum + exchanges.length, 0)
console.log(`${Object.keys(recorded).length} dialogues, ${count} exchanges`)
