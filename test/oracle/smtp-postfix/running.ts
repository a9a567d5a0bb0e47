import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { converse, type Recorded, type Script } from '../kit/dialogue.ts'

/** Milliseconds of silence after which an answer is over: a mail server takes a second over some refusals. */
const QUIET = 350
/** Dialogues held at once: they are mostly silence. */
const AT_ONCE = 6

type Options = { host?: string; quiet?: number; atOnce?: number; before?: () => void }

/** Records what a daemon that runs already says, each dialogue on a connection of its own to the port it is for. */
export async function recordRunning(
  script: Script,
  portOf: (dialogue: string) => number,
  file: URL,
  { host = '127.0.0.1', quiet = QUIET, atOnce = AT_ONCE, before = () => {} }: Options = {},
): Promise<void> {
  const recorded: Recorded = {}
  const left = Object.entries(script)
  // A daemon's first conversation takes longer than all later ones.
  for (const port of new Set(Object.keys(script).map(portOf))) {
    const first = await dial(host, port)
    await once(first, 'data')
    first.destroy()
    await sleep(300)
  }
  const one = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      before()
      const socket = await dial(host, portOf(next[0]))
      recorded[next[0]] = await converse(socket, next[1], () => sleep(quiet))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  const ordered = Object.fromEntries(Object.keys(script).map(name => [name, recorded[name]!]))
  fs.mkdirSync(new URL('.', file), { recursive: true })
  fs.writeFileSync(file, `${JSON.stringify(ordered, undefined, 1)}\n`)
  const count = Object.values(ordered).reduce((sum, exchanges) => sum + exchanges.length, 0)
  console.log(`${Object.keys(ordered).length} dialogues, ${count} exchanges`)
}

/** Connects, once somebody listens and has had a moment to settle. */
async function dial(host: string, port: number): Promise<net.Socket> {
  for (let tries = 100; ; tries--) {
    const socket = net.connect({ port, host, noDelay: true })
    const connected = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    if (connected) return socket
    if (tries === 0) throw new Error(`Nobody listens at ${port}`)
    await sleep(100)
  }
}
