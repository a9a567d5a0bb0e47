import { connectTexts, lookup, reach } from '../../internet/reach.ts'
import type { Process, Program } from '../../system.ts'
import { opensslText } from '../openssh/version.ts'
import { ask } from '../system/accounts/ask.ts'
import { argumentsOf, inputFor, libraryErrors, misuse, outputFor } from './arguments.ts'
import { md5Crypt, shaCrypt } from './crypt.ts'
import { digest, digests } from './digest.ts'
import { encrypt } from './encrypt.ts'

/** Names that are commands of 3.0, and that nobody here gets to see at work: they end as with nothing to do. */
const others = new Set(
  'asn1parse ca ciphers cmp cms crl crl2pkcs7 dhparam dsa dsaparam ec ecparam engine fipsinstall gendsa genpkey genrsa help info kdf list mac nseq ocsp pkcs12 pkcs7 pkcs8 pkey pkeyparam pkeyutl rehash rsa rsautl s_server s_time sess_id smime speed spkac srp storeutl ts verify'.split(
    ' ',
  ),
)

/** openssl(1ssl): digests, ciphers, passwords, random bytes, and connections that are told and not made. */
export const openssl: Program = async process => {
  const [command, ...words] = process.argv.slice(1)
  if (command === undefined) {
    await process.stderr.write('help:\n\nStandard commands\n')
    return 0
  }
  if (digests.has(command)) return digest(process, command, words)
  switch (command) {
    case 'dgst':
      return digest(process, command, words)
    case 'enc':
    case 'base64':
      return encrypt(process, command, words)
    case 'version':
      return version(process, words)
    case 'rand':
      return rand(process, words)
    case 'passwd':
      return passwd(process, words)
    case 's_client':
      return connect(process, words)
    case 'x509':
    case 'req':
      return certificate(process, command, words)
    case 'errstr':
      await process.stdout.write(
        words
          .map(
            code =>
              `error:${code.padStart(8, '0').toUpperCase()}:lib(0)::reason(${Number.parseInt(code, 16) & 0xfff || 0})\n`,
          )
          .join(''),
      )
      return 0
    case 'prime':
      return prime(process, words)
  }
  if (/^(?:aes|aria|camellia|sm4|des3|des-ede3)/.test(command)) return encrypt(process, command, words)
  if (others.has(command)) return 0
  await process.stderr.write(`Invalid command '${command}'; type "help" for a list.\n`)
  return 1
}

const version = async (process: Process, words: readonly string[]): Promise<number> => {
  const release = opensslText(process.host.persona)
  const all = words.includes('-a')
  const lines: [string, string][] = [
    ['-v', `${release} (Library: ${release})`],
    ['-p', 'platform: debian-amd64'],
    ['-d', 'OPENSSLDIR: "/usr/lib/ssl"'],
    ['-e', 'ENGINESDIR: "/usr/lib/x86_64-linux-gnu/engines-3"'],
    ['-m', 'MODULESDIR: "/usr/lib/x86_64-linux-gnu/ossl-modules"'],
  ]
  const wrong = words.find(word => !['-a', '-b', '-f', '-o', '-r', '-c', ...lines.map(([name]) => name)].includes(word))
  if (wrong !== undefined) return misuse(process, 'version', `Unknown option: ${wrong}`)
  const shown = lines.filter(([name]) => all || words.includes(name) || (words.length === 0 && name === '-v'))
  await process.stdout.write(shown.map(([, text]) => `${text}\n`).join(''))
  return 0
}

const mostRandom = 1 << 20

