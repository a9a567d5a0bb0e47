import { createHash, createHmac } from 'node:crypto'
import type { Process } from '../../system.ts'
import { type Arguments, argumentsOf, inputFor, libraryErrors, misuse, outputFor } from './arguments.ts'

/** Digests by the names that the command line knows, with what the engine beneath calls them and what is shown. */
export const digests = new Map<string, { engine: string; shown: string }>(
  [
    ['blake2b512', 'blake2b512', 'BLAKE2B-512'],
    ['blake2s256', 'blake2s256', 'BLAKE2S-256'],
    ['md5', 'md5', 'MD5'],
    ['rmd160', 'ripemd160', 'RIPEMD-160'],
    ['ripemd160', 'ripemd160', 'RIPEMD-160'],
    ['sha1', 'sha1', 'SHA1'],
    ['sha224', 'sha224', 'SHA2-224'],
    ['sha256', 'sha256', 'SHA2-256'],
    ['sha384', 'sha384', 'SHA2-384'],
    ['sha512', 'sha512', 'SHA2-512'],
    ['sha512-224', 'sha512-224', 'SHA2-512/224'],
    ['sha512-256', 'sha512-256', 'SHA2-512/256'],
    ['sha3-224', 'sha3-224', 'SHA3-224'],
    ['sha3-256', 'sha3-256', 'SHA3-256'],
    ['sha3-384', 'sha3-384', 'SHA3-384'],
    ['sha3-512', 'sha3-512', 'SHA3-512'],
    ['sm3', 'sm3', 'SM3'],
  ].map(([name, engine, shown]) => [name!, { engine: engine!, shown: shown! }]),
)

const valued = new Set([
  'out',
  'hmac',
  'mac',
  'macopt',
  'sign',
  'verify',
  'prverify',
  'signature',
  'keyform',
  'passin',
  'rand',
  'writerand',
  'engine',
  'provider',
  'propquery',
  'sigopt',
  'xoflen',
])

/** openssl dgst, and the digests as commands of their own. */
export const digest = async (process: Process, command: string, words: readonly string[]): Promise<number> => {
  const given = argumentsOf(words, valued)
  if ('missing' in given) return misuse(process, command, `Option -${given.missing} needs a value`)
  const own = digests.get(command)
  let chosen = own ?? digests.get('sha256')!
  const known = new Set([
    'c',
    'd',
    'hex',
    'binary',
    'r',
    'debug',
    'list',
    'non-fips-allow',
    'fips-fingerprint',
    'engine_impl',
  ])
  for (const flag of given.flags) {
    const found = digests.get(flag.toLowerCase())
    if (found) chosen = found
    else if (!known.has(flag)) {
      await misuse(process, command, `Unknown option or message digest: ${flag}`)
      await libraryErrors(process, [
        `0308010C:digital envelope routines:inner_evp_generic_fetch:unsupported:../crypto/evp/evp_fetch.c:386:Global default library context, Algorithm (${flag} : 0), Properties (<null>)`,
      ])
      return 1
    }
  }
  const key = given.value('hmac')
  const files = given.operands
  // With -sha256 as an option of dgst, only the default is named the short way.
  const name =
    command === 'dgst' && !given.flags.some(flag => digests.has(flag.toLowerCase())) ? 'SHA256' : chosen.shown
  let status = 0
  const out: (string | Buffer)[] = []
  for (const file of files.length === 0 ? [undefined] : files) {
    const data = await inputFor(process, file)
    if (!data) {
      status = 1
      continue
    }
    const hash = key === undefined ? createHash(chosen.engine) : createHmac(chosen.engine, Buffer.from(key, 'latin1'))
    // Of standard input it does not say that the digest was keyed.
    const label = key === undefined || file === undefined ? name : `HMAC-${name}`
    out.push(shown(given, hash.update(data).digest(), label, file))
  }
  const written = await outputFor(
    process,
    given.value('out'),
    Buffer.concat(out.map(piece => Buffer.from(piece as string, 'latin1'))),
  )
  return written ? status : 1
}

const shown = (given: Arguments, hash: Buffer, label: string, file: string | undefined): string | Buffer => {
  if (given.has('binary') && !given.has('hex')) return hash
  const hex = given.has('c') ? hash.toString('hex').replace(/(..)(?!$)/g, '$1:') : hash.toString('hex')
  if (given.has('r')) return `${hex} *${file ?? 'stdin'}\n`
  return `${label}(${file ?? 'stdin'})= ${hex}\n`
}
