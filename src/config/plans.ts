import * as v from 'valibot'
import type { Endpoint, Service } from '#sensor/service.ts'
import { services } from '#services/index.ts'
import { editions } from './editions.ts'
import { explain, keysAt, type Path, pathOf } from './mistakes.ts'
import { serviceEntry } from './schema.ts'

/** A service as it will run. */
export type Plan = { name: string; endpoints: Endpoint[]; options: unknown }

/** Takes down a mistake at a place in the file. */
export type Note = (path: Path, message: string) => void

type Entry = { enabled?: unknown; listen?: unknown } & Record<string, unknown>

/** Which services run, where and how. A service's code is loaded only when it runs or has options to be checked. */
export async function planServices(said: unknown, note: Note): Promise<Plan[]> {
  const { edition: named, services: entries, listen } = (said ?? {}) as Record<string, unknown>
  const edition = Object.hasOwn(editions, String(named))
    ? editions[String(named) as keyof typeof editions]
    : editions.standard
  const given = new Map(Object.entries(isObject(entries) ? entries : {}))
  for (const name of given.keys())
    if (!services.has(name)) note(['services', name], `No such service; there are ${[...services.keys()].join(', ')}`)

  const plans: Plan[] = []
  for (const [name, load] of services) {
    const entry = given.get(name)
    const { enabled, listen, ...options } = (isObject(entry) ? entry : {}) as Entry
    const included = edition.services === 'all' || (edition.services as readonly string[]).includes(name)
    if (enabled === true && edition === editions.passive)
      note(['services', name, 'enabled'], 'The passive edition answers nobody: no decoy runs')
    const runs = enabled === undefined ? included : enabled === true
    if (!runs && Object.keys(options).length === 0) continue
    const service = (await load()).default
    const checked = v.safeParse(service.options, options)
    for (const issue of checked.issues ?? []) {
      const known = [...keysAt(serviceEntry, []), ...keysAt(service.options, [])]
      note(['services', name, ...pathOf(issue)], explain(issue, pathOf(issue).length === 1 ? known : []))
    }
    if (!runs || !checked.success) continue
    const pools = service.listen.filter(e => e.pool)
    const endpoints = Array.isArray(listen) ? [...chosen(service, listen, note), ...pools] : [...service.listen]
    plans.push({ name, endpoints, options: asSent(checked.output) })
  }
  giveWay(plans)
  noteClashes(plans, note)
  noteOverflow(plans, isObject(listen) ? listen.portOffset : undefined, note)
  return plans
}

/** As the processes get it in a message: a key without a value is not there, and makes nothing look changed. */
export const asSent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** The ports an operator chose; what is no port the schema has reported. */
function chosen(service: Service<unknown>, listen: unknown[], note: Note): Endpoint[] {
  return listen.flatMap((text, i) => {
    const [, digits, kind = service.session ? 'tcp' : 'udp'] =
      /^(\d{1,5})(?:\/(tcp|tls|udp))?$/.exec(String(text)) ?? []
    const port = Number(digits)
    if (!(port >= 1 && port <= 65535)) return []
    const able = kind === 'udp' ? service.datagram : kind === 'tls' ? service.session && service.tls : service.session
    if (!able) {
      note(['services', service.name, 'listen', i], `${service.name} does not speak over ${kind}`)
      return []
    }
    const transport = kind === 'udp' ? 'udp' : 'tcp'
    // One of the service's own is all that it is there.
    const own = service.listen.find(e => e.port === port && e.transport === transport && !e.tls === (kind !== 'tls'))
    if (own) return [own]
    const spare = service.listen.some(e => e.spare)
    return [{ transport, port, ...(kind === 'tls' ? { tls: true as const } : {}), ...(spare ? { spare } : {}) }]
  })
}

/** Spare ports are there as long as nobody else wants them. */
function giveWay(plans: Plan[]): void {
  const wanted = new Set(plans.flatMap(({ endpoints }) => endpoints.filter(e => !e.spare).map(nameOf)))
  for (const plan of plans) plan.endpoints = plan.endpoints.filter(e => !e.spare || !wanted.has(nameOf(e)))
}
const nameOf = ({ port, transport }: Endpoint) => `${port}/${transport}`

function noteClashes(plans: Plan[], note: Note): void {
  const holders = new Map<string, string>()
  for (const { name, endpoints } of plans)
    for (const endpoint of endpoints) {
      const holder = holders.get(nameOf(endpoint))
      if (holder !== undefined) note(['services', name, 'listen'], `Port ${nameOf(endpoint)} is ${holder}'s already`)
      else holders.set(nameOf(endpoint), name)
    }
}

function noteOverflow(plans: Plan[], offset: unknown, note: Note): void {
  if (typeof offset !== 'number' || !(offset <= 60_000)) return
  const ports = plans.flatMap(({ name, endpoints }) =>
    endpoints.filter(e => !e.spare).map(({ port }) => ({ name, port })),
  )
  const highest = ports.toSorted((a, b) => b.port - a.port)[0]
  if (highest && highest.port + offset > 65535)
    note(
      ['listen', 'portOffset'],
      `Expected at most ${65535 - highest.port}, found ${offset}: ${highest.name} has a port ${highest.port}`,
    )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
