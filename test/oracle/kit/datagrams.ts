import { spawn } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import fs from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exchange, Recorded, Script } from './dialogue.ts'
import type { Daemon } from './record.ts'

/**
 * Records what a real daemon answers to datagrams at `port` of `address`: every dialogue has a socket of its own, each step
 * is one datagram, and goes where the last answer came from (TFTP's transfer identifiers). `together`: one daemon for all
 * dialogues, which must not disturb each other then. `hello`: a datagram that is answered once the daemon is there.
 */
export async function recordDatagrams(
  script: Script,
  port: number,
  daemon: (dialogue: string) => Daemon,
  file: URL,
  { quiet = 120, start = 700, together = false, address = '127.0.0.1' } = {},
): Promise<void> {
  const recorded: Recorded = {}
  let stop = together ? await started(daemon('all'), start) : undefined
  for (const [name, steps] of Object.entries(script)) {
    if (!together) stop = await started(daemon(name), start)
    recorded[name] = await ask(steps, { address, port }, quiet)
    if (!together) await stop!()
  }
  if (together) await stop!()
  fs.mkdirSync(new URL('.', file), { recursive: true })
  fs.writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`)
  const count = Object.values(recorded).reduce((sum, exchanges) => sum + exchanges.length, 0)
  console.log(`${Object.keys(recorded).length} dialogues, ${count} exchanges`)
}

async function started({ command, args, env, clean }: Daemon, wait: number): Promise<() => Promise<void>> {
  const server = spawn(command, args, { stdio: 'ignore', ...(env ? { env } : {}) })
  const gone = once(server, 'exit')
  await sleep(wait)
  return async () => {
    server.kill('SIGTERM')
    const patience = setTimeout(() => server.kill('SIGKILL'), 2000)
    await gone
    clearTimeout(patience)
    clean?.()
  }
}

async function ask(
  steps: readonly string[],
  { address, port }: { address: string; port: number },
  quiet: number,
): Promise<Exchange[]> {
  const socket = dgram.createSocket('udp4')
  let heard: Buffer[] = []
  let to = port
  socket.on('message', (answer, from) => {
    heard.push(answer)
    to = from.port
  })
  const exchanges: Exchange[] = []
  for (const sent of steps) {
    heard = []
    socket.send(Buffer.from(sent, 'latin1'), to, address)
    for (let looks = 0; heard.length === 0 && looks < 3; looks++) await sleep(quiet)
    exchanges.push({ sent, heard: Buffer.concat(heard.slice(0, 1)).toString('latin1') })
  }
  socket.close()
  return exchanges
}
