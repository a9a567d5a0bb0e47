import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import ssdp from './index.ts'

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(ssdp, {
    folder: import.meta.dirname,
    words: [
      'M-SEARCH * HTTP/1.1\r\n',
      'NOTIFY * HTTP/1.1\r\n',
      'ST: ssdp:all\r\n',
      'ST: upnp:rootdevice\r\n',
      'urn:schemas-upnp-org:device:InternetGatewayDevice:9',
      'GET /rootDesc.xml HTTP/1.1\r\n',
      'POST /ctl/IPConn HTTP/1.1\r\n',
      'SOAPAction: "x#GetGenericPortMappingEntry"\r\n',
      'SOAPAction: "x#DeletePortMapping"\r\n',
      'SOAPAction: "x#AddAnyPortMapping"\r\n',
      'Content-Length: 5\r\n',
      'Content-Length: 99999999\r\n',
      'Host: constructor\r\n',
      '<NewPortMappingIndex>0</NewPortMappingIndex>',
      '<NewExternalPort>',
      '\r\n\r\n',
    ],
  }),
)
