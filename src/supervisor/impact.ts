import os from 'node:os'
import type { Config } from '#config/load.ts'
import type { Recorder } from '#events/event.ts'
import type { Log } from './log.ts'

/** What holds where a host asks that nobody notices: ceilings that a configuration may only lower. */
const gentleLimits = { connections: 1000, perSource: 64, udpPerSource: 10, udpOverall: 50 } as const
/** Bytes a second that decoys may send, over all of them. */
export const gentleBandwidth = 1_000_000
/** nice(2) of everything that meets or serves anybody. */
export const gentleNice = 10

/** The same configuration under those ceilings. */
export function gentle(config: Config): Config {
  const { limits } = config.settings
  const held = Object.entries(gentleLimits).map(([name, most]) => [
    name,
    Math.min(limits[name as keyof typeof gentleLimits], most),
  ])
  return { ...config, settings: { ...config.settings, limits: { ...limits, ...Object.fromEntries(held) } } }
}

/** Milliseconds between two looks, and looks in a row after which a high load is one. */
const EVERY = 20_000
const LOOKS = 3

/** Raises an alarm when the machine's load climbs over its processors, and says when it is over. Returns the end of it. */
export function watchLoad({ log, record }: { log: Log; record: Recorder }, load = () => os.loadavg()[0]!): () => void {
  const cores = os.availableParallelism()
  let high = 0
  const timer = setInterval(() => {
    const now = load()
    const before = high
    high = now > cores ? Math.min(LOOKS, high + 1) : 0
    const what = `load ${now.toFixed(2)} on ${cores} processors`
    if (high === LOOKS && before < LOOKS) {
      log.warn(`${what}: this host asks that nobody notices`)
      record.health({ part: 'load', state: 'high', why: what })
    } else if (before === LOOKS && high === 0) record.health({ part: 'load', state: 'normal', why: what })
  }, EVERY)
  timer.unref()
  return () => clearInterval(timer)
}