const rand = async (process: Process, words: readonly string[]): Promise<number> => {
  const given = argumentsOf(words, new Set(['out', 'rand', 'writerand', 'engine', 'provider']))
  if ('missing' in given) return misuse(process, 'rand', `Option -${given.missing} needs a value`)
  const wrong = given.flags.find(flag => flag !== 'hex' && flag !== 'base64')
  if (wrong !== undefined) return misuse(process, 'rand', `Unknown option: -${wrong}`)
  const count = Number(given.operands[0])
  if (given.operands.length !== 1) return misuse(process, 'rand', 'Extra arguments given.').then(() => 1)
  if (!Number.isInteger(count) || count < 0)
    return misuse(process, 'rand', `Can't parse "${given.operands[0]}" as a number`)
  process.step(count >> 6)
  const data = process.random(Math.min(count, mostRandom))
  const text = given.has('hex')
    ? `${data.toString('hex')}\n`
    : given.has('base64')
      ? data.toString('base64').replace(/.{1,64}/g, '$&\n')
      : data
  return (await outputFor(process, given.value('out'), text)) ? 0 : 1
}

const saltChars = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

const passwd = async (process: Process, words: readonly string[]): Promise<number> => {
  const given = argumentsOf(words, new Set(['salt', 'in', 'rand', 'writerand', 'provider']))
  if ('missing' in given) return misuse(process, 'passwd', `Option -${given.missing} needs a value`)
  const known = ['1', '5', '6', 'apr1', 'aixmd5', 'stdin', 'noverify', 'quiet', 'table', 'reverse']
  const wrong = given.flags.find(flag => !known.includes(flag))
  if (wrong !== undefined) return misuse(process, 'passwd', `Unknown option: -${wrong}`)
  const kind = (['1', '5', '6', 'apr1'] as const).find(name => given.has(name)) ?? '1'
  let passwords = given.operands
  if (passwords.length === 0) {
    if (!given.has('stdin', 'in')) {
      const first = await ask(process, 'Password: ', { secret: true })
      const again = given.has('noverify') ? first : await ask(process, 'Verifying - Password: ', { secret: true })
      if (first === undefined || first !== again) {
        await process.stderr.write('Verify failure\n')
        return 1
      }
      passwords = [first]
    } else {
      const data = await inputFor(process, given.value('in'))
      if (!data) return 1
      passwords = data
        .toString('latin1')
        .split('\n')
        .filter(line => line !== '')
        .slice(0, 100)
    }
  }
  for (const password of passwords) {
    process.step(kind === '5' || kind === '6' ? 3000 : 500)
    const length = kind === '5' || kind === '6' ? 16 : 8
    const salt = given.value('salt') ?? [...process.random(length)].map(byte => saltChars[byte & 63]).join('')
    const cut = password.slice(0, 256)
    const hash =
      kind === '5'
        ? shaCrypt(cut, salt, 'sha256')
        : kind === '6'
          ? shaCrypt(cut, salt, 'sha512')
          : md5Crypt(cut, salt, kind)
    const pair = given.has('reverse') ? `${hash}\t${password}` : `${password}\t${hash}`
    await process.stdout.write(password === '' ? '<NULL>\n' : `${given.has('table') ? pair : hash}\n`)
  }
  return 0
}

const failures = {
  ECONNREFUSED: ['6F', 111],
  ETIMEDOUT: ['6E', 110],
  EHOSTUNREACH: ['71', 113],
  ENETUNREACH: ['65', 101],
} as const

