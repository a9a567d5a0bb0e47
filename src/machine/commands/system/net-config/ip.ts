import { isIPv4, isIPv6 } from 'node:net'
import type { Process, Program } from '../../../system.ts'
import { say } from '../facts.ts'
import { type Look, showAddresses, showLinks, showRoute } from './ip-show.ts'
import { type Link, mostEntries, networkOf, type Route } from './network.ts'

const objects = [
  'address',
  'addrlabel',
  'amt',
  'fou',
  'help',
  'ila',
  'ioam',
  'l2tp',
  'link',
  'macsec',
  'maddress',
  'monitor',
  'mptcp',
  'mroute',
  'mrule',
  'neighbor',
  'neighbour',
  'netconf',
  'netns',
  'nexthop',
  'ntable',
  'ntbl',
  'route',
  'rule',
  'sr',
  'tap',
  'tcpmetrics',
  'tcp_metrics',
  'token',
  'tunnel',
  'tuntap',
  'vrf',
  'xfrm',
]
/** What a prefix of one or more letters means, where more than one could be meant. */
const preferred = [
  'address',
  'link',
  'route',
  'neighbour',
  'rule',
  'maddress',
  'netns',
  'tunnel',
  'monitor',
  'token',
  'xfrm',
  'help',
  'vrf',
  'sr',
  'fou',
  'ioam',
  'amt',
  'tuntap',
]

const usage = `Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
       ip [ -force ] -batch filename
where  OBJECT := { address | addrlabel | amt | fou | help | ila | ioam | l2tp |
                   link | macsec | maddress | monitor | mptcp | mroute | mrule |
                   neighbor | neighbour | netconf | netns | nexthop | ntable |
                   ntbl | route | rule | sr | tap | tcpmetrics |
                   token | tunnel | tuntap | vrf | xfrm }
`

/** ip(8) of iproute2 6.1.0. Changes are kept, and change nothing. */
export const ip: Program = async process => {
  const look: Look = { brief: false, oneline: false, statistics: false, family: undefined, json: false }
  const words = process.argv.slice(1)
  while (words[0]?.startsWith('-')) {
    const word = words.shift()!.replace(/^--?/, '')
    if (word === 'V' || word === 'Version') return say(process, 'ip utility, iproute2-6.1.0, libbpf 1.1.2\n')
    if (word === 'h' || word === 'help') return help(process, 0)
    if (word === '4') look.family = 4
    else if (word === '6') look.family = 6
    else if (word === 'f' || word === 'family') look.family = words.shift() === 'inet6' ? 6 : 4
    else if (word === '0' || word === 'B' || word === 'M') look.family = undefined
    else if (word.startsWith('br')) look.brief = true
    else if (/^s(t.*)?$/.test(word) || word === 'ss') look.statistics = true
    else if (word === 'o' || word === 'oneline') look.oneline = true
    else if (/^j(son)?$/.test(word)) look.json = true
    else if (
      !/^(d|details|r|resolve|c.*|N|Numeric|p|pretty|t|timestamp|ts|a|all|iec|human.*|force|rc.*|l|loops)$/.test(
        word,
      ) &&
      word !== 'b' &&
      word !== 'n'
    ) {
      await process.stderr.write(`Option "-${word}" is unknown, try "ip -help".\n`)
      return 255
    } else if (word === 'n' || word === 'netns' || word === 'b') words.shift()
  }
  const [typed, ...rest] = words
  if (typed === undefined) return help(process, 255)
  const object = objects.includes(typed)
    ? typed
    : (preferred.find(name => name.startsWith(typed)) ?? objects.find(name => name.startsWith(typed)))
  if (object === undefined) {
    await process.stderr.write(`Object "${typed}" is unknown, try "ip help".\n`)
    return 1
  }
  switch (object) {
    case 'help':
      return help(process, 255)
    case 'address':
      return address(process, rest, look)
    case 'link':
      return link(process, rest, look)
    case 'route':
      return route(process, rest, look)
    case 'neighbour':
    case 'neighbor':
      return neighbour(process, rest)
    case 'rule':
      return rest.length === 0 || /^(s|sh.*|l|li.*)$/.test(rest[0]!)
        ? say(process, '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n')
        : 0
    case 'maddress':
      return say(
        process,
        `1:\tlo\n\tinet  224.0.0.1\n\tinet6 ff02::1\n\tinet6 ff01::1\n2:\t${process.host.persona.interface}\n\tlink  01:00:5e:00:00:01\n\tinet  224.0.0.1\n\tinet6 ff02::1\n\tinet6 ff01::1\n`,
      )
    default:
      return 0
  }
}

