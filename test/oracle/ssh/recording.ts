import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Conn, defaultLimits } from '../../../src/sensor/conn.ts'
import { observe } from './observe.ts'
import type { Probe } from './probes.ts'

/**
 * Does every probe to a real server on a loopback port, `atOnce` at a time, and keeps what it said in `fixtures/`, with the
 * string by which it identifies itself.
 */
export async function recordProbes({
  port,
  probes,
  atOnce,
  fixture,
}: {
  port: number
  probes: readonly Probe[]
  atOnce: number
  fixture: string
}): Promise<void> {
  const identification = await new Promise<string>(resolve => {
    const socket = net.connect(port, '127.0.0.1', () =>
      socket.once('data', data => {
        resolve(`${data.toString('latin1').split('\n')[0]}`.trim())
        socket.destroy()
      }),
    )
    socket.once('close', () => {})
  })
  const answers: Record<string, string[]> = {}
  for (let at = 0; at < probes.length; at += atOnce)
    for (const [name, said] of await Promise.all(probes.slice(at, at + atOnce).map(probe => record(port, probe))))
      answers[name] = said
  const file = path.join(import.meta.dirname, 'fixtures', fixture)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, `${JSON.stringify({ identification, answers }, null, 1)}\n`)
}

/** A server that closes at once may lose what it said before: the kernel throws it away with a reset. Then it is asked again. */
async function record(port: number, probe: Probe, again = 5): Promise<[string, string[]]> {
  const found = await recordOnce(port, probe)
  const lost = probe.stage === 'clear' && found[1].length === 1 && found[1][0] === 'closed'
  return lost && again > 0 ? record(port, probe, again - 1) : found
}

async function recordOnce(port: number, probe: Probe): Promise<[string, string[]]> {
  const conn = new Conn(net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }), {
    ...defaultLimits,
    inbox: 1 << 20,
  })
  // Quiet for as long as the probe's patience: nothing more will come.
  const more = async () => {
    for (const until = Date.now() + probe.patience * 1000; Date.now() < until; await sleep(10))
      if (conn.held > 0 || conn.over !== undefined || (await finished(conn))) return true
    return false
  }
  const said = await observe(conn, probe, more)
  conn.hangup('done')
  return [probe.name, said]
}

/** Whether the server has closed its side. */
const finished = async (conn: Conn): Promise<boolean> => {
  const nothing = Symbol('nothing')
  return (await Promise.race([conn.peek(1), sleep(5, nothing)])) !== nothing
}
