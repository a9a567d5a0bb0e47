import { isIPv4, isIPv6 } from 'node:net'
import type { Process } from '../../../system.ts'
import { say } from '../facts.ts'
import { complain, linkNamed, permitted, verbOf } from './ip-common.ts'
import { type Look, showRoute } from './ip-show.ts'
import { mostEntries, networkOf, type Route } from './network.ts'

/** ip-route(8). */
export const route = async (process: Process, words: string[], look: Look): Promise<number> => {
  const verb = verbOf(words[0], [
    'add',
    'append',
    'change',
    'replace',
    'delete',
    'get',
    'list',
    'show',
    'lst',
    'flush',
    'save',
    'restore',
    'help',
  ])
  if (verb === undefined) return complain(process, `Command "${words[0]}" is unknown, try "ip route help".`, 255)
  const network = networkOf(process)
  const rest = words.slice(1)
  const option = (name: string): string | undefined => {
    const at = rest.indexOf(name)
    return at < 0 ? undefined : rest[at + 1]
  }
  if (verb === 'show' || verb === 'list' || verb === 'lst') {
    const card = network.links.find(({ index }) => index === 2)
    if (look.family === 6)
      return say(
        process,
        `::1 dev lo proto kernel metric 256 pref medium\nfe80::/64 dev ${card?.name} proto kernel metric 256 pref medium\n`,
      )
    const device = option('dev')
    if (option('table') === 'local')
      return say(
        process,
        network.links
          .flatMap(one =>
            one.addresses
              .filter(({ family }) => family === 4)
              .map(({ local }) => `local ${local} dev ${one.name} table local proto kernel scope host src ${local} \n`),
          )
          .join(''),
      )
    const wanted = rest.find(
      (word, index) =>
        !/^(dev|table|proto|scope|via|src|type|root|match|exact|all|main|cache)$/.test(word) &&
        !/^(dev|table|proto|scope|via|src|type)$/.test(rest[index - 1] ?? ''),
    )
    const shown = network.routes.filter(
      one => (device === undefined || one.device === device) && (wanted === undefined || one.destination === wanted),
    )
    return say(process, shown.map(one => `${showRoute(one)}\n`).join(''))
  }
  if (verb === 'get') {
    const target = rest.find(word => isIPv4(word) || isIPv6(word))
    if (target === undefined)
      return complain(
        process,
        rest[0] === undefined
          ? 'need at least a destination address'
          : `Error: any valid prefix is expected rather than "${rest[0]}".`,
        1,
      )
    const own = network.links
      .flatMap(one => one.addresses.map(({ local }) => ({ local, one })))
      .find(({ local }) => local === target)
    const path = pathTo(network.routes, target)
    if (own) return say(process, `local ${target} dev lo src ${target} uid ${process.who.uid} \n    cache <local> \n`)
    if (!path) return complain(process, 'RTNETLINK answers: Network is unreachable', 2)
    const source =
      path.source ??
      network.links.find(({ name }) => name === path.device)?.addresses.find(({ family }) => family === 4)?.local
    return say(
      process,
      `${target}${path.gateway ? ` via ${path.gateway}` : ''} dev ${path.device} ${source ? `src ${source} ` : ''}uid ${process.who.uid} \n    cache \n`,
    )
  }
  if (!(await permitted(process))) return 2
  if (verb === 'flush') {
    if (rest.length === 0) return complain(process, '"ip route flush" requires arguments.', 255)
    if (rest[0] !== 'cache') network.routes = []
    return 0
  }
  const kind = /^(blackhole|unreachable|prohibit|throw|local|unicast)$/.exec(rest[0] ?? '')?.[1]
  const destination = (kind ? rest[1] : rest[0]) ?? ''
  const [host = '', bits] = destination.split('/')
  if (destination !== 'default' && !isIPv4(host) && !isIPv6(host))
    return complain(process, `Error: any valid prefix is expected rather than "${destination}".`, 1)
  const name = destination === '0.0.0.0/0' ? 'default' : bits === '32' ? host : destination
  const [gateway, device] = [option('via'), option('dev')]
  const same = network.routes.findIndex(
    one =>
      one.destination === name &&
      (gateway === undefined || one.gateway === gateway) &&
      (device === undefined || one.device === device),
  )
  if (verb === 'delete') {
    if (same < 0) return complain(process, 'RTNETLINK answers: No such process', 2)
    network.routes.splice(same, 1)
    return 0
  }
  if (device !== undefined && !linkNamed(process, device)) return complain(process, `Cannot find device "${device}"`, 1)
  if (gateway === undefined && device === undefined && !kind)
    return complain(process, 'RTNETLINK answers: No such device', 2)
  const through = gateway === undefined ? undefined : pathTo(network.routes, gateway)
  if (gateway !== undefined && !isIPv4(gateway) && !isIPv6(gateway))
    return complain(process, `Error: inet address is expected rather than "${gateway}".`, 1)
  if (gateway !== undefined && (!through || through.gateway !== undefined))
    return complain(process, 'Error: Nexthop has invalid gateway.', 2)
  const exists = network.routes.findIndex(one => one.destination === name)
  if (verb === 'add' && exists >= 0) return complain(process, 'RTNETLINK answers: File exists', 2)
  if (network.routes.length >= mostEntries) return complain(process, 'RTNETLINK answers: No buffer space available', 2)
  const made: Route = {
    destination: kind && kind !== 'unicast' ? `${kind} ${name}` : name,
    gateway,
    device: device ?? through?.device ?? 'lo',
    source: option('src'),
    metric: Number(option('metric') ?? 0) || 0,
    kernel: false,
  }
  if ((verb === 'replace' || verb === 'change') && exists >= 0) network.routes[exists] = made
  else if (name === 'default') network.routes.unshift(made)
  else network.routes.push(made)
  return 0
}

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

