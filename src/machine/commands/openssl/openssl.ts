import { createHash } from 'node:crypto'
import { errorText } from '../../errors.ts'
import { connectTexts, lookup, reach } from '../../internet/reach.ts'
import type { Process, Program } from '../../system.ts'
import { opensslText } from '../openssh/version.ts'
import { absolute, readAll } from '../paths.ts'
import { ask } from '../system/accounts/ask.ts'
import { md5Crypt, saltOf, shaCrypt } from './crypt.ts'
import { encrypt, isCipher, thread } from './encrypt.ts'
import { wordsOf } from './options.ts'

/** Digests by the names that openssl(1) takes, and as it shows them. */
const digests = new Map<string, readonly [node: string, shown: string]>([
  ['md5', ['md5', 'MD5']],
  ['sha1', ['sha1', 'SHA1']],
  ['sha224', ['sha224', 'SHA2-224']],
  ['sha256', ['sha256', 'SHA2-256']],
  ['sha384', ['sha384', 'SHA2-384']],
  ['sha512', ['sha512', 'SHA2-512']],
])
/** Names that are commands of 3.0; what is not looked into ends as if it had nothing to do. */
const others = new Set(
  `asn1parse ca ciphers cmp cms crl crl2pkcs7 dhparam dsa dsaparam ec ecparam engine errstr fipsinstall gendsa genpkey
   genrsa help info kdf list mac nseq ocsp pkcs12 pkcs7 pkcs8 pkey pkeyparam pkeyutl prime rehash req rsa rsautl s_server
   s_time sess_id smime speed spkac srp storeutl ts verify x509`.split(/\s+/),
)

/** openssl(1) of OpenSSL 3.0 as droppers and persons use it: digests, base64, ciphers, passwords, random bytes. */
export const openssl: Program = async process => {
  const [, command = '', ...rest] = process.argv
  if (command === 'version') return version(process, rest)
  if (command === 'dgst' || digests.has(command)) return digest(process, command, rest)
  if (command === 'base64' || command === 'enc' || isCipher(command)) return encrypt(process, rest, command)
  if (command === 'rand') return random(process, rest)
  if (command === 'passwd') return passwd(process, rest)
  if (command === 's_client') return client(process, rest)
  if (command === '' || others.has(command)) return 0
  await process.stderr.write(`Invalid command '${command}'; type "help" for a list.\n`)
  return 1
}

const version = async ({ host, stdout }: Process, words: readonly string[]): Promise<number> => {
  const text = opensslText(host.persona)
  const all = words.includes('-a')
  if (all || words.length === 0 || words.includes('-v')) await stdout.write(`${text} (Library: ${text})\n`)
  if (all || words.includes('-p')) await stdout.write('platform: debian-amd64\n')
  if (all) await stdout.write('options:  bn(64,64)\n')
  if (all || words.includes('-d')) await stdout.write('OPENSSLDIR: "/usr/lib/ssl"\n')
  return 0
}

const digest = async (process: Process, called: string, argv: readonly string[]): Promise<number> => {
  const flags = new Set(['r', 'c', 'hex', 'binary', 'd', ...digests.keys()])
  const words = wordsOf(argv, flags, new Set(['out', 'hmac']))
  if ('bad' in words) {
    await process.stderr.write(
      `${called}: Unknown option or message digest: ${words.bad}\n${called}: Use -help for summary.\n`,
    )
    return 1
  }
  const name = called === 'dgst' ? ([...digests.keys()].find(one => words.has(one)) ?? 'sha256') : called
  const [node, long] = digests.get(name)!
  // Asked for none by name it shows the plain one.
  const shown = called === 'dgst' && !words.has(name) ? name.toUpperCase() : long
  let status = 0
  for (const file of words.operands.length > 0 ? words.operands : [undefined]) {
    let data: Buffer
    try {
      data =
        file === undefined ? await readAll(process.stdin) : process.fs.readFile(absolute(process, file), process.who)
    } catch (error) {
      await process.stderr.write(`${file}: ${errorText(error)}\n`)
      status = 1
      continue
    }
    process.step(1 + (data.length >> 8))
    const made = createHash(node).update(data).digest()
    if (words.has('binary')) await process.stdout.write(made)
    else {
      const hex = words.has('c') ? made.toString('hex').replace(/..(?=.)/g, '$&:') : made.toString('hex')
      await process.stdout.write(
        words.has('r') ? `${hex} *${file ?? 'stdin'}\n` : `${shown}(${file ?? 'stdin'})= ${hex}\n`,
      )
    }
  }
  return status
}

const mostRandom = 1 << 20

