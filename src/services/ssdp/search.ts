import type { Context } from '#sensor/service.ts'
import { bootOf, placeOf, serverOf, uuidOf } from './device.ts'
import type { Options } from './options.ts'

type Cx = Context<Options>

/** What can be searched for (UPnP Device Architecture 1.1 §1.3.2), and which of the three devices has it. */
const targets: readonly (readonly [target: string, part: 0 | 1 | 2])[] = [
  ['upnp:rootdevice', 0],
  ['urn:schemas-upnp-org:device:InternetGatewayDevice:2', 0],
  ['urn:schemas-upnp-org:device:WANConnectionDevice:2', 2],
  ['urn:schemas-upnp-org:device:WANDevice:2', 1],
  ['urn:schemas-upnp-org:service:WANIPConnection:2', 2],
  ['urn:schemas-upnp-org:service:DeviceProtection:1', 0],
  ['urn:schemas-upnp-org:service:WANIPv6FirewallControl:1', 2],
  ['urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1', 1],
  ['urn:schemas-upnp-org:service:WANPPPConnection:1', 2],
  ['urn:schemas-upnp-org:service:Layer3Forwarding:1', 0],
]

/** The answer for one target, as it was searched for. */
function found(target: string, part: 0 | 1 | 2, cx: Cx): string {
  const uuid = `uuid:${uuidOf(cx, part)}`
  const boot = bootOf(cx)
  return [
    'HTTP/1.1 200 OK',
    'CACHE-CONTROL: max-age=120',
    `ST: ${target}`,
    `USN: ${uuid}${target === uuid ? '' : `::${target}`}`,
    'EXT:',
    `SERVER: ${serverOf(cx)}`,
    `LOCATION: http://${placeOf(cx)}/rootDesc.xml`,
    'OPT: "http://schemas.upnp.org/upnp/1/0/"; ns=01',
    `01-NLS: ${boot}`,
    `BOOTID.UPNP.ORG: ${boot}`,
    'CONFIGID.UPNP.ORG: 1337',
    '',
    '',
  ].join('\r\n')
}

/** Without what is only of use to who has searched before; still all that UPnP asks for to find the description. */
export const shortened = (answer: string): string =>
  answer
    .split('\r\n')
    .filter(line => /^(?:HTTP|ST:|LOCATION:|$)/.test(line))
    .map(line => line.replace(': ', ':'))
    .join('\r\n')

/** All answers to a search, each a datagram of its own on the real one. */
export function answers(target: string, cx: Cx): string[] {
  const parts = [0, 1, 2] as const
  const devices = parts.map(part => [`uuid:${uuidOf(cx, part)}`, part] as const)
  if (target === 'ssdp:all') return [...targets, ...devices].map(([name, part]) => found(name, part, cx))
  const [kind, version] = /^(.*):(\d)$/.exec(target)?.slice(1) ?? []
  const known = [...targets, ...devices].find(
    ([name]) => name === target || (kind !== undefined && name.startsWith(`${kind}:`) && Number(version) > 0),
  )
  return known ? [found(target, known[1], cx)] : []
}
