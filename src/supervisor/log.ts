import { describeStanding, type Standing } from '#hosting/standing.ts'
import type { Attempt } from '#sensor/sandbox.ts'
import type { EgressLock } from './egress.ts'
import type { Listening } from './messages.ts'

/** How the program speaks to the person, or the program, that started it. */
export type Log = {
  info(text: string): void
  warn(text: string): void
  /** How the sensor stands with its host's rules. */
  standing(standing: Standing): void
  /** Part of a longer piece of work that is done, 0 to 1. */
  progress(what: string, done: number): void
  password(user: string, password: string): void
  /** What a part tried with its own rights, and whether it was refused. */
  proved(part: string, attempts: Attempt[]): void
  /** How the way out is locked. */
  locked(lock: EgressLock): void
  ready(ports: Listening[], facts: { offset: number; milliseconds: number }): void
}

/** One JSON object a line. */
export function jsonLog(out: (line: string) => void): Log {
  let told = -1
  const say = (event: string, fields: object) => out(JSON.stringify({ at: new Date().toISOString(), event, ...fields }))
  return {
    info: message => say('info', { message }),
    warn: message => say('warning', { message }),
    standing: standing => say('standing', standing),
    progress(what, done) {
      if (Math.floor(done * 10) === told) return
      told = Math.floor(done * 10)
      say('progress', { what, done: Number(done.toFixed(2)) })
    },
    password: (user, password) => say('password', { user, password }),
    proved: (part, attempts) => say('proved', { part, attempts }),
    locked: lock => say('egress', lock),
    ready: (services, facts) => say('ready', { ...facts, services }),
  }
}

export function textLog(out: (line: string) => void, tty: boolean): Log {
  let shown = -1
  return {
    info: out,
    warn: text => out(`! ${text}`),
    standing: standing => out(describeStanding(standing, Date.now())),
    progress(what, done) {
      const percent = Math.floor(done * 100)
      // On a terminal every percent, in a file every quarter.
      if (percent === shown || (!tty && percent % 25)) return
      shown = percent
      const bar = '█'.repeat(Math.floor(percent / 5)).padEnd(20, '░')
      out(`${what} ${bar} ${percent} %`)
    },
    password(user, password) {
      out('')
      out(`  The page's first account, shown this once:  user ${user}   password ${password}`)
      out('')
    },
    locked({ state, why, ways }) {
      if (state === 'proved') out(`the way out is locked by the firewall: ${ways.length} ways tried, none led out`)
      else out(`! the way out is not locked by the firewall: ${why}`)
    },
    proved(part, attempts) {
      const open = attempts.filter(attempt => !attempt.refused)
      if (open.length) out(`! ${part} is not sealed: it could ${open.map(attempt => attempt.what).join(', ')}`)
      else out(`${part} is sealed: ${attempts.length} ways out tried, all refused`)
    },
    ready(ports, { offset, milliseconds }) {
      out('')
      for (const line of table(ports)) out(line)
      out('')
      if (offset) out(`Every decoy port is ${offset} above its own (--port-offset).`)
      const down = ports.filter(p => p.state === 'down').length
      const sum = `${ports.length - down} ports listen${down ? `, ${down} do not` : ''}`
      out(`ready: ${sum}, after ${(milliseconds / 1000).toFixed(1)} s`)
    },
  }
}

/** service → address:port → what it replaces */
function table(ports: Listening[]): string[] {
  const rows = ports.map(p => [
    p.service,
    p.ports !== undefined
      ? `${p.ports} other ports`
      : `${p.address.includes(':') ? `[${p.address}]` : p.address}:${p.port}${p.tls ? ' (TLS)' : p.transport === 'udp' ? '/udp' : ''}`,
    p.state === 'listening' ? p.title : `DOWN: ${p.why}`,
    p.replaces.length ? `replaces ${p.replaces.join(', ')}` : '',
  ])
  const widths = [0, 1, 2].map(i => Math.max(...rows.map(row => row[i]!.length)))
  return rows.map(row =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
