import type { Context } from '#sensor/service.ts'
import type { Options } from './options.ts'

type Cx = Context<Options>

/** `Debian/6.1.0-28-amd64 UPnP/1.1 MiniUPnPd/2.3.1`. */
export const serverOf = ({ persona }: Cx): string =>
  `${persona.os.id === 'debian' ? 'Debian' : 'Ubuntu'}/${persona.os.kernel} UPnP/1.1 MiniUPnPd/${persona.software.upnp.version}`

/** The device's identifier; those within it count its last digit up. */
export function uuidOf({ persona }: Cx, part: 0 | 1 | 2 = 0): string {
  const hex = persona.derive('upnp uuid', 16)
  hex[6] = (hex[6]! & 0x0f) | 0x40
  hex[8] = (hex[8]! & 0x3f) | 0x80
  hex[15] = (hex[15]! & 0xf0) | ((hex[15]! + part) & 0x0f)
  const text = hex.toString('hex')
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-')
}

/** Seconds since 1970 at which the daemon started: BOOTID.UPNP.ORG. */
export const bootOf = ({ persona }: Cx): number =>
  Math.floor(persona.bootedAt / 1000) + 14 + (persona.derive('upnp boot', 1)[0]! % 9)

/** Address and port that a client can reach the description at; the ports are set off alike. */
export function placeOf(cx: Cx): string {
  const { ip, port } = cx.destination
  const http = 5000 + (cx.port === 1900 ? port - 1900 : cx.port === 5000 ? port - 5000 : 0)
  return `${ip.includes(':') ? `[${ip}]` : ip}:${http}`
}

const tag = (name: string, content: string) => `<${name}>${content}</${name}>`

type Described = {
  type: string
  name: string
  maker: string
  url: string
  model: string
  modelName?: string
  number: string
}
const about = ({ type, name, maker, url, model, modelName = model, number }: Described, serial: string, uuid: string) =>
  [
    tag('deviceType', `urn:schemas-upnp-org:device:${type}`),
    tag('friendlyName', name),
    tag('manufacturer', maker),
    tag('manufacturerURL', url),
    tag('modelDescription', model),
    tag('modelName', modelName),
    tag('modelNumber', number),
    tag('modelURL', url),
    tag('serialNumber', serial),
    tag('UDN', `uuid:${uuid}`),
  ].join('')

const service = (type: string, id: string, description: string, control: string) =>
  tag(
    'service',
    tag('serviceType', `urn:schemas-upnp-org:service:${type}`) +
      tag('serviceId', `urn:upnp-org:serviceId:${id}`) +
      tag('SCPDURL', `/${description}.xml`) +
      tag('controlURL', `/ctl/${control}`) +
      tag('eventSubURL', `/evt/${control}`),
  )

const MINI = { maker: 'MiniUPnP', url: 'http://miniupnp.free.fr/' }

/** /rootDesc.xml: the gateway, the connection in it, and what can be asked of them. */
export function description(cx: Cx): string {
  const { persona, destination } = cx
  const serial = String(10_000_000 + (persona.derive('upnp serial', 4).readUInt32BE() % 90_000_000))
  const number = persona.software.upnp.built
  const vendor = persona.os.id === 'debian' ? 'Debian' : 'Ubuntu'
  const url = vendor === 'Debian' ? 'http://www.debian.org/' : 'http://www.ubuntu.com/'
  const root = {
    type: 'InternetGatewayDevice:2',
    name: `${vendor} router`,
    maker: vendor,
    url,
    model: `${vendor} router`,
  }
  const wan = { type: 'WANDevice:2', name: 'WANDevice', ...MINI, model: 'WAN Device', number }
  const connection = {
    type: 'WANConnectionDevice:2',
    name: 'WANConnectionDevice',
    ...MINI,
    model: 'MiniUPnP daemon',
    modelName: 'MiniUPnPd',
    number,
  }
  const upc = tag('UPC', '000000000000')
  const inner = tag(
    'device',
    about(connection, serial, uuidOf(cx, 2)) +
      upc +
      tag(
        'serviceList',
        service('WANIPConnection:2', 'WANIPConn1', 'WANIPCn', 'IPConn') +
          service('WANIPv6FirewallControl:1', 'WANIPv6Firewall1', 'WANIP6FC', 'IP6FCtl'),
      ),
  )
  const middle = tag(
    'device',
    about(wan, serial, uuidOf(cx, 1)) +
      upc +
      tag('serviceList', service('WANCommonInterfaceConfig:1', 'WANCommonIFC1', 'WANCfg', 'CmnIfCfg')) +
      tag('deviceList', inner),
  )
  const outer = tag(
    'device',
    about({ ...root, number: '1' }, serial, uuidOf(cx)) +
      tag(
        'serviceList',
        service('Layer3Forwarding:1', 'L3Forwarding1', 'L3F', 'L3F') +
          service('DeviceProtection:1', 'DeviceProtection1', 'DP', 'DP'),
      ) +
      tag('deviceList', middle) +
      tag('presentationURL', `http://${destination.ip}/`),
  )
  const version = tag('specVersion', `${tag('major', '1')}${tag('minor', '1')}`)
  return `<?xml version="1.0"?>\r\n<root xmlns="urn:schemas-upnp-org:device-1-0" configId="1337">${version}${outer}</root>`
}
