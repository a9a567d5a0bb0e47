import { Malformed } from '#codec/malformed.ts'
import { type Account, accountOf, groupOf } from '#machine/accounts.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import type { Request } from './request.ts'
import { type Agreement, type Compression, sums, type Transfer } from './transfer.ts'
import type { Wire } from './wire.ts'

/** compat.c: CF_*; each is granted to clients that name the letter. */
const abilities = [
  ['f', 1 << 3],
  ['x', 1 << 4],
  ['C', 1 << 5],
  ['I', 1 << 6],
  ['v', 1 << 7],
  ['u', 1 << 8],
] as const
const INCREMENTAL = 1 << 0
const SYMLINK_TIMES_AND_ICONV = 6

const LIST = 1024

/** What the daemon announces and the client answers before frames begin (setup_protocol). */
export async function agree(wire: Wire, cx: TcpContext<Options>, request: Request): Promise<Agreement> {
  const { version } = cx.persona.software.rsync
  const modern = !/^3\.[01]\./.test(version)
  // One before 3.2 knows nothing of the last two.
  const known = modern ? abilities : abilities.slice(0, 4)
  const incremental = request.sender && request.recursive && request.abilities.includes('i')
  const flags = known
    .filter(([letter]) => request.abilities.includes(letter))
    .reduce((all, [, flag]) => all | flag, SYMLINK_TIMES_AND_ICONV | (incremental ? INCREMENTAL : 0))
  const lists = modern && request.abilities.includes('v')
  const agreement: Agreement = {
    form: {
      owner: request.owner,
      group: request.group,
      links: request.links,
      devices: request.devices,
      times: request.times,
      varint: lists,
      incremental,
      nameOf: () => undefined,
    },
    sum: sums.get('md5')!,
    compression: request.compress ? 'zlib' : 'none',
    rootNamed: modern && request.abilities.includes('u'),
  }
  if (!lists && request.compressChoice?.startsWith('z')) agreement.compression = request.compressChoice as Compression
  wire.putVarint(flags)
  if (lists) await choose(wire, version, request, agreement)
  wire.putInt(cx.random(4).readInt32LE())
  return agreement
}

/** The lists of both sides: of what the client prefers, the first that we have, is taken (negotiate_the_strings). */
async function choose(wire: Wire, version: string, request: Request, agreement: Agreement): Promise<void> {
  const sha1 = /^3\.2\.[0-6]$/.test(version) ? '' : 'sha1 '
  const compresses = request.compress && request.compressChoice === undefined
  if (request.checksumChoice === undefined) wire.putVstring(`xxh128 xxh3 xxh64 md5 md4 ${sha1}none`)
  if (compresses) wire.putVstring('zstd lz4 zlibx zlib none')
  if (request.checksumChoice === undefined) {
    const theirs = (await wire.vstring(LIST)).split(' ')
    agreement.sum = sumOf(theirs.find(name => sums.has(name)))
  } else agreement.sum = sumOf(request.checksumChoice.split(',')[0])
  if (compresses) {
    const theirs = (await wire.vstring(LIST)).split(' ')
    agreement.compression = compressionOf(theirs.find(name => compressions.has(name)))
  } else if (request.compress) agreement.compression = compressionOf(request.compressChoice)
  await wire.push()
}
const compressions = new Set(['zstd', 'zlibx', 'zlib', 'none'])

function sumOf(name: string | undefined) {
  const sum = sums.get(name === 'auto' ? 'md5' : (name ?? ''))
  if (!sum) throw new Malformed(`No checksum in common: ${name}`)
  return sum
}
function compressionOf(name: string | undefined): Compression {
  if (name === undefined || !compressions.has(name)) throw new Malformed(`No compression in common: ${name}`)
  return name as Compression
}

/** Names of owners, from the machine's passwd(5) and group(5); with `--numeric-ids` there are none. */
export function nameOwners({ form, login, request }: Transfer): void {
  const known = new Map<string, string | undefined>()
  const { fs } = login.process
  form.nameOf = (kind, id) => {
    if (request.numericIds) return undefined
    const key = `${kind} ${id}`
    if (!known.has(key)) {
      const found: Pick<Account, 'name'> | undefined = kind === 'uid' ? accountOf(fs, id) : groupOf(fs, id)
      known.set(key, found?.name)
    }
    return known.get(key)
  }
}
