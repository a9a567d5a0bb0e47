import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

const ofAction = (action: string) => (event: Event) => event.skep.service === 'dns' && event.event.action === action
const commandLine = (line: RegExp) => (event: Event) =>
  ofAction('command')(event) &&
  line.test((event as { process?: { command_line?: string } }).process?.command_line ?? '')
const root = process.getuid!() !== 0 && 'needs root'

describe('DNS, with real clients', () => {
  let skep: Skep
  let port: string
  before(async () => {
    skep = await startSkep({
      config:
        'persona: { os: debian-12, hostname: relay3, domain: hayase-works.example }\nedition: mini\nservices: { dns: { enabled: true } }\nlimits: { udpPerSource: 1000 }\n',
    })
    port = String(skep.port('dns'))
  })
  after(() => skep?.stop())

  describe('dig', { skip: missing('dig') }, () => {
    const dig = async (...args: string[]) => {
      const { out, err } = await runClient('dig', ['-p', port, '@127.0.0.1', '+tries=1', '+time=3', ...args])
      return out + err
    }
    test('comes back over TCP for what is larger than its question', async () => {
      const out = await dig('hayase-works.example', 'MX')
      assert.match(out, /Truncated, retrying in TCP mode/)
      assert.match(out, /status: NOERROR[\s\S]*MX\t10 mail\.hayase-works\.example\./)
      assert.match(out, /COOKIE: \w+ \(good\)/)
    })
    test('is told the version, and the host’s name', async () => {
      assert.match(await dig('+short', 'version.bind', 'CH', 'TXT'), /"9\.18\.\d+-\d+~?[\w.+~]*-Debian"/)
      assert.match(await dig('+short', 'hostname.bind', 'CH', 'TXT'), /"relay3"/)
      const [hunt] = await skep.eventually(ofAction('exploit'))
      assert.equal((hunt as unknown as { vulnerability: { id: string } }).vulnerability.id, 'dns-version')
    })
    test('resolves nothing of others, and gets no zone', async () => {
      const out = await dig('www.example.com')
      assert.match(out, /status: REFUSED/)
      assert.match(out, /recursion requested but not available/)
      assert.match(await dig('hayase-works.example', 'AXFR'), /Transfer failed/)
      await skep.eventually(commandLine(/hayase-works\.example IN AXFR/))
    })
    test('hears of names that are not there', async () => {
      assert.match(await dig('nope.hayase-works.example'), /status: NXDOMAIN[\s\S]*SOA\tns1\.hayase-works\.example\./)
    })
  })
  test('kdig agrees', { skip: missing('kdig') }, async () => {
    const { out } = await runClient('kdig', ['-p', port, '@127.0.0.1', 'www.hayase-works.example', 'A'])
    assert.match(out, /www\.hayase-works\.example\.\s+86400\s+IN\s+CNAME\s+relay3/)
    assert.match(out, /relay3\.hayase-works\.example\.\s+86400\s+IN\s+A\s+127\.0\.0\.1/)
  })
  test('host does too', { skip: missing('host') }, async () => {
    const { out } = await runClient('host', ['-p', port, '-t', 'ns', 'hayase-works.example', '127.0.0.1'])
    assert.match(out, /name server ns1\.hayase-works\.example/)
  })
  test('nmap names the product', { skip: missing('nmap') }, async () => {
    const args = ['-Pn', '-n', '-sV', '-p', port, '--script', 'dns-nsid', '127.0.0.1']
    const { out } = await runClient('nmap', args, { seconds: 150 })
    assert.match(out, /open +domain +ISC BIND 9\.18\.\d+/, out)
  })
  test('nmap finds neither recursion nor a zone to take', { skip: missing('nmap') || root }, async () => {
    const scripts = 'dns-recursion,dns-zone-transfer'
    const args = ['-Pn', '-n', '-sSU', '-p', `T:${port},U:${port}`, '--script', scripts]
    const { out } = await runClient(
      'nmap',
      [
        ...args,
        '--script-args',
        `dns-zone-transfer.domain=hayase-works.example,dns-zone-transfer.port=${port}`,
        '127.0.0.1',
      ],
      { seconds: 150 },
    )
    assert.doesNotMatch(out, /Recursion appears to be enabled|SOA/)
  })

  test('what is asked for in a victim’s name is measured, and comes back no larger', async () => {
    const socket = dgram.createSocket('udp4')
    const heard: Buffer[] = []
    socket.on('message', answer => heard.push(answer))
    const question = Buffer.from('\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x0chayase-works\x07example\0\0\xff\0\x01', 'latin1')
    for (let i = 0; i < 10; i++) socket.send(question, Number(port), '127.0.0.1')
    const wanted = (event: Event) =>
      ofAction('reflection')(event) &&
      (event as Event & { skep: { reflection: { requests: number } } }).skep.reflection.requests >= 10
    const [told] = await skep.eventually(wanted, 1, 30)
    socket.close()
    assert.ok(heard.length > 0 && heard.every(answer => answer.length <= question.length))
    assert.ok((told as Event & { skep: { reflection: { withheld: number } } }).skep.reflection.withheld > 10 * 150)
  })
})
