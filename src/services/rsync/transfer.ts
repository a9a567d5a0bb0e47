import { createHash } from 'node:crypto'
import { Malformed } from '#codec/malformed.ts'
import type { Login } from '#machine/login.ts'
import type { Recording } from '#machine/witness.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Form } from './flist.ts'
import { md4 } from './md4.ts'
import type { Module } from './modules.ts'
import type { Options } from './options.ts'
import type { Request } from './request.ts'
import type { Wire } from './wire.ts'
import { xxh128 } from './xxh128.ts'

/** How contents are compressed on the way (token.c). */
export type Compression = 'none' | 'zlib' | 'zlibx' | 'zstd'
/** What a file is checked with as a whole (checksum.c). */
export type Sum = { bytes: number; of(content: Buffer): Promise<Buffer> | Buffer }

/** What both sides agreed on. */
export type Agreement = {
  form: Form
  sum: Sum
  compression: Compression
  /** Names of owners have root's behind them (CF_ID0_NAMES). */
  rootNamed: boolean
}
/** One run of the daemon's far side. */
export type Transfer = Agreement & {
  wire: Wire
  cx: TcpContext<Options>
  module: Module
  /** What both sides speak: from 31 on they say good-bye twice. */
  protocol: number
  request: Request
  login: Login
  witness: Recording
}

const hashed = (name: string, bytes: number): Sum => ({
  bytes,
  of: content => createHash(name).update(content).digest(),
})
/** Of those that Debian's rsync announces, what is carried out here. */
export const sums = new Map<string, Sum>([
  ['xxh128', { bytes: 16, of: xxh128 }],
  ['md5', hashed('md5', 16)],
  ['sha1', hashed('sha1', 20)],
  ['md4', { bytes: 16, of: md4 }],
  ['none', { bytes: 1, of: () => Buffer.alloc(1) }],
])

/** ITEM flags of rsync.h that stand with a file's number. */
export const Item = { BasisFollows: 1 << 11, NameFollows: 1 << 12, IsNew: 1 << 13, Transfer: 1 << 15 } as const

/** Rules of a filter, and bytes of one. */
const RULES = 500
const RULE = 4096

/** The client's rules (exclude.c: recv_filter_list), in its own words. */
export async function readFilters(wire: Wire): Promise<string[]> {
  const rules: string[] = []
  for (;;) {
    const length = await wire.int()
    if (length === 0) return rules
    if (length < 0 || length > RULE || rules.length >= RULES) throw new Malformed(`A rule of ${length} bytes`)
    rules.push((await wire.read(length)).toString('latin1'))
  }
}

/** A path below the module, whatever the client said: `..` does not lead out. */
export function within(module: Module, said: string): string {
  const parts: string[] = []
  for (const part of said.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return [module.path, ...parts].join('/')
}
