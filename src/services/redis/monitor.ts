import { flagsOf } from './facts.ts'
import { quote } from './inline.ts'
import type { Redis } from './state.ts'
import { simple } from './wire.ts'

const SHOWN = 64 << 10

/** What MONITOR tells its own client of the command just answered (replication.c, replicationFeedMonitors). */
export function monitored(args: readonly string[], { client, cx }: Redis): string {
  if (!client.monitoring || / (?:skip_monitor|admin) /.test(` ${flagsOf(args)} `)) return ''
  const now = cx.now() + cx.persona.clockSkew
  const seconds = `${Math.floor(now / 1000)}.${String(Math.floor(now % 1000)).padStart(3, '0')}${String(cx.random(2).readUInt16BE() % 1000).padStart(3, '0')}`
  let words = ''
  for (const arg of args) {
    if (words.length > SHOWN) break
    words += ` ${quote(arg, SHOWN)}`
  }
  return simple(`${seconds} [${client.db} ${cx.source.ip}:${cx.source.port}]${words}`)
}
