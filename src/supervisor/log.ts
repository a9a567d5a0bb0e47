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
  /** The account that the first start made: it is told this once. */
  password(user: string, password: string): void
  /** Where the page is. */
  page(url: string): void
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
    page: url => say('info', { message: `page: ${url}` }),
    proved: (part, attempts) => say('proved', { part, attempts }),
    locked: lock => say('egress', lock),
    ready: (services, facts) => say('ready', { ...facts, services }),
  }
}

export function textLog(out: (line: string) => void, tty: boolean): Log {
  let shown = -1
  // Told again below the table, which is longer than a screen.
  const toOpen: string[] = []
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
      const line = `  The page's first account, shown at this start only:  user ${user}   password ${password}`
      toOpen.push(line)
      out('')
      out(line)
      out('')
    },
    page(url) {
      toOpen.push(`  The page:  ${url}`)
      out(`page: ${url}`)
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
      if (toOpen.length) {
        out('')
        for (const line of toOpen) out(line)
        out('')
      }
      out(`ready: ${sum}, after ${(milliseconds / 1000).toFixed(1)} s`)
    },
  }
}

/** Doors that are told one by one; of more, how many there are. */
const DOORS = 4

/** A line for each service: its ports, and what it pretends to be. What is down has a line of its own, with the reason. */
function table(ports: Listening[]): string[] {
  const rows: string[][] = []
  for (const [service, doors] of Map.groupBy(ports, port => port.service)) {
    const open = doors.filter(({ state }) => state === 'listening')
    if (open.length) rows.push([service, doorsOf(open), open[0]!.title])
    for (const port of doors) if (port.state === 'down') rows.push([service, doorOf(port), `DOWN: ${port.why}`])
  }
  rows.sort(([a], [b]) => (a! < b! ? -1 : a! > b! ? 1 : 0))
  const widths = [0, 1].map(i => Math.max(...rows.map(row => row[i]!.length)))
  return rows.map(row =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const doorOf = ({ ports, port, tls, transport }: Listening) =>
  ports === undefined ? `${port}${tls ? '/tls' : transport === 'udp' ? '/udp' : ''}` : `${ports} other ports`

function doorsOf(doors: Listening[]): string {
  const told = doors.toSorted((a, b) => (a.transport < b.transport ? -1 : 1)).map(doorOf)
  const more = told.length - DOORS
  return told.slice(0, DOORS).join(' ') + (more > 0 ? ` and ${more} more` : '')
}
