import { spawnSync } from 'node:child_process'
import os from 'node:os'
import type { Config } from '#config/load.ts'
import type { Plan } from '#config/plans.ts'
import type { Recorder } from '#events/event.ts'
import {
  holdRangeScript,
  INNER_PORT,
  INNER_PORTS,
  inner,
  openPorts,
  rangeComment,
  rangeScript,
  removeRangeScript,
} from '#firewall/range.ts'
import type { Persona } from '#persona/persona.ts'
import type { Options } from '#services/catchall/options.ts'
import { listeningSockets } from './holder.ts'
import type { Log } from './log.ts'
import { applyScript, NftFault, rangeStands, whyNotRedirected } from './nft.ts'
import { administration } from './way-in.ts'

/** Milliseconds between two looks at who listens on this machine, and at the rules. */
const EVERY = 15_000

/** How the ports that nobody listens on come to the catch-all. */
export type Range = {
  /** Plans as the sensor gets them. */
  plans: Plan[]
  /** Sets the rules, once the catch-all listens, and keeps them true to what else listens here. */
  open(persona: Persona, tell: { log: Log; record: Recorder }): void
  /** How many ports answer by redirection; `undefined`: none does. */
  answering(): number | undefined
  /** Takes rules and routes away again. */
  close(): void
}

/**
 * Every port by redirection, where that may be done: as root, with nftables, for an address that others reach. Elsewhere
 * the catch-all listens on the most scanned ports itself.
 */
export function everyPort(config: Config): Range {
  const { plans, settings } = config
  const catchall = plans.find(({ name }) => name === 'catchall')
  const addresses = settings.listen.address === 'all' ? ownAddresses() : [settings.listen.address]
  if (
    !catchall ||
    addresses.length === 0 ||
    /^(127\.|::1$)/.test(addresses[0]!) ||
    whyListed(catchall.options as Options)
  )
    return { plans, open() {}, answering: () => undefined, close() {} }

  const listed = catchall.endpoints.map(({ port }) => port)
  const endpoints = addresses.map((redirected, i) => ({ transport: 'tcp' as const, port: INNER_PORT + i, redirected }))
  let timer: NodeJS.Timeout | undefined
  let applied = ''
  let answering: number | undefined
  let say = (_: string): void => {}
  return {
    plans: plans.map(plan => (plan === catchall ? { ...plan, endpoints } : plan)),
    open(persona, { log, record }) {
      say = log.warn
      const { open: percent, walk } = catchall.options as Options
      const open = openPorts(persona.derive('open ports', 65_536), listed, percent)
      const apply = () => {
        const kept = keptPorts(settings.dashboard.address.port)
        const facts = { addresses, kept, open, walk, pool: poolOf(plans, settings.listen.portOffset ?? 0) }
        try {
          if (rangeComment(facts) === applied) {
            if (rangeStands(applied)) return applyScript(holdRangeScript)
            log.warn('every port: the rules are gone from the firewall; they are set again')
          }
          addRoutes()
          applyScript(rangeScript(facts))
          applied = rangeComment(facts)
          answering = open.filter(port => !kept.includes(port)).length
          log.info(`every port: ${answering} that nobody listens on answer; ${kept.length} are left alone`)
          record.health({ part: 'every port', state: 'redirected', why: `${answering} ports` })
        } catch (error) {
          if (!(error instanceof NftFault)) throw error
          log.warn(`every port: not redirected: ${error.message}`)
          record.health({ part: 'every port', state: 'failed', why: error.message })
        }
      }
      apply()
      clearInterval(timer)
      timer = setInterval(apply, EVERY)
      timer.unref()
    },
    answering: () => answering,
    close() {
      clearInterval(timer)
      if (!applied) return
      try {
        closeRange()
      } catch (error) {
        // All else still has to end in order.
        if (!(error instanceof NftFault)) throw error
        say(`every port: the rules stay behind: ${error.message}`)
      }
    },
  }
}

/** TCP ports that decoys open themselves: their own, and those at which the redirected ones may arrive. */
export function doorsOf(config: Config, offset: number): number[] {
  const endpoints = everyPort(config).plans.flatMap(plan =>
    plan.endpoints.filter(({ transport }) => transport === 'tcp'),
  )
  const own = endpoints.filter(({ redirected }) => redirected === undefined).map(({ port }) => port + offset)
  // All of them: addresses of this machine come and go, and the rules are to stay what they are.
  const inner = own.length < endpoints.length ? Array.from({ length: INNER_PORTS }, (_, i) => INNER_PORT + i) : []
  return [...own.filter(port => port < 65_536), ...inner]
}

/** Takes our table and routes away, whoever set them. */
export function closeRange(): void {
  applyScript(removeRangeScript)
  for (const { family, route } of routes) ip(family, 'del', route)
}

/** Data connections belong to services that may be met on other ports too: those that end like their own. */
function poolOf(plans: readonly Plan[], offset: number): { ports: number[]; doors: number[] } {
  const pooling = plans.filter(({ endpoints }) => endpoints.some(({ pool }) => pool))
  const own = pooling.flatMap(({ endpoints }) => endpoints.filter(({ pool }) => !pool).map(({ port }) => port + offset))
  const alike = Array.from({ length: 656 }, (_, i) => 100 * i + 21).filter(port => port < 65_536)
  return {
    ports: pooling.flatMap(({ endpoints }) => endpoints.filter(({ pool }) => pool).map(({ port }) => port + offset)),
    doors: [...new Set([...own, ...alike])],
  }
}

/** Why ports are listened on and not redirected; `undefined`: they are redirected. */
export function whyListed({ range }: Options): string | undefined {
  if (range === 'listed') return 'the configuration says so'
  if (process.getuid?.() !== 0) return 'not started as root'
  return whyNotRedirected()
}

const routes = [
  { family: '-4', route: inner.ipv4.route },
  { family: '-6', route: inner.ipv6.route },
] as const

/** Packets for these addresses are this machine's own, wherever they came from. Without IPv6 there is no second one. */
function addRoutes(): void {
  const [four] = routes.map(({ family, route }) => ip(family, 'replace', route))
  if (four !== undefined) throw new NftFault(`ip route: ${four}`)
}

/** ip-route(8); what it said where it failed. */
function ip(family: '-4' | '-6', verb: 'replace' | 'del', route: string): string | undefined {
  const { error, status, stderr } = spawnSync('ip', [family, 'route', verb, 'local', route, 'dev', 'lo'], {
    encoding: 'utf8',
    timeout: 10_000,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C' },
  })
  if (error) return error.message
  return status === 0 ? undefined : stderr.trim()
}

/** Addresses that others reach: of links, not of this machine or of one wire alone. */
function ownAddresses(): string[] {
  return Object.values(os.networkInterfaces())
    .flatMap(all => all ?? [])
    .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
    .map(({ address }) => address)
    .slice(0, INNER_PORTS)
}

/** Ports that are left alone: where anybody listens now, ours and others', and where the operator comes in. */
function keptPorts(page: number): number[] {
  const ports = new Set([page, ...administration().ports, ...listeningPorts()])
  for (let i = 0; i < INNER_PORTS; i++) ports.delete(INNER_PORT + i)
  return [...ports].toSorted((a, b) => a - b)
}

/** Listeners on loopback are of no concern. */
const listeningPorts = () => listeningSockets().flatMap(({ port, loopback }) => (loopback ? [] : [port]))
