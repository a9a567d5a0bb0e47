import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { elfFormat, elfIn, onX86, verdictOn } from '../commands/elf.ts'
import { createInternet } from '../internet.ts'
import { testPersona } from '../testing.ts'
import { ipv4Of, ipv6Of, placeOf } from './addresses.ts'
import { movedTo } from './moved.ts'
import { partsOf } from './url.ts'

const internet = createInternet(testPersona)

const fetched = (url: string) => {
  const got = internet.fetch(url)
  assert.ok('body' in got, `${url} was refused`)
  return got
}

test('the same question gets the same answer', () => {
  assert.deepEqual(internet.resolve('evil.example.com'), createInternet(testPersona).resolve('EVIL.example.com.'))
  assert.deepEqual(internet.connect('203.0.113.9', 4444), internet.connect('203.0.113.9', 4444))
  assert.deepEqual(fetched('http://203.0.113.9/bins/arm7').body, fetched('http://203.0.113.9/bins/arm7').body)
})

test('names that nobody delegated do not resolve', () => {
  for (const name of ['x.invalid', 'abc.onion', 'single', 'a.test', 'foo.local', 'bad..com', '-a.com', 'x.qqzz', ''])
    assert.equal(internet.resolve(name), undefined, name)
})

test('names that somebody may have delegated are at a public address', () => {
  for (const name of [
    'a.com',
    'dl.evil.top',
    'pool.supportxmr.com',
    'x.ru',
    'github.com',
    'google.com',
    '1.duckdns.org',
  ]) {
    const found = internet.resolve(name)
    assert.ok(found, name)
    assert.equal(placeOf(found.v4), 'public', `${name} ${found.v4}`)
  }
})

test('localhost is this machine, addresses are themselves', () => {
  assert.deepEqual(internet.resolve('localhost'), { v4: '127.0.0.1', v6: '::1' })
  assert.deepEqual(internet.resolve('198.51.100.1'), { v4: '198.51.100.1' })
  assert.deepEqual(internet.resolve('0x7f.1'), { v4: '127.0.0.1' })
})

