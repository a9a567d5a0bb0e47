import { placeOf } from '../../internet/addresses.ts'
import { isOwn, reach } from '../../internet/reach.ts'
import type { Process } from '../../system.ts'

/** Echo requests that one command sends, when nobody says how many. */
const most = 100_000

export type Echoes = { sent: number; times: number[]; interrupted: boolean }

/**
 * ICMP echo requests that are never sent: how long each would have taken, in milliseconds. Addresses that take no
 * connections answer no echo either, and now and then one is lost on a long way.
 */
export const echoesTo = async (
  process: Process,
  address: string,
  how: {
    /** 0: until somebody stops it. */
    count: number
    interval: number
    answered(sequence: number, milliseconds: number, ttl: number): Promise<void>
    missing?(sequence: number): Promise<void>
    /** Seconds after which it ends; 0: never. */
    until: number
  },
): Promise<Echoes> => {
  const echoes: Echoes = { sent: 0, times: [], interrupted: false }
  const own = isOwn(process, address)
  const made = own ? { seconds: 0, refused: undefined } : reach(process, address, 80)
  const silent = made.refused === 'ETIMEDOUT' || made.refused === 'EHOSTUNREACH' || made.refused === 'ENETUNREACH'
  const dead = silent || (placeOf(address) !== 'public' && !own)
  const ttl = own ? 64 : 128 - 76 + ((address.length * 7) % 9)
  // ^C ends the asking, and what was learnt is told.
  let stop: () => void = () => {}
  const stopped = new Promise<void>(resolve => {
    stop = resolve
  })
  process.host.processes.listen(process.pid, () => {
    echoes.interrupted = true
    stop()
  })
  const wait = (seconds: number): Promise<void> => Promise.race([process.sleep(seconds), stopped])
  const count = how.count > 0 ? Math.min(how.count, most) : most
  let elapsed = 0
  for (let sequence = 1; sequence <= count && !echoes.interrupted; sequence++) {
    process.step(20)
    echoes.sent++
    const jitter = process.random(2).readUInt16LE(0) / 65_536
    const milliseconds = own ? 0.025 + jitter * 0.05 : made.seconds * 1000 * (0.995 + jitter * 0.03)
    if (!dead) {
      if (!own) await wait(milliseconds / 1000)
      if (echoes.interrupted) break
      echoes.times.push(milliseconds)
      await how.answered(sequence, milliseconds, ttl)
    } else await how.missing?.(sequence)
    if (sequence === count) break
    const pause = Math.max(0, how.interval - (dead || own ? 0 : milliseconds / 1000))
    elapsed += how.interval
    if (how.until > 0 && elapsed >= how.until) break
    await wait(pause)
  }
  // The last one is waited for.
  if (dead && !echoes.interrupted) await wait(how.until > 0 ? 0 : 10)
  return echoes
}
