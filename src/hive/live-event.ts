import type { Event } from '#events/event.ts'
import type { Place } from '#store/store.ts'
import type { LiveEvent } from './shapes.ts'

export function liveEvent(event: Event, place: Place): LiveEvent {
  const { source, destination, skep } = event
  return {
    id: event.event.id,
    at: Date.parse(event['@timestamp']),
    action: event.event.action,
    service: skep.service,
    ...(skep.session === undefined ? {} : { session: skep.session }),
    ...(source ? { source_ip: source.ip } : {}),
    ...(place.country === undefined ? {} : { country: place.country }),
    ...(place.lat === undefined || place.lon === undefined ? {} : { lat: place.lat, lon: place.lon }),
    ...(destination?.port === undefined ? {} : { destination_port: destination.port }),
    summary: summary(event),
  }
}

/** The first of these that an event has says best what happened (events/actions.ts fills them). */
const tellers: ((event: Loose) => string | undefined)[] = [
  e => e.message,
  e => e.skep?.scan && scanned(e.skep.scan),
  e => e.skep?.login && [e.user?.name ?? '', e.skep.login.password ?? `(${e.skep.login.method})`].join(' / '),
  e => e.vulnerability && `${e.vulnerability.id} ${e.vulnerability.description}`,
  e => e.http && `${e.http.request?.method} ${e.url?.original} → ${e.http.response?.status_code}`,
  e => e.process?.command_line,
  e => e.url?.original,
  e => e.file?.path ?? e.file?.hash?.sha256,
  e => e.user_agent?.original,
  e => e.tls && `${e.tls.version} ${e.tls.client?.server_name ?? ''}`,
  e => e.skep?.telnet && `${e.skep.telnet.verb} ${e.skep.telnet.option} ${e.skep.telnet.value ?? ''}`,
  e => e.error?.message,
  e => e.event?.reason,
]

type Scan = { kind: string; count: number; ports?: string[]; types?: string[]; protocols?: string[]; tools?: string[] }
/** `syn: 22-23, 80 (masscan)` */
const scanned = ({ kind, count, ports, types, protocols, tools = [] }: Scan) => {
  const numbers = (ports ?? types ?? protocols ?? []).slice(0, 8)
  return `${kind}: ${numbers.join(', ') || `${count} in all`}${tools.length > 0 ? ` (${tools.join(', ')})` : ''}`
}

type Loose = {
  message?: string
  event?: { reason?: string }
  user?: { name?: string }
  vulnerability?: { id: string; description: string }
  http?: { request?: { method?: string }; response?: { status_code?: number } }
  process?: { command_line?: string }
  url?: { original?: string }
  file?: { path?: string; hash?: { sha256?: string } }
  user_agent?: { original?: string }
  tls?: { version?: string; client?: { server_name?: string } }
  error?: { message?: string }
  skep?: {
    scan?: Scan
    login?: { method: string; password?: string }
    telnet?: { verb: string; option: string; value?: string }
  }
}

export function summary(event: Event): string {
  for (const tell of tellers) {
    const said = tell(event as unknown as Loose)
    if (said) return said.length > 200 ? `${said.slice(0, 200)}…` : said
  }
  return ''
}
