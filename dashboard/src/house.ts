import type { Listener } from './answers.ts'

/** The doors of one service that are in the same state, for the same reason. */
export type Resident = Pick<Listener, 'service' | 'title' | 'state' | 'why' | 'replaces' | 'last'> & {
  doors: Listener[]
  connections: number | undefined
}

/** Listeners by service, by name; what is down stands by itself, and first; what stands for all other ports, last. */
export function residents(listeners: readonly Listener[]): Resident[] {
  const house = new Map<string, Resident>()
  for (const one of listeners) {
    const key = `${one.service} ${one.state} ${one.why ?? ''}`
    const found = house.get(key)
    if (!found) house.set(key, { ...one, connections: one.connections, doors: [one] })
    else {
      found.doors.push(one)
      if (one.connections !== undefined) found.connections = (found.connections ?? 0) + one.connections
      if (one.last !== undefined && (found.last === undefined || one.last > found.last)) found.last = one.last
    }
  }
  const rank = ({ state, doors }: Resident) => (state !== 'listening' ? 0 : doors[0]!.ports === undefined ? 1 : 2)
  return [...house.values()].sort((a, b) => rank(a) - rank(b) || a.service.localeCompare(b.service))
}

/** `tcp 0.0.0.0:25 587`, `tcp tls 0.0.0.0:465`: ports by the way and address that they are reached at; `others` words a number of further ports. */
export function doorsOf({ doors }: Resident, others: (count: number) => string): string[] {
  const ways = new Map<string, string[]>()
  for (const { transport, tls, address, port, ports } of doors) {
    const at = address.includes(':') ? `[${address}]` : address
    const way = `${transport}${tls ? ' tls' : ''} ${at}${ports === undefined ? ':' : ' '}`
    ways.set(way, [...(ways.get(way) ?? []), ports === undefined ? String(port) : others(ports)])
  }
  return [...ways].map(([way, ports]) => `${way}${[...new Set(ports)].join(' ')}`)
}
