import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { services } from '#services/index.ts'
import { type Inside, startInside } from '../inside.ts'
import { createNetwork, type Network, whyNoNamespaces } from '../namespaces.ts'
import { missing } from '../skep.ts'

/** What nmap 7.93 calls the products that a service may claim; where it has no name for one, the protocol alone. */
const names = new Map<string, RegExp>([
  // Behind TLS it knows the protocol alone.
  ['amqp', /^(?:amqp RabbitMQ 3\.\d|ssl\/amqp )/],
  ['ldap', /^(?:ssl\/)?ldap OpenLDAP/],
  ['mongodb', /^mongodb MongoDB\b/],
  // The broker's version is read by a script that gives up after a while, which behind TLS may be too soon.
  ['mqtt', /^(?:(?:ssl\/)?mosquitto version 2\.0|ssl\/mqtt\b)/],
  ['mssql', /^ms-sql-s Microsoft SQL Server 20\d\d/],
  ['proxy', /^http-proxy (?:Squid http proxy \d|tinyproxy \d)/],
  ['rsync', /^rsync\b.*protocol version 3[12]/],
  ['sip', /^(?:ssl\/)?sip\b/],
  ['vnc', /^vnc (?:TigerVNC|VNC)/],
  ['pptp', /^pptp linux/],
  ['git', /^git\b/],
  // It has no name for what etcd answers, and goes by the port.
  ['etcd', /^etcd-client\b/],
  ['finger', /^finger /],
  ['ftp', /^(?:ssl\/)?ftp (?:vsftpd \d|ProFTPD)/],
  ['http', /^(?:ssl\/)?http (?:nginx \d|nginx|Apache httpd)/],
  ['ipp', /^ipp CUPS 2\.\d/],
  // It leaves printers alone, which print what they are asked.
  ['pjl', /^jetdirect\b/],
  ['wins', /^netbios-ns\b/],
  ['imap', /^(?:ssl\/)?imap Dovecot imapd/],
  ['inetd', /^(?:echo|discard|daytime|chargen|time|qotd)\b/],
  ['ident', /^ident\b/],
  ['irc', /^(?:ssl\/)?irc\b/],
  ['kafka', /^/],
  ['oracle', /^oracle-tns Oracle TNS Listener\b/i],
  ['x11', /^X11\b/],
  // It knows Prosody until 0.11: of later ones, the ports’ names.
  ['xmpp', /^(?:xmpp-client|xmpp-server|ssl\/(?:hpvirtgrp|unknown|xmpp))\b/],
  // Of 3.8, which refuses the word that it asks for, it knows the port's name alone.
  ['zookeeper', /^(?:eforward$|zookeeper Zookeeper 3\.4)/],
  ['memcached', /^memcached Memcached 1\.\d/],
  ['mysql', /^mysql (?:MariaDB|MySQL) /],
  ['nntp', /^(?:ssl\/)?nntp InterNetNews \(INN\) 2\.\d/],
  ['pop3', /^(?:ssl\/)?pop3 Dovecot pop3d/],
  ['postgresql', /^(?:ssl\/)?postgresql PostgreSQL DB/],
  ['pptp', /^pptp linux/],
  ['rdp', /^ms-wbt-server xrdp/],
  ['redis', /^redis Redis key-value store \d/],
  ['smtp', /^(?:ssl\/)?smtp (?:Postfix smtpd|Exim smtpd \d|OpenSMTPD|Microsoft Exchange smtpd|Microsoft ESMTP)/],
  ['socks', /^socks5 /],
  ['ssdp', /^upnp\b/],
  ['ssh', /^ssh OpenSSH \d\.\d/],
  // Its own table lacks the telnetd of GNU inetutils.
  ['telnet', /^telnet\b/],
  // Over UDP the version would be a larger answer than its question, so that it comes truncated.
  ['dns', /^domain (?:ISC BIND 9|generic dns response)/],
  ['ntp', /^ntp NTP v4/],
  ['snmp', /^snmp /],
])
/** Services that answer nothing to a stranger's datagram, or nothing that nmap can tell. */
const silent = new Set(['tftp'])

const why = whyNoNamespaces() ?? missing('nmap')

describe('what nmap calls the house', { skip: why }, () => {
  let network: Network
  let inside: Inside
  const doors = new Map<string, { service: string; door: string }>()

  before(async () => {
    network = createNetwork(['attacker', 'sensor'])
    inside = await startInside(network, 'sensor', ['--edition', 'sensor'])
    await inside.said('ready')
    for (const [service, load] of services) {
      if (service === 'catchall') continue
      for (const { transport, port, pool } of (await load()).default.listen)
        if (!pool) doors.set(`${port}/${transport}`, { service, door: `${service} at ${port}/${transport}` })
    }
  })
  after(async () => {
    await inside?.remove()
    network?.remove()
  })

  /** Port and what nmap found there: service, product, version, each script's name. */
  const scan = (transport: 'tcp' | 'udp', ...how: string[]) => {
    const ports = [...doors.keys()].flatMap(key => (key.endsWith(transport) ? [key.split('/')[0]!] : []))
    const { stdout } = network.run(
      'attacker',
      ['nmap', '-Pn', '-n', ...how, '-oX', '-', '-p', ports.join(), network.address('sensor')],
      { timeout: 840_000 },
    )
    assert.doesNotMatch(stdout, /honeypot|skep/i)
    const found = [...stdout.matchAll(/<port protocol="\w+" portid="(\d+)">(.*?)<\/port>/gs)]
    return found.map(([, port, inner]) => {
      const attribute = (name: string) => new RegExp(`<service [^>]*\\b${name}="([^"]*)"`).exec(inner!)?.[1]
      const secret = attribute('tunnel') === 'ssl' ? 'ssl/' : ''
      const words = [
        `${secret}${attribute('name')}`,
        attribute('product'),
        attribute('version'),
        attribute('extrainfo'),
      ]
      return {
        ...doors.get(`${port}/${transport}`)!,
        called: words.filter(Boolean).join(' '),
        scripts: [...inner!.matchAll(/<script id="([^"]+)"/g)].map(match => match[1]!),
        open: inner!.includes('state="open"'),
      }
    })
  }
  const wrong = (found: ReturnType<typeof scan>) =>
    found.flatMap(({ service, door, called, open }) =>
      open && !(names.get(service) ?? /^never/).test(called) ? [`${door}: ${called}`] : [],
    )

  it('over TCP: every claimed product, and its scripts read on', t => {
    const found = scan('tcp', '-sV', '-sC')
    for (const { door, called, scripts } of found) t.diagnostic(`${door}: ${called} [${scripts.join(' ')}]`)
    assert.deepEqual(wrong(found), [])
    assert.deepEqual(
      found.filter(({ open }) => !open).map(({ door }) => door),
      [],
    )
  })

  it('over UDP: every one that answers a stranger', t => {
    const found = scan('udp', '-sU', '-sV', '--version-intensity', '4')
    for (const { door, called, open } of found) t.diagnostic(`${door}: ${open ? called : 'no answer'}`)
    assert.deepEqual(wrong(found.filter(({ service }) => !silent.has(service))), [])
  })
})