const addresses: readonly [string, string][] = [
  ['10.1.2.3', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', 'public'],
  ['192.168.1.1', 'private'],
  ['169.254.169.254', 'metadata'],
  ['169.254.1.1', 'link-local'],
  ['127.3.4.5', 'loopback'],
  ['0.0.0.0', 'any'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'reserved'],
  ['8.8.8.8', 'public'],
  ['::1', 'loopback'],
  ['::ffff:a00:1', 'private'],
  ['fe80::1', 'link-local'],
  ['2001:db8::1', 'public'],
]
for (const [address, place] of addresses) test(`${address} is ${place}`, () => assert.equal(placeOf(address), place))

test('no place that is private or reserved is ever connected to', () => {
  for (const host of ['10.0.0.1', '192.168.0.1', '169.254.169.254', '224.0.0.1', '255.255.255.255', '127.0.0.1'])
    assert.ok(internet.connect(host, 80).refused, host)
})

test('addresses are read as inet_aton and inet_pton read them', () => {
  assert.equal(ipv4Of('1.2.3.4'), 0x01020304)
  assert.equal(ipv4Of('1.2.772'), 0x01020304)
  assert.equal(ipv4Of('017700000001'), 0x7f000001)
  for (const bad of ['1.2.3.256', '1.2.3.4.5', '', 'a', '1..2', '09', '4294967296'])
    assert.equal(ipv4Of(bad), undefined, bad)
  assert.equal(ipv6Of('2001:0db8:0:0:0:0:0:1'), '2001:db8::1')
  assert.equal(ipv6Of('::ffff:1.2.3.4'), '::ffff:102:304')
  for (const bad of ['1::2::3', ':::', 'g::1', '1:2:3', '1:2:3:4:5:6:7:8:9']) assert.equal(ipv6Of(bad), undefined, bad)
})

const kinds: readonly [name: string, format: string, runs: string][] = [
  ['bins/mips', 'ELF 32-bit MSB MIPS', 'ENOEXEC'],
  ['bins/mpsl', 'ELF 32-bit LSB MIPS', 'ENOEXEC'],
  ['arm7', 'ELF 32-bit LSB ARM', 'ENOEXEC'],
  ['aarch64', 'ELF 64-bit LSB ARM aarch64', 'ENOEXEC'],
  ['bot.x86', 'ELF 32-bit LSB Intel 80386', 'runs'],
  ['bot.x86_64', 'ELF 64-bit LSB x86-64', 'runs'],
  ['xmrig', 'ELF 64-bit LSB x86-64', 'runs'],
  ['sh4', 'ELF 32-bit LSB Renesas SH', 'ENOEXEC'],
  ['ppc', 'ELF 32-bit MSB PowerPC', 'ENOEXEC'],
  ['m68k', 'ELF 32-bit MSB Motorola m68k', 'ENOEXEC'],
  ['spc', 'ELF 32-bit MSB SPARC', 'ENOEXEC'],
]
for (const [name, format, runs] of kinds)
  test(`a file called ${name} is what its name promises`, () => {
    const elf = elfIn(fetched(`http://203.0.113.9/${name}`).body)
    assert.ok(elf)
    assert.equal(elfFormat(elf), format)
    assert.equal(elf.truncated, false)
    assert.equal(
      verdictOn(elf, onX86, () => false),
      runs,
    )
  })

test('scripts are scripts and name no further place', () => {
  for (const url of ['http://203.0.113.9/bins.sh', 'http://a.example/x', 'http://a.example/i.sh?a=1']) {
    const body = fetched(url).body.toString()
    assert.match(body, /^#!\/bin\/sh\n/)
    assert.doesNotMatch(body, /https?:|wget|curl|\d+\.\d+\.\d+\.\d+/)
  }
})

test('archives are whole', () => {
  const tar = gunzipSync(fetched('http://a.example/k.tar.gz').body)
  assert.equal(tar.length % 10_240, 0)
  assert.equal(tar.toString('latin1', 257, 262), 'ustar')
  assert.equal(tar.toString('latin1', 0, 5), 'k/run')
})

test('what was served is recognised, what was not is not', () => {
  assert.ok(internet.made(fetched('http://a.example/zz.sh').body))
  assert.ok(!internet.made(Buffer.from('something else')))
})

test('the policy `refused` serves nothing', () => {
  const closed = createInternet(testPersona, 'refused')
  for (const host of ['198.51.100.1', '198.51.100.2', '198.51.100.3', 'a.example.com'])
    assert.ok('refused' in closed.fetch(`http://${host}/a`), host)
})

test('URLs are taken apart however badly they are written', () => {
  assert.deepEqual(partsOf('http://u:p@[2001:db8::1]:81/a?b#c'), {
    scheme: 'http',
    user: 'u',
    password: 'p',
    host: '2001:db8::1',
    port: 81,
    path: '/a?b',
  })
  for (const bad of ['http://', 'x', 'http://a:99999/', '://a', 'http:///x']) assert.equal(partsOf(bad), undefined, bad)
})

test('mutated ELF headers never raise', () => {
  const whole = fetched('http://203.0.113.9/bot.x86_64').body.subarray(0, 4096)
  let state = 1
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  for (let turn = 0; turn < 20_000; turn++) {
    const data = Buffer.from(whole.subarray(0, random(400)))
    for (let flips = random(8); flips >= 0 && data.length > 0; flips--) data[random(data.length)] = random(256)
    const elf = elfIn(data)
    assert.match(
      verdictOn(elf, onX86, () => true),
      /^(runs|ENOEXEC|ENOENT|SIGSEGV)$/,
    )
    if (elf) assert.match(elfFormat(elf), /^ELF (32|64)-bit [LM]SB /)
  }
})

test('what is moved says where to, and is found there', () => {
  const start = 'http://github.com/owner/miner/releases/download/v1/miner.tar.gz'
  const steps: string[] = []
  let url: string | undefined = start
  for (let hops = 0; url !== undefined && hops < 6; hops++) {
    const fetched = internet.fetch(url)
    assert.ok('status' in fetched, url)
    assert.ok(internet.made(fetched.body), 'and every page of it is ours')
    steps.push(`${fetched.status} ${new URL(url).protocol}//${new URL(url).hostname}`)
    if (fetched.location === undefined) assert.deepEqual([...fetched.body.subarray(0, 2)], [0x1f, 0x8b])
    url = fetched.location
  }
  assert.deepEqual(steps, [
    '301 http://github.com',
    '302 https://github.com',
    '200 https://objects.githubusercontent.com',
  ])
  assert.equal(movedTo({ scheme: 'http', host: '203.0.113.9', path: '/x' }, 'aa'), undefined)
})
