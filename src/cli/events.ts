import { actions } from '#events/actions.ts'
import type { Event } from '#events/event.ts'
import { readEvents } from '#events/journal/follow.ts'
import { common, flags, keptIn, print, Usage } from './usage.ts'

const help = `Usage: skep events [flags]

Prints events straight from the journal: it needs neither the store nor a running program.

  --follow, -f       go on with what comes
  --since TIME       90s, 15m, 24h, 7d, or a date; default 24h (with --follow: now)
  --action NAME      only this action (login, command, request, …); may be repeated
  --service NAME     only this service; may be repeated
  --source ADDR      only this address
  --json             whole events, one a line
  --data DIR         default ./data-local

Examples:
  skep events --follow
  skep events --since 7d --action login --json | jq -r .skep.login.password | sort | uniq -c | sort -n
`

const known: ReadonlySet<string> = new Set(Object.values(actions).map(({ name }) => name))

const units = new Map([
  ['s', 1e3],
  ['m', 60e3],
  ['h', 3600e3],
  ['d', 86400e3],
])

/** `15m` before `now`, or a date → milliseconds since the epoch. */
function parseSince(text: string, now: number): number {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  const at = number ? now - Number(number) * units.get(unit!)! : Date.parse(text)
  if (Number.isNaN(at))
    throw new Usage(`Not a time: ${JSON.stringify(text)}; say 15m, 24h, 7d, or 2026-01-31T12:00`, 'skep events --help')
  return at
}

export default {
  help,
  async run(args: string[]) {
    const { values } = flags('events', args, {
      ...common,
      follow: { type: 'boolean', short: 'f', default: false },
      since: { type: 'string' },
      action: { type: 'string', multiple: true },
      service: { type: 'string', multiple: true },
      source: { type: 'string' },
    })
    const unknown = values.action?.find(name => !known.has(name))
    if (unknown !== undefined)
      throw new Usage(`No such action: ${unknown}; there are ${[...known].sort().join(', ')}`, 'skep events --help')
    const now = Date.now()
    const since = values.since === undefined ? (values.follow ? now : now - 86400e3) : parseSince(values.since, now)
    const wanted = (event: Event) =>
      (!values.action || values.action.includes(event.event.action)) &&
      (!values.service || values.service.includes(event.skep.service)) &&
      (!values.source || event.source?.ip === values.source)
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort())
    const directory = keptIn(values.data, 'journal')
    const reading = readEvents({ directory, since, follow: values.follow, signal: stop.signal })
    for await (const { event, json } of reading) if (wanted(event)) print(values.json ? json : describe(event))
    return 0
  },
}

/** One line for a person: when, who, at which door, what. */
function describe(event: Event): string {
  const from = event.source ? `${event.source.ip}${door(event.source)}` : ''
  const port = event.destination ? door(event.destination) : ''
  const at = event['@timestamp'].slice(0, 19).replace('T', ' ')
  return `${at}  ${from.padEnd(21)}  ${`${event.skep.service}${port}`.padEnd(13)}  ${event.event.action.padEnd(17)}  ${gist(event)}`.trimEnd()
}

/** A ping has none. */
const door = ({ port }: { port?: number | undefined }) => (port === undefined ? '' : `:${port}`)

type Loose = { [key: string]: Loose | undefined } & { toString(): string }

function gist(event: Event): string {
  const e = event as unknown as Loose
  const parts: unknown[] = [
    e.user?.name,
    e.skep?.scan?.kind,
    few(e.skep?.scan?.ports ?? e.skep?.scan?.types ?? e.skep?.scan?.protocols),
    e.skep?.login?.password ?? e.skep?.login?.hash ?? e.skep?.login?.public_key?.fingerprint,
    e.event?.outcome,
    e.process?.command_line,
    e.http?.request?.method,
    e.url?.original,
    e.http?.response?.status_code,
    e.file?.path,
    e.file?.hash?.sha256,
    e.vulnerability?.id,
    e.user_agent?.original,
    e.tls?.client?.server_name,
    e.skep?.tls?.ja4,
    e.error?.message ?? e.message,
    event.event.action === 'connection-closed' ? e.event?.reason : undefined,
  ]
  return parts
    .filter(part => part !== undefined)
    .map(part => printable(String(part)))
    .join('  ')
}

/** The first of many ranges. */
const few = (ranges: unknown) =>
  Array.isArray(ranges) ? `${ranges.slice(0, 12).join(' ')}${ranges.length > 12 ? ' …' : ''}` : undefined

/** An attacker's text must not steer the reader's terminal. */
const printable = (text: string) =>
  text.replace(
    /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
