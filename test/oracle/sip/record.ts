/** Records Debian's Kamailio 5.6.3 with its own configuration and two subscribers: `sh bin/skep-node test/oracle/sip/record.ts`. */
import { spawn } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Recorded, Script } from '../kit/dialogue.ts'
import { connect } from '../kit/record.ts'
import { talkTo } from './dialogue.ts'
import { datagrams, PORT, streams } from './script.ts'

const QUIET = 150
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'sip-oracle-'))
fs.cpSync('/usr/share/kamailio/dbtext/kamailio', path.join(home, 'db'), { recursive: true })
fs.appendFileSync(
  path.join(home, 'db/subscriber'),
  '1:1001:127.0.0.1:sunshine1:x:x:\n2:1002:127.0.0.1:moonlight2:x:x:\n',
)
fs.writeFileSync(
  path.join(home, 'kamailio.cfg'),
  `#!KAMAILIO
#!define WITH_AUTH
#!define DBURL "text://${home}/db"
listen=udp:127.0.0.1:${PORT}
listen=tcp:127.0.0.1:${PORT}
alias=127.0.0.1:5060
loadmodule "db_text.so"
include_file "/etc/kamailio/kamailio.cfg"
`,
)
const args = [
  '-DD',
  '-f',
  path.join(home, 'kamailio.cfg'),
  '-m',
  '32',
  '-M',
  '4',
  '-Y',
  home,
  '-P',
  path.join(home, 'pid'),
]
const server = spawn('kamailio', args, { stdio: 'ignore' })
const gone = once(server, 'exit')

const callIdOf = (message: string) => /^(?:Call-ID|i): *(.*)$/im.exec(message)?.[1]

async function overUdp(steps: readonly string[]) {
  const socket = dgram.createSocket('udp4')
  let heard = ''
  let callId: string | undefined
  // What nobody acknowledged comes again and again.
  socket.on('message', answer => {
    const text = answer.toString('latin1')
    if (heard === '' && callIdOf(text) === callId) heard = text
  })
  const exchanges = await talkTo(steps, async sent => {
    heard = ''
    callId = callIdOf(sent)
    socket.send(Buffer.from(sent, 'latin1'), PORT, '127.0.0.1')
    for (let looks = 0; heard === '' && looks < 3; looks++) await sleep(QUIET)
    return { heard, closed: false }
  })
  socket.close()
  return exchanges
}

async function overTcp(steps: readonly string[]) {
  const wire = await connect(PORT, server)
  let heard = ''
  let closed = false
  wire.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1')))
  for (const over of ['end', 'close', 'error']) wire.on(over, () => (closed = true))
  const exchanges = await talkTo(steps, async sent => {
    heard = ''
    wire.write(sent, 'latin1')
    await sleep(QUIET)
    for (let looks = 0; heard === '' && !closed && looks < 3; looks++) await sleep(QUIET)
    return { heard, closed }
  })
  wire.destroy()
  return exchanges
}

async function record(script: Script, play: (steps: readonly string[]) => ReturnType<typeof overUdp>, name: string) {
  const recorded: Recorded = {}
  for (const [dialogue, steps] of Object.entries(script)) recorded[dialogue] = await play(steps)
  const file = new URL(`fixtures/${name}.json`, import.meta.url)
  fs.mkdirSync(new URL('.', file), { recursive: true })
  fs.writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`)
  const count = Object.values(recorded).reduce((sum, exchanges) => sum + exchanges.length, 0)
  console.log(`${Object.keys(recorded).length} dialogues, ${count} exchanges`)
}

try {
  await sleep(2500)
  await record(datagrams, overUdp, 'debian-12')
  await record(streams, overTcp, 'debian-12-tcp')
} finally {
  server.kill('SIGTERM')
  await gone
  fs.rmSync(home, { recursive: true })
}