/** Told as an attempt with what would have been sent; the connection ends as the network pretends it does. */
const connect = async (process: Process, words: readonly string[]): Promise<number> => {
  const valued = new Set([
    'connect',
    'host',
    'port',
    'servername',
    'proxy',
    'cert',
    'key',
    'CAfile',
    'CApath',
    'starttls',
    'alpn',
    'cipher',
    'ciphersuites',
    'sess_out',
    'sess_in',
    'verify',
    'bind',
    'name',
    'tls1_2cipher',
    'nextprotoneg',
    'keylogfile',
  ])
  const given = argumentsOf(words, valued)
  if ('missing' in given) return misuse(process, 's_client', `Option -${given.missing} needs a value`)
  const target =
    given.value('connect') ??
    given.operands[0] ??
    `${given.value('host') ?? 'localhost'}:${given.value('port') ?? '4433'}`
  const colon = target.lastIndexOf(':')
  const host = (colon < 0 ? target : target.slice(0, colon)).replace(/^\[|\]$/g, '') || 'localhost'
  const port = Number(colon < 0 ? '4433' : target.slice(colon + 1))
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    await libraryErrors(process, [
      `10080067:BIO routines:BIO_parse_hostserv:ambiguous host or service:../crypto/bio/bio_addr.c:577:`,
    ])
    return 1
  }
  const sent = process.isatty[0] ? undefined : await inputFor(process, undefined)
  process.host.witness.connection({ host, port, tool: 'openssl', ...(sent && sent.length > 0 ? { sent } : {}) })
  const address = lookup(process, host)?.[0]
  if (address === undefined) {
    await libraryErrors(process, [
      '10080002:BIO routines:BIO_lookup_ex:system lib:../crypto/bio/bio_addr.c:738:Name or service not known',
    ])
    await process.stderr.write('connect:errno=22\n')
    return 1
  }
  const { seconds, refused } = reach(process, address, port)
  await process.sleep(seconds)
  if (refused) {
    const [code, errno] = failures[refused]
    await libraryErrors(process, [
      `800000${code}:system library:BIO_connect:${connectTexts[refused]}:../crypto/bio/bio_sock2.c:117:calling connect()`,
      '10000067:BIO routines:BIO_connect:connect error:../crypto/bio/bio_sock2.c:119:',
    ])
    await process.stderr.write(`connect:errno=${errno}\n`)
    return 1
  }
  await process.stdout.write('CONNECTED(00000003)\n')
  await libraryErrors(process, [
    '0A000126:SSL routines:ssl3_read_n:unexpected eof while reading:../ssl/record/rec_layer_s3.c:317:',
  ])
  await process.stdout.write(
    '---\nno peer certificate available\n---\nNo client certificate CA names sent\n---\nSSL handshake has read 0 bytes and written 293 bytes\nVerification: OK\n---\nNew, (NONE), Cipher is (NONE)\nSecure Renegotiation IS NOT supported\nCompression: NONE\nExpansion: NONE\nNo ALPN negotiated\nEarly data was not sent\nVerify return code: 0 (ok)\n---\n',
  )
  return 1
}

/** What cannot be read as a certificate or request. */
const certificate = async (process: Process, command: 'x509' | 'req', words: readonly string[]): Promise<number> => {
  const valued = new Set(
    'in out inform outform days key keyout newkey subj config passin passout set_serial CA CAkey CAserial extfile extensions signkey addext section reqexts checkend checkhost nameopt certopt dateopt'.split(
      ' ',
    ),
  )
  const given = argumentsOf(words, valued)
  if ('missing' in given) return misuse(process, command, `Option -${given.missing} needs a value`)
  const flags = new Set(
    'text noout subject issuer dates startdate enddate serial fingerprint modulus pubkey purpose hash subject_hash issuer_hash email new x509 nodes noenc batch verify utf8 verbose req CAcreateserial alias ocspid ocsp_uri sha256 sha1 md5 sha512'.split(
      ' ',
    ),
  )
  const wrong = given.flags.find(flag => !flags.has(flag))
  if (wrong !== undefined) return misuse(process, command, `Unknown option or message digest: ${wrong}`)
  const file = given.value('in')
  const what = command === 'req' ? 'certificate request' : 'certificate'
  await inputFor(process, file, `Can't open "${file}" for reading, `)
  await process.stderr.write(`Could not read ${what} from ${file ?? '<stdin>'}\nUnable to load ${what}\n`)
  return 1
}

const prime = async (process: Process, words: readonly string[]): Promise<number> => {
  for (const word of words.filter(one => !one.startsWith('-'))) {
    if (!/^[0-9]{1,15}$/.test(word)) {
      await process.stderr.write(`Failed to process value (${word})\n`)
      return 1
    }
    const number = Number(word)
    let isPrime = number > 1
    for (let d = 2; d * d <= number && isPrime; d++) {
      if (d % 256 === 0) process.step()
      isPrime = number % d !== 0
    }
    await process.stdout.write(`${number.toString(16).toUpperCase()} (${word}) is ${isPrime ? 'prime' : 'not prime'}\n`)
  }
  return 0
}
