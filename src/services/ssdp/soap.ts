import { text } from '#events/text.ts'
import type { Context } from '#sensor/service.ts'
import { bootOf } from './device.ts'
import type { Options } from './options.ts'

type Cx = Context<Options>

/** A mapping that an attacker asked for; it exists for them alone, and nothing goes through it. */
export type Mapping = {
  remote: string
  external: string
  protocol: string
  internal: string
  client: string
  description: string
  lease: string
}
export type Gateway = { mappings: Mapping[] }
const MOST = 64

export type Soap = { status: 200 | 500; body: string }

/** The value of an element in a SOAP body, as miniupnpd's own small parser finds it: by its name, wherever it stands. */
export function argument(body: string, name: string): string | undefined {
  const at = body.indexOf(`<${name}`)
  if (at < 0) return undefined
  const open = body.indexOf('>', at)
  const close = body.indexOf(`</${name}`, open)
  return open < 0 || close < 0 ? undefined : body.slice(open + 1, close).slice(0, 1024)
}

const envelope = (content: string) =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>${content}</s:Body></s:Envelope>`

const fault = (code: number, what: string): Soap => ({
  status: 500,
  body: envelope(
    `<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode><errorDescription>${what}</errorDescription></UPnPError></detail></s:Fault>`,
  ),
})

type Values = [name: string, value: string | number][]
const escaped = (value: string) => value.replace(/[<>&]/g, c => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[c]!)
const done = (action: string, type: string, values: Values): Soap => {
  const content = values.map(([name, value]) => `<${name}>${escaped(String(value))}</${name}>`).join('')
  const open = `<u:${action}Response xmlns:u="${escaped(type)}"`
  // The one answer that miniupnpd writes without an end of its own.
  const whole = action === 'AddPortMapping' ? `${open}/>` : `${open}>${content}</u:${action}Response>`
  return { status: 200, body: `<?xml version="1.0"?>\r\n${envelope(whole)}\r\n` }
}

type Run = (body: string, cx: Cx, gateway: Gateway) => Values | Soap
const uptime = (cx: Cx) => Math.max(0, Math.floor((cx.now() + cx.persona.clockSkew) / 1000) - bootOf(cx))

const add: Run = (body, cx, { mappings }) => {
  const part = (name: string) => argument(body, name) ?? ''
  const mapping: Mapping = {
    remote: part('NewRemoteHost'),
    external: part('NewExternalPort'),
    protocol: part('NewProtocol'),
    internal: part('NewInternalPort'),
    client: part('NewInternalClient'),
    description: part('NewPortMappingDescription'),
    lease: part('NewLeaseDuration'),
  }
  if (!mapping.client || !mapping.internal || !mapping.external || !mapping.protocol) return fault(402, 'Invalid Args')
  const line = `${mapping.protocol} ${mapping.external} -> ${mapping.client}:${mapping.internal} ${mapping.description}`
  const injected = /[`;|&$]|\/bin\/|wget|curl/.test(mapping.client + mapping.description)
  cx.record.exploit({
    id: injected ? 'CVE-2014-8361' : 'upnp-port-mapping',
    name: injected
      ? 'Commands in a port mapping of UPnP'
      : 'Port mapping from outside: a way into the network or through it',
    evidence: text(Buffer.from(line, 'latin1'), 512),
  })
  const same = (other: Mapping) => other.external === mapping.external && other.protocol === mapping.protocol
  const at = mappings.findIndex(same)
  if (at >= 0) mappings.splice(at, 1)
  if (mappings.length < MOST) mappings.push(mapping)
  return []
}

const valuesOf = (mapping: Mapping): Values => [
  ['NewInternalPort', mapping.internal],
  ['NewInternalClient', mapping.client],
  ['NewEnabled', 1],
  ['NewPortMappingDescription', mapping.description],
  // For ever is a week, in version 2 of the gateway.
  ['NewLeaseDuration', Number(mapping.lease) > 0 ? mapping.lease : 604_800],
]
const specific = (body: string, { mappings }: Gateway) =>
  mappings.findIndex(
    mapping =>
      mapping.external === argument(body, 'NewExternalPort') && mapping.protocol === argument(body, 'NewProtocol'),
  )

const actions = new Map<string, Run>([
  ['GetExternalIPAddress', (_, { destination }) => [['NewExternalIPAddress', destination.ip]]],
  [
    'GetStatusInfo',
    (_, cx) => [
      ['NewConnectionStatus', 'Connected'],
      ['NewLastConnectionError', 'ERROR_NONE'],
      ['NewUptime', uptime(cx)],
    ],
  ],
  [
    'GetConnectionTypeInfo',
    () => [
      ['NewConnectionType', 'IP_Routed'],
      ['NewPossibleConnectionTypes', 'IP_Routed'],
    ],
  ],
  [
    'GetNATRSIPStatus',
    () => [
      ['NewRSIPAvailable', 0],
      ['NewNATEnabled', 1],
    ],
  ],
  ['AddPortMapping', add],
  [
    'AddAnyPortMapping',
    (body, cx, gateway) => {
      const said = add(body, cx, gateway)
      return Array.isArray(said) ? [['NewReservedPort', gateway.mappings.at(-1)?.external ?? '']] : said
    },
  ],
  [
    'DeletePortMapping',
    (body, _, gateway) => {
      const at = specific(body, gateway)
      if (at >= 0) gateway.mappings.splice(at, 1)
      return []
    },
  ],
  [
    'GetSpecificPortMappingEntry',
    (body, _, gateway) => {
      const mapping = gateway.mappings[specific(body, gateway)]
      return mapping ? valuesOf(mapping) : fault(714, 'NoSuchEntryInArray')
    },
  ],
  [
    'GetGenericPortMappingEntry',
    (body, _, { mappings }) => {
      const index = argument(body, 'NewPortMappingIndex')
      if (index === undefined) return fault(402, 'Invalid Args')
      const mapping = /^\d{1,5}$/.test(index) ? mappings[Number(index)] : undefined
      if (!mapping) return fault(713, 'SpecifiedArrayIndexInvalid')
      const { remote, external, protocol } = mapping
      return [['NewRemoteHost', remote], ['NewExternalPort', external], ['NewProtocol', protocol], ...valuesOf(mapping)]
    },
  ],
])

/** `header`: SOAPAction, `"urn:schemas-upnp-org:service:WANIPConnection:1#GetExternalIPAddress"`. */
export function control(header: string, body: string, cx: Cx): Soap {
  const [, type = '', action = ''] = /^"?([^"#]{0,200})#([A-Za-z0-9_]{1,64})"?$/.exec(header.trim()) ?? []
  const run = actions.get(action)
  if (!run) return fault(401, 'Invalid Action')
  const said = run(
    body,
    cx,
    cx.attacker((): Gateway => ({ mappings: [] }), 'ssdp gateway'),
  )
  return Array.isArray(said) ? done(action, type, said) : said
}