const help = async (process: Process, status: number): Promise<number> => {
  await process.stderr.write(usage)
  return status
}

const complain = async (process: Process, text: string, status: number): Promise<number> => {
  await process.stderr.write(`${text}\n`)
  return status
}

const permitted = async (process: Process): Promise<boolean> => {
  if (process.who.uid === 0) return true
  await process.stderr.write('RTNETLINK answers: Operation not permitted\n')
  return false
}

/** `add`, `a`, `ad` mean add; nothing at all means show. */
const verbOf = (word: string | undefined, verbs: readonly string[]): string | undefined =>
  word === undefined ? 'show' : (verbs.find(verb => verb.startsWith(word)) ?? undefined)

const linkNamed = (process: Process, name: string): Link | undefined =>
  networkOf(process).links.find(one => one.name === name || (name === 'enp0s3' && one.index === 2))

const address = async (process: Process, words: string[], look: Look): Promise<number> => {
  const verb = verbOf(words[0], ['add', 'change', 'replace', 'delete', 'show', 'list', 'lst', 'flush', 'save', 'help'])
  if (verb === undefined) return complain(process, `Command "${words[0]}" is unknown, try "ip address help".`, 255)
  if (verb === 'help')
    return complain(process, 'Usage: ip address {add|change|replace} IFADDR dev IFNAME [ LIFETIME ]', 255)
  const { links } = networkOf(process)
  const at = words.indexOf('dev')
  if (verb === 'show' || verb === 'list' || verb === 'lst') {
    const rest = words.slice(1)
    const name =
      at >= 0
        ? words[at + 1]
        : rest.find(
            word => !/^(up|scope|global|link|host|primary|secondary|dynamic|permanent|to|type|label)$/.test(word),
          )
    if (name === undefined)
      return say(process, showAddresses(process, rest.includes('up') ? links.filter(({ up }) => up) : links, look))
    const found = linkNamed(process, name)
    return found
      ? say(process, showAddresses(process, [found], look))
      : complain(process, `Device "${name}" does not exist.`, 1)
  }
  const name = at >= 0 ? (words[at + 1] ?? '') : undefined
  if (verb === 'flush') {
    if (name === undefined && words[1] === undefined) return complain(process, 'Flush requires arguments.', 255)
    const found = linkNamed(process, name ?? words[1]!)
    if (!found) return complain(process, `Device "${name ?? words[1]}" does not exist.`, 1)
    if (!(await permitted(process))) return 2
    found.addresses = []
    return 0
  }
  const given = words
    .slice(1)
    .filter(
      (word, index, all) =>
        !/^(dev|label|scope|brd|broadcast|peer|local|valid_lft|preferred_lft|metric)$/.test(word) &&
        !/^(dev|label|scope|brd|broadcast|valid_lft|preferred_lft|metric)$/.test(all[index - 1] ?? ''),
    )
  const [local = '', bits] = (given[0] ?? '').split('/')
  const v6 = isIPv6(local)
  if (
    given[0] !== undefined &&
    ((!v6 && !isIPv4(local)) || (bits !== undefined && !(/^\d+$/.test(bits) && Number(bits) <= (v6 ? 128 : 32))))
  )
    return complain(process, `Error: ${v6 ? 'inet6' : 'any valid'} prefix is expected rather than "${given[0]}".`, 1)
  if (name === undefined) return complain(process, 'Not enough information: "dev" argument is required.', 1)
  const found = linkNamed(process, name)
  if (!found) return complain(process, `Cannot find device "${name}"`, 1)
  if (!(await permitted(process))) return 2
  const prefix = Number(bits ?? (v6 ? 128 : 32))
  const same = found.addresses.findIndex(one => one.local === local && (bits === undefined || one.prefix === prefix))
  if (verb === 'delete') {
    if (same < 0)
      return complain(
        process,
        v6 ? 'RTNETLINK answers: Cannot assign requested address' : 'Error: ipv4: Address not found.',
        2,
      )
    found.addresses.splice(same, 1)
    return 0
  }
  if (same >= 0 && verb === 'add')
    return complain(process, v6 ? 'RTNETLINK answers: File exists' : 'Error: ipv4: Address already assigned.', 2)
  if (found.addresses.length >= mostEntries) return complain(process, 'RTNETLINK answers: No buffer space available', 2)
  const brd = words.indexOf('brd')
  if (same < 0)
    found.addresses.push({
      family: v6 ? 6 : 4,
      local,
      prefix,
      scope: local.startsWith('127.') ? 'host' : 'global',
      dynamic: false,
      broadcast: brd >= 0 && words[brd + 1] !== '+' ? words[brd + 1] : undefined,
      label: found.name,
    })
  found.addresses.sort((a, b) => a.family - b.family)
  return 0
}

