import type { Script } from '../kit/dialogue.ts'

const search = (target: string, { line = 'M-SEARCH * HTTP/1.1', man = '"ssdp:discover"', wait = 'MX: 1\r\n' } = {}) =>
  `${line}\r\nHOST: 239.255.255.250:1900\r\nMAN: ${man}\r\n${wait}ST: ${target}\r\n\r\n`
const urn = (kind: string) => `urn:schemas-upnp-org:${kind}`

/** One datagram each; of several answers the first is kept. */
export const searches: Script = Object.fromEntries(
  Object.entries({
    'root device': search('upnp:rootdevice'),
    all: search('ssdp:all'),
    gateway: search(urn('device:InternetGatewayDevice:2')),
    'gateway of version 1': search(urn('device:InternetGatewayDevice:1')),
    'gateway of version 3': search(urn('device:InternetGatewayDevice:3')),
    'wide area': search(urn('device:WANDevice:1')),
    connection: search(urn('service:WANIPConnection:1')),
    'connection by PPP': search(urn('service:WANPPPConnection:1')),
    forwarding: search(urn('service:Layer3Forwarding:1')),
    'something else': search(urn('device:MediaServer:1')),
    'without a time to wait': search('upnp:rootdevice', { wait: '' }),
    'HTTP 1.0': search('upnp:rootdevice', { line: 'M-SEARCH * HTTP/1.0' }),
    'another path': search('upnp:rootdevice', { line: 'M-SEARCH / HTTP/1.1' }),
    announcement: 'NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n\r\n',
    'no SSDP': 'hello\r\n\r\n',
  }).map(([name, sent]) => [name, [sent]]),
)

const get = (path: string, version = 'HTTP/1.1') => `GET ${path} ${version}\r\nHost: 192.0.2.1:5000\r\n\r\n`
const type = urn('service:WANIPConnection:1')
/** A SOAP request for an action, with arguments in the order given. */
function act(action: string, given: Record<string, string> = {}, path = '/ctl/IPConn'): string {
  const content = Object.entries(given)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')
  const body = `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:${action} xmlns:u="${type}">${content}</u:${action}></s:Body></s:Envelope>`
  return `POST ${path} HTTP/1.1\r\nHost: 192.0.2.1:5000\r\nSOAPAction: "${type}#${action}"\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}
const mapping = (port: string, client = '192.0.2.1') => ({
  NewRemoteHost: '',
  NewExternalPort: port,
  NewProtocol: 'TCP',
  NewInternalPort: '80',
  NewInternalClient: client,
  NewEnabled: '1',
  NewPortMappingDescription: 'x',
  NewLeaseDuration: '0',
})
const named = { NewRemoteHost: '', NewExternalPort: '8080', NewProtocol: 'TCP' }

/** One request a connection, in this order at one daemon. */
export const requests: Script = Object.fromEntries(
  Object.entries({
    description: get('/rootDesc.xml'),
    'description, HTTP 1.0': get('/rootDesc.xml', 'HTTP/1.0'),
    root: get('/'),
    'no such page': get('/nope'),
    'a way up': get('/../../etc/passwd'),
    OPTIONS: 'OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n',
    HEAD: 'HEAD /rootDesc.xml HTTP/1.1\r\nHost: x\r\n\r\n',
    'no method': 'HELLO / HTTP/1.1\r\n\r\n',
    address: act('GetExternalIPAddress'),
    status: act('GetStatusInfo'),
    'kind of connection': act('GetConnectionTypeInfo'),
    'address translation': act('GetNATRSIPStatus'),
    'no such action': act('Nope'),
    'no mapping': act('GetGenericPortMappingEntry', { NewPortMappingIndex: '0' }),
    'no mapping of that port': act('GetSpecificPortMappingEntry', named),
    'nothing to remove': act('DeletePortMapping', named),
    'a mapping': act('AddPortMapping', mapping('8080')),
    'the mapping': act('GetGenericPortMappingEntry', { NewPortMappingIndex: '0' }),
    'the mapping of that port': act('GetSpecificPortMappingEntry', named),
    'no second mapping': act('GetGenericPortMappingEntry', { NewPortMappingIndex: '1' }),
    'the mapping removed': act('DeletePortMapping', named),
    'a mapping without arguments': act('AddPortMapping'),
    'no index': act('GetGenericPortMappingEntry'),
    'no header of an action': 'POST /ctl/IPConn HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n<x/>',
    'an action without a type':
      'POST /ctl/IPConn HTTP/1.1\r\nSOAPAction: GetStatusInfo\r\nContent-Length: 4\r\n\r\n<x/>',
  }).map(([name, sent]) => [name, [sent]]),
)
