import { addressesOf } from '../../../fs/addresses.ts'
import type { Process } from '../../../system.ts'
import { fieldsOf, textOf } from '../facts.ts'

export type Address = {
  family: 4 | 6
  local: string
  prefix: number
  scope: 'global' | 'link' | 'host'
  dynamic: boolean
  broadcast: string | undefined
  label: string
}
export type Link = {
  index: number
  name: string
  up: boolean
  mtu: number
  mac: string
  addresses: Address[]
  kind: 'ether' | 'loopback'
  promiscuous: boolean
}
export type Route = {
  destination: string
  gateway: string | undefined
  device: string
  source: string | undefined
  metric: number
  kernel: boolean
}
export type Neighbour = { address: string; device: string; mac: string; state: string }
export type Network = { links: Link[]; routes: Route[]; neighbours: Neighbour[] }

/** Of each; more are refused. */
export const mostEntries = 200

/** The machine's network as installed, and what this attacker changed of it. */
export const networkOf = (process: Process): Network =>
  process.host.state('network', () => {
    const { persona, processes } = process.host
    const own = addressesOf(persona, processes)
    const card = persona.interface
    const loopback: Link = {
      index: 1,
      name: 'lo',
      up: true,
      mtu: 65_536,
      mac: '00:00:00:00:00:00',
      kind: 'loopback',
      promiscuous: false,
      addresses: [
        { family: 4, local: '127.0.0.1', prefix: 8, scope: 'host', dynamic: false, broadcast: undefined, label: 'lo' },
        { family: 6, local: '::1', prefix: 128, scope: 'host', dynamic: false, broadcast: undefined, label: 'lo' },
      ],
    }
    const ethernet: Link = {
      index: 2,
      name: card,
      up: true,
      mtu: 1500,
      mac: persona.mac,
      kind: 'ether',
      promiscuous: false,
      addresses: [
        {
          family: 4,
          local: own.v4,
          prefix: own.prefix,
          scope: 'global',
          dynamic: true,
          broadcast: own.broadcast,
          label: card,
        },
        {
          family: 6,
          local: own.linkLocal,
          prefix: 64,
          scope: 'link',
          dynamic: false,
          broadcast: undefined,
          label: card,
        },
      ],
    }
    return {
      links: [loopback, ethernet],
      routes: [
        { destination: 'default', gateway: own.gateway, device: card, source: undefined, metric: 0, kernel: false },
        {
          destination: `${own.network}/${own.prefix}`,
          gateway: undefined,
          device: card,
          source: own.v4,
          metric: 0,
          kernel: true,
        },
      ],
      neighbours: [{ address: own.gateway, device: card, mac: own.gatewayMac, state: 'REACHABLE' }],
    }
  })

/** Seconds until the lease is renewed, as DHCP counts them down. */
export const leaseOf = (process: Process): number =>
  86_400 - (Math.floor((process.now() - process.host.persona.bootedAt) / 1000) % 43_200)

export type Traffic = { rxBytes: number; rxPackets: number; txBytes: number; txPackets: number }

/** As /proc/net/dev says. */
export const trafficOf = (process: Process, name: string): Traffic => {
  const fields = (fieldsOf(textOf(process, '/proc/net/dev') ?? '').get(name) ?? '').split(/\s+/).map(Number)
  return { rxBytes: fields[0] ?? 0, rxPackets: fields[1] ?? 0, txBytes: fields[8] ?? 0, txPackets: fields[9] ?? 0 }
}
