/**
 * Records what Debian's rabbitmq-server says: one server, with directories, a port mapper and a node name of its own.
 *   sh bin/skep-node test/oracle/amqp/record.ts
 * Needs rabbitmq-server 3.10.8 (Debian 12) and leaves nothing behind.
 */
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { converse, type Recorded } from '../kit/dialogue.ts'
import { connect } from '../kit/record.ts'
import { dialogues } from './script.ts'

const [PORT, MAPPER, BETWEEN] = [15_672, 14_369, 25_999]
const LIB = '/usr/lib/rabbitmq/bin/rabbitmq-server'

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'amqp-oracle-'))
const write = (name: string, text: string) => {
  fs.writeFileSync(path.join(home, name), text)
  return path.join(home, name)
}
const env = {
  ...process.env,
  HOME: home,
  RABBITMQ_MNESIA_BASE: path.join(home, 'mnesia'),
  RABBITMQ_LOG_BASE: path.join(home, 'log'),
  RABBITMQ_CONFIG_FILE: write('rabbitmq.conf', `listeners.tcp.1 = 127.0.0.1:${PORT}\n`),
  RABBITMQ_ENABLED_PLUGINS_FILE: write('plugins', '[].\n'),
  RABBITMQ_CONF_ENV_FILE: path.join(home, 'none'),
  RABBITMQ_NODENAME: 'oracle@localhost',
  RABBITMQ_PID_FILE: path.join(home, 'pid'),
  RABBITMQ_DIST_PORT: String(BETWEEN),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  ERL_EPMD_PORT: String(MAPPER),
  ERL_EPMD_ADDRESS: '127.0.0.1',
}
// A group of its own: the virtual machine is a grandchild.
const server = spawn(LIB, [], { stdio: 'ignore', env, detached: true })
const recorded: Recorded = {}
try {
  ;(await patiently()).destroy()
  for (const [name, steps] of Object.entries(dialogues))
    recorded[name] = await converse(await connect(PORT), steps, () => sleep(90))
} finally {
  process.kill(-server.pid!, 'SIGKILL')
  // The port mapper goes when it has forgotten the node.
  await sleep(800)
  spawnSync('epmd', ['-port', String(MAPPER), '-kill'])
  fs.rmSync(home, { recursive: true })
}
const file = new URL('./fixtures/debian-12.json', import.meta.url)
fs.mkdirSync(new URL('.', file), { recursive: true })
fs.writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`)
const count = Object.values(recorded).reduce((sum, exchanges) => sum + exchanges.length, 0)
console.log(`${Object.keys(recorded).length} dialogues, ${count} exchanges`)

async function patiently() {
  for (let left = 8; ; left--)
    try {
      return await connect(PORT, server)
    } catch (error) {
      if (left === 0) throw error
    }
}