const random = async (process: Process, argv: readonly string[]): Promise<number> => {
  const words = wordsOf(argv, new Set(['hex', 'base64']), new Set(['out', 'rand']))
  const count = 'bad' in words ? '' : (words.operands[0] ?? '')
  if ('bad' in words || !/^\d{1,9}$/.test(count)) {
    await process.stderr.write(
      'bad' in words
        ? `rand: Unknown option: -${words.bad}\nrand: Use -help for summary.\n`
        : `rand: Can't parse "${count}" as a number\nrand: Use -help for summary.\n`,
    )
    return 1
  }
  const bytes = process.random(Math.min(Number(count), mostRandom))
  process.step(1 + (bytes.length >> 10))
  const text = words.has('hex')
    ? `${bytes.toString('hex')}\n`
    : words.has('base64')
      ? bytes.toString('base64').replace(/.{1,64}/g, '$&\n')
      : bytes
  const out = words.value('out')
  if (out === undefined) await process.stdout.write(text)
  else
    process.fs.writeFile(absolute(process, out), Buffer.from(text as string, 'latin1'), process.who, {
      mode: 0o600,
    })
  return 0
}

/** What one password costs in steps: thousands of digests. */
const passwordCost = 5000
const mostPasswords = 20

const passwd = async (process: Process, argv: readonly string[]): Promise<number> => {
  const words = wordsOf(
    argv,
    new Set(['1', '5', '6', 'apr1', 'aixmd5', 'stdin', 'quiet', 'table', 'reverse', 'noverify']),
    new Set(['salt', 'in']),
  )
  if ('bad' in words) {
    await process.stderr.write(`passwd: Unknown option: -${words.bad}\npasswd: Use -help for summary.\n`)
    return 1
  }
  let passwords = words.operands
  if (passwords.length === 0) {
    const fromInput = words.has('stdin') || words.has('in')
    if (fromInput) passwords = (await inputOf(process, words.value('in'))).split('\n').filter(line => line !== '')
    else {
      const first = await ask(process, 'Password: ', { secret: true })
      const again = words.has('noverify') ? first : await ask(process, 'Verifying - Password: ', { secret: true })
      if (first === undefined || first !== again) {
        await process.stderr.write('Verify failure\n')
        return 1
      }
      passwords = [first]
    }
  }
  const kind = words.has('6') ? '6' : words.has('5') ? '5' : words.has('apr1') ? 'apr1' : '1'
  for (const password of passwords.slice(0, mostPasswords)) {
    process.step(passwordCost)
    const salt = words.value('salt') ?? saltOf(process.random(kind === '5' || kind === '6' ? 16 : 8))
    const secret = Buffer.from(password, 'latin1')
    const made = kind === '5' || kind === '6' ? shaCrypt(secret, salt, kind) : md5Crypt(secret, salt, kind)
    const shown = words.has('table') ? (words.has('reverse') ? `${made}\t${password}` : `${password}\t${made}`) : made
    await process.stdout.write(password === '' ? '<NULL>\n' : `${shown}\n`)
  }
  return 0
}

const inputOf = async (process: Process, file: string | undefined): Promise<string> =>
  (file === undefined
    ? await readAll(process.stdin, 1 << 16)
    : process.fs.readFile(absolute(process, file), process.who, { max: 1 << 16 })
  ).toString('latin1')

const errnos = { ECONNREFUSED: 111, ETIMEDOUT: 110, EHOSTUNREACH: 113, ENETUNREACH: 101 } as const
const codes = { ECONNREFUSED: '6F', ETIMEDOUT: '6E', EHOSTUNREACH: '71', ENETUNREACH: '65' } as const

/** `openssl s_client`: what would have been sent is told; whoever answers hangs up. */
const client = async (process: Process, argv: readonly string[]): Promise<number> => {
  const at = argv.indexOf('-connect')
  const target = (at >= 0 ? argv[at + 1] : argv.find(word => !word.startsWith('-'))) ?? 'localhost:4433'
  const [, host = '', port = '4433'] = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(target) ?? []
  process.host.witness.connection({ host, port: Number(port), tool: 'openssl' })
  const address = lookup(process, host)?.[0]
  const error = (code: string, where: string): string => `${thread(process)}:error:${code}:${where}\n`
  if (address === undefined) {
    await process.stderr.write(
      `${error('10080002', 'BIO routines:BIO_lookup_ex:system lib:../crypto/bio/bio_addr.c:738:Name or service not known')}connect:errno=22\n`,
    )
    return 1
  }
  const { seconds, refused } = reach(process, address, Number(port))
  await process.sleep(seconds)
  if (refused) {
    await process.stderr.write(
      error(
        `800000${codes[refused]}`,
        `system library:BIO_connect:${connectTexts[refused]}:../crypto/bio/bio_sock2.c:117:calling connect()`,
      ) +
        error('10000067', 'BIO routines:BIO_connect:connect error:../crypto/bio/bio_sock2.c:119:') +
        `connect:errno=${errnos[refused]}\n`,
    )
    return 1
  }
  await process.sleep(seconds)
  await process.stdout.write('CONNECTED(00000003)\n')
  await process.stderr.write(
    error('0A000126', 'SSL routines:ssl3_read_n:unexpected eof while reading:../ssl/record/rec_layer_s3.c:322:'),
  )
  await process.stdout.write(
    '---\nno peer certificate available\n---\nNo client certificate CA names sent\n---\nSSL handshake has read 0 bytes and written 293 bytes\nVerification: OK\n---\n',
  )
  return 1
}