const link = async (process: Process, words: string[], look: Look): Promise<number> => {
  const verb = verbOf(words[0], [
    'add',
    'set',
    'change',
    'delete',
    'show',
    'list',
    'lst',
    'xstats',
    'afstats',
    'property',
    'help',
  ])
  if (verb === undefined) return complain(process, `Command "${words[0]}" is unknown, try "ip link help".`, 255)
  const network = networkOf(process)
  const rest = words.slice(1)
  const at = rest.indexOf('dev')
  const name = at >= 0 ? rest[at + 1] : rest.find(word => !/^(up|type|master|name|link)$/.test(word))
  if (verb === 'show' || verb === 'list' || verb === 'lst') {
    if (name === undefined || rest[0] === 'type')
      return say(
        process,
        showLinks(
          process,
          rest[0] === 'type' ? [] : rest.includes('up') ? network.links.filter(({ up }) => up) : network.links,
          look,
        ),
      )
    const found = linkNamed(process, name)
    return found
      ? say(process, showLinks(process, [found], look))
      : complain(process, `Device "${name}" does not exist.`, 1)
  }
  if (verb === 'add') {
    if (!(await permitted(process))) return 2
    const type = rest[rest.indexOf('type') + 1]
    if (rest.indexOf('type') < 0 || type === undefined)
      return complain(process, 'Not enough information: "type" argument is required', 255)
    if (name === undefined || network.links.some(one => one.name === name))
      return complain(process, 'RTNETLINK answers: File exists', 2)
    if (network.links.length >= mostEntries) return complain(process, 'RTNETLINK answers: No buffer space available', 2)
    const mac = `de:ad${process.random(4).toString('hex').replace(/../g, ':$&')}`.replace(/^de:ad/, '3a:5e')
    network.links.push({
      index: Math.max(...network.links.map(({ index }) => index)) + 1,
      name: name.slice(0, 15),
      up: false,
      mtu: 1500,
      mac,
      kind: 'ether',
      addresses: [],
      promiscuous: false,
    })
    return 0
  }
  const found = name === undefined ? undefined : linkNamed(process, name)
  if (name === undefined) return complain(process, 'Not enough of information: "dev" argument is required.', 255)
  if (!found) return complain(process, `Cannot find device "${name}"`, 1)
  if (!(await permitted(process))) return 2
  if (verb === 'delete') {
    if (found.index <= 2) return complain(process, 'RTNETLINK answers: Operation not supported', 2)
    network.links = network.links.filter(one => one !== found)
    return 0
  }
  rest.forEach((word, index) => {
    const value = rest[index + 1] ?? ''
    if (word === 'up') found.up = true
    else if (word === 'down') found.up = false
    else if (word === 'mtu' && /^\d{2,5}$/.test(value)) found.mtu = Number(value)
    else if (word === 'address' && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value)) found.mac = value.toLowerCase()
    else if (word === 'promisc') found.promiscuous = value === 'on'
    else if (word === 'name' && index > 0) found.name = value.slice(0, 15)
  })
  return 0
}

const route = async (process: Process, words: string[], look: Look): Promise<number> => {
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

const neighbour = async (process: Process, words: string[]): Promise<number> => {
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
