import type { Persona } from '#persona/persona.ts'
import type { ProcessTable } from './process-table.ts'

/** How the one network card is configured, as DHCP would have. */
export type Addresses = {
  v4: string
  prefix: number
  network: string
  broadcast: string
  gateway: string
  gatewayMac: string
  /** fe80::/64 with the card's EUI-64 (RFC 4291 2.5.1). */
  linkLocal: string
}

const bits = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
/** 32 bits as a dotted address. */
export const dotted = (value: number): string => [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')
export const netmask = (prefix: number): string => dotted(prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0)

/**
 * The address that attackers connected to, when one is there to see and it is not the loopback's; else a private one of
 * the persona's own.
 */
export const addressesOf = (persona: Persona, processes: Pick<ProcessTable, 'list'>): Addresses => {
  const noise = persona.derive('addresses', 8)
  const seen = processes
    .list()
    .map(({ connection }) => connection?.to.replace(/^::ffff:/, '') ?? '')
    .find(to => /^\d+\.\d+\.\d+\.\d+$/.test(to) && !to.startsWith('127.'))
  const v4 = seen ?? `10.${noise[0]}.${noise[1]! & 0xf0}.${20 + (noise[2]! % 200)}`
  const prefix = 24
  const mask = bits(netmask(prefix))
  const network = (bits(v4) & mask) >>> 0
  const broadcast = (network | ~mask) >>> 0
  const gateway = network + 1 === bits(v4) ? broadcast - 1 : network + 1
  return {
    v4,
    prefix,
    network: dotted(network),
    broadcast: dotted(broadcast),
    gateway: dotted(gateway),
    gatewayMac: `fe:${noise.toString('hex', 3, 8).match(/../g)!.join(':')}`,
    linkLocal: linkLocal(persona.mac),
  }
}

const linkLocal = (mac: string): string => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map(part => Number.parseInt(part, 16))
  const words = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f]
  return `fe80::${words.map(word => word.toString(16)).join(':')}`
}
