import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#codec/malformed.ts'

/** A NetBIOS name: fifteen characters (Latin-1), the suffix that tells the kind of service, what fills the rest. */
export type Names = readonly [name: string, suffix: number, fill?: string]

/** What a name server is asked (RFC 1002 §4.2.1.1). */
export type Query = {
  id: number
  operation: Operation
  response: boolean
  /** Recursion is desired; sent to everybody. */
  recursion: boolean
  broadcast: boolean
  name: string
  suffix: number
  /** It has a scope (RFC 1001 §5): nobody uses them. */
  scope: boolean
  /** A registration of one of several addresses, as Windows sends it. */
  multihomed: boolean
  type: number
  /** Of a claim: the address it is claimed for. */
  address?: string
}
const operations = new Map([
  [0, 'query'],
  [5, 'register'],
  [6, 'release'],
  [7, 'wait'],
  [8, 'refresh'],
  [9, 'refresh'],
  [15, 'register'],
] as const)
export type Operation = 'query' | 'register' | 'release' | 'wait' | 'refresh'

export const NB = 0x20
export const NBSTAT = 0x21
const INTERNET = 1
/** Scopes are as long as names of DNS at most. */
const NAME_MAX = 255

/** First-level encoding (RFC 1001 §14.1): each half of a byte is a letter from A to P. */
export function encoded([name, suffix, fill = ' ']: Names): Buffer {
  const plain = Buffer.from(`${name.slice(0, 15).padEnd(15, fill)}${String.fromCharCode(suffix)}`, 'latin1')
  return Buffer.from([0x20, ...[...plain].flatMap(byte => [0x41 + (byte >> 4), 0x41 + (byte & 15)]), 0])
}

/** A question as clients send it. */
export function question(id: number, flags: number, name: Names, type: number): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(id, 0)
  head.writeUInt16BE(flags, 2)
  head.writeUInt16BE(1, 4)
  return Buffer.concat([head, encoded(name), Buffer.of(type >> 8, type & 255, 0, INTERNET)])
}

/** Takes a packet apart; throws `Malformed`. */
export function parseQuery(packet: Buffer): Query {
  const cursor = new Cursor(packet)
  const [id, flags, questions, answers, authorities, additional] = Array.from({ length: 6 }, () => cursor.u16be()) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const operation = operations.get(((flags >> 11) & 15) as 0)
  if (!operation) throw new Malformed(`NetBIOS operation ${(flags >> 11) & 15}`)
  const response = flags >= 0x8000
  // nmbd reads the first of several questions, and does not look at its class.
  if (questions === 0 || answers + authorities > 0)
    throw new Malformed(`${questions} questions, ${answers + authorities} records`)
  const { name, suffix, scope } = readName(cursor)
  const type = cursor.u16be()
  cursor.u16be()
  const address = operation !== 'query' && additional === 1 ? addressOf(cursor) : undefined
  return {
    id,
    operation,
    response,
    recursion: (flags & 0x0100) !== 0,
    broadcast: (flags & 0x0010) !== 0,
    name,
    suffix,
    scope,
    multihomed: ((flags >> 11) & 15) === 15,
    type,
    ...(address === undefined ? {} : { address }),
  }
}

/** A name in its encoding, and its scope, which means nothing here. */
function readName(cursor: Cursor): { name: string; suffix: number; scope: boolean } {
  if (cursor.u8() !== 0x20) throw new Malformed('A NetBIOS name of another length')
  const letters = cursor.bytes(32)
  if (!letters.every(letter => letter >= 0x41 && letter <= 0x50)) throw new Malformed('A NetBIOS name of other letters')
  const plain = Buffer.from(
    Array.from({ length: 16 }, (_, i) => ((letters[2 * i]! - 0x41) << 4) | (letters[2 * i + 1]! - 0x41)),
  )
  let left = NAME_MAX
  for (let length = cursor.u8(); length > 0; length = cursor.u8()) {
    left -= length + 1
    if (length > 63 || left < 0) throw new Malformed('A scope that is none')
    cursor.bytes(length)
  }
  return { name: plain.toString('latin1', 0, 15).replace(/[ \0]+$/, ''), suffix: plain[15]!, scope: left < NAME_MAX }
}

/** The one additional record of a claim: its name by reference, and flags and an address. */
function addressOf(cursor: Cursor): string | undefined {
  if (cursor.left < 18) return undefined
  cursor.bytes(14)
  return [...cursor.bytes(4)].join('.')
}
