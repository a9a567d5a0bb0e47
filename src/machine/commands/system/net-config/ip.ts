import { isIPv4, isIPv6 } from 'node:net'
import type { Process, Program } from '../../../system.ts'
import { say } from '../facts.ts'
import { complain, linkNamed, permitted, verbOf } from './ip-common.ts'
import { neighbour, route } from './ip-route.ts'
import { type Look, showAddresses, showLinks } from './ip-show.ts'
import { mostEntries, networkOf } from './network.ts'

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