/** The longest prefix that has the address. */
export const pathTo = (routes: readonly Route[], target: string): Route | undefined => {
  if (!isIPv4(target)) return undefined
  const fits = routes
    .map(one => {
      if (one.destination === 'default') return { one, bits: 0 }
      const [network = '', bits = '32'] = one.destination.split('/')
      if (!isIPv4(network)) return undefined
      const size = 2 ** (32 - Number(bits))
      return Math.floor(toNumber(network) / size) === Math.floor(toNumber(target) / size)
        ? { one, bits: Number(bits) }
        : undefined
    })
    .filter(found => found !== undefined)
  return fits.toSorted((a, b) => b.bits - a.bits)[0]?.one
}

/** ip-neighbour(8). */
export const neighbour = async (process: Process, words: string[]): Promise<number> => {
  const verb = verbOf(words[0], ['add', 'change', 'replace', 'delete', 'get', 'show', 'list', 'lst', 'flush', 'help'])
  if (verb === undefined) return complain(process, `Command "${words[0]}" is unknown, try "ip neigh help".`, 255)
  const network = networkOf(process)
  if (verb === 'show' || verb === 'list' || verb === 'lst')
    return say(
      process,
      network.neighbours
        .map(({ address: at, device, mac, state }) => `${at} dev ${device} lladdr ${mac} ${state} \n`)
        .join(''),
    )
  if (!(await permitted(process))) return 2
  const [, target = ''] = words
  const option = (name: string): string | undefined =>
    words.indexOf(name) < 0 ? undefined : words[words.indexOf(name) + 1]
  if (verb === 'flush') network.neighbours = []
  else if (verb === 'delete') network.neighbours = network.neighbours.filter(one => one.address !== target)
  else if (network.neighbours.length < mostEntries && option('lladdr') && option('dev'))
    network.neighbours.push({ address: target, device: option('dev')!, mac: option('lladdr')!, state: 'PERMANENT' })
  return 0
}
