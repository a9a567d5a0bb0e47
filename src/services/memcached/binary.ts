import { Cursor } from '#codec/cursor.ts'
import { text } from '#events/text.ts'
import { expiry, ITEM_MAX, type Item, KEY_MAX, needed } from './cache.ts'
import { count, flushed, type Memcached } from './server.ts'
import { statPairs } from './stats.ts'
import { addDelta, type Stored, store, type Verb } from './text.ts'

/** The binary protocol of memcached (docs: "BinaryProtocolRevamped"; proto_bin.c of 1.6). */

export const HEADER = 24
export const REQUEST = 0x80
const RESPONSE = 0x81

export type Header = {
  opcode: number
  keyLength: number
  extrasLength: number
  bodyLength: number
  opaque: number
  cas: bigint
}
export type Answer = { reply: Buffer; close?: true }

/** Magic, opcode, key length 16, extras length 8, data type 8, virtual bucket 16, body length 32, opaque 32, cas 64. */
export function parseHeader(bytes: Buffer): Header {
  const cursor = new Cursor(bytes)
  cursor.bytes(1)
  const opcode = cursor.u8()
  const keyLength = cursor.u16be()
  const extrasLength = cursor.u8()
  cursor.bytes(3)
  return {
    opcode,
    keyLength,
    extrasLength,
    bodyLength: cursor.u32be(),
    opaque: cursor.u32be(),
    cas: cursor.u64be(),
  }
}

const errors = new Map([
  [0x01, 'Not found'],
  [0x02, 'Data exists for key.'],
  [0x03, 'Too large.'],
  [0x04, 'Invalid arguments'],
  [0x05, 'Not stored.'],
  [0x06, 'Non-numeric server-side value for incr or decr'],
  [0x20, 'Auth failure.'],
  [0x81, 'Unknown command'],
])
const status = { ok: 0, notFound: 1, exists: 2, tooLarge: 3, invalid: 4, notStored: 5, nonNumeric: 6, unknown: 0x81 }

type Reply = { status?: number; extras?: Buffer; key?: string; value?: string; cas?: number }
function packet({ opcode, opaque }: Header, { status = 0, extras, key = '', value = '', cas = 0 }: Reply): Buffer {
  const body = Buffer.concat([extras ?? Buffer.alloc(0), Buffer.from(key + value, 'latin1')])
  const head = Buffer.alloc(HEADER)
  head[0] = RESPONSE
  head[1] = opcode
  head.writeUInt16BE(key.length, 2)
  head[4] = extras?.length ?? 0
  head.writeUInt16BE(status, 6)
  head.writeUInt32BE(body.length, 8)
  head.writeUInt32BE(opaque, 12)
  head.writeBigUInt64BE(BigInt(cas), 16)
  return Buffer.concat([head, body])
}
const failure = (header: Header, code: number, close?: true): Answer => ({
  reply: packet(header, { status: code, value: errors.get(code)! }),
  ...(close && { close }),
})

/** What the header alone makes wrong, before the body is waited for. */
export function refusal(header: Header): Answer | undefined {
  const { keyLength, extrasLength, bodyLength } = header
  // The real one waits for a key that the body has no room for.
  if (keyLength + extrasLength <= bodyLength && keyLength > KEY_MAX) return failure(header, status.invalid, true)
  return undefined
}
/** The largest body worth reading: an item and its extras. */
export const BODY_MAX = ITEM_MAX + 4096
export const tooLarge = (header: Header): Answer => failure(header, status.tooLarge)

type Request = { header: Header; extras: Buffer; key: string; value: string }
type Run = (request: Request, m: Memcached, quiet: boolean) => Answer

const silent: Answer = { reply: Buffer.alloc(0) }
const said = (header: Header, reply: Reply, quiet = false): Answer =>
  quiet ? silent : { reply: packet(header, reply) }
const flagsOf = (item: Item) => {
  const extras = Buffer.alloc(4)
  extras.writeUInt32BE(item.flags)
  return extras
}

const get =
  (withKey: boolean, touching: boolean): Run =>
  ({ header, key, extras }, m, quiet) => {
    const now = m.cx.now()
    const item = m.server.cache.peek(key, now)
    count(m, touching ? 'cmd_touch' : 'cmd_get')
    count(m, item ? 'get_hits' : 'get_misses')
    if (!item && quiet) return silent
    if (!item)
      return { reply: packet(header, { status: status.notFound, ...(withKey ? { key } : { value: errors.get(1)! }) }) }
    if (touching) item.expires = expiry(extras.readInt32BE(), now)
    item.fetched = true
    item.accessed = now
    return {
      reply: packet(header, { extras: flagsOf(item), cas: item.cas, value: item.data, ...(withKey && { key }) }),
    }
  }

const touch: Run = ({ header, key, extras }, m) => {
  const item = m.server.cache.peek(key, m.cx.now())
  count(m, 'cmd_touch')
  count(m, item ? 'touch_hits' : 'touch_misses')
  if (!item) return failure(header, status.notFound)
  item.expires = expiry(extras.readInt32BE(), m.cx.now())
  return { reply: packet(header, { extras: flagsOf(item), cas: item.cas }) }
}

const codes: Record<Stored, number> = {
  STORED: 0,
  NOT_STORED: status.notStored,
  EXISTS: status.exists,
  NOT_FOUND: status.notFound,
}
const storage =
  (verb: Verb): Run =>
  ({ header, key, extras, value }, m, quiet) => {
    const bare = verb === 'append' || verb === 'prepend'
    const flags = bare ? 0 : extras.readUInt32BE(0)
    if (needed(key, flags, value.length) > ITEM_MAX) {
      m.server.cache.remove(key)
      return failure(header, status.tooLarge)
    }
    const now = m.cx.now()
    const expires = bare ? 0 : expiry(extras.readInt32BE(4), now)
    const cas = Number(header.cas)
    const item = { key, flags, expires, data: value, cas: 0, stored: now, accessed: now, fetched: false }
    count(m, 'cmd_set')
    const outcome = store(cas !== 0 && verb === 'set' ? 'cas' : verb, item, cas, m)
    if (outcome === 'STORED') return said(header, { cas: m.server.cache.peek(key, now)?.cas ?? 0 }, quiet)
    // proto_bin.c, complete_update_bin: what is not stored has a reason that depends on the command.
    const code =
      outcome === 'NOT_STORED' && verb === 'add'
        ? status.exists
        : outcome === 'NOT_STORED' && verb === 'replace'
          ? status.notFound
          : codes[outcome]
    return failure(header, code)
  }

const remove: Run = ({ header, key }, m, quiet) => {
  const item = m.server.cache.peek(key, m.cx.now())
  count(m, item ? 'delete_hits' : 'delete_misses')
  if (!item) return failure(header, status.notFound)
  if (header.cas !== 0n && Number(header.cas) !== item.cas) return failure(header, status.exists)
  m.server.cache.remove(key)
  return said(header, {}, quiet)
}

const arithmetic =
  (up: boolean): Run =>
  ({ header, key, extras }, m, quiet) => {
    const delta = extras.readBigUInt64BE(0)
    const seconds = extras.readInt32BE(16)
    const now = m.cx.now()
    const { cache } = m.server
    const found = cache.peek(key, now)
    if (up) count(m, found ? 'incr_hits' : 'incr_misses')
    else count(m, found ? 'decr_hits' : 'decr_misses')
    if (!found && extras.readUInt32BE(16) === 0xffff_ffff) return failure(header, status.notFound)
    if (found && header.cas !== 0n && Number(header.cas) !== found.cas) return failure(header, status.exists)
    let item = found
    let digits: string | undefined
    if (item) digits = addDelta(item, delta, up, m)
    else {
      digits = String(extras.readBigUInt64BE(8))
      item = {
        key,
        flags: 0,
        expires: expiry(seconds, now),
        data: digits,
        cas: cache.nextCas(),
        stored: now,
        accessed: now,
        fetched: false,
      }
      cache.put(item)
    }
    if (digits === undefined) return failure(header, status.nonNumeric)
    const number = Buffer.alloc(8)
    number.writeBigUInt64BE(BigInt(digits))
    return said(header, { value: number.toString('latin1'), cas: item.cas }, quiet)
  }

const flush: Run = ({ header, extras }, m, quiet) => {
  count(m, 'cmd_flush')
  const now = m.cx.now()
  const seconds = extras.length === 4 ? extras.readInt32BE() : 0
  m.server.flushAt = seconds > 0 ? expiry(seconds, now) - 1000 : now
  flushed(m, now)
  return said(header, {}, quiet)
}

const stat: Run = ({ header, key }, m) => {
  const pairs = statPairs(key, m)
  if (!pairs) return failure(header, key === 'reset' ? status.ok : status.notFound)
  const parts = pairs.map(([name, value]) => packet(header, { key: name, value: String(value) }))
  return { reply: Buffer.concat([...parts, packet(header, {})]) }
}

/** RFC 4616: an identity to act as, NUL, user, NUL, password. Debian's server has SASL switched off. */
const sasl: Run = ({ header, key, value }, m) => {
  const [, user, password] = value.split('\0').map(part => text(Buffer.from(part, 'latin1'), 256))
  if (header.opcode === 0x21)
    m.cx.record.login({
      method: `sasl-${key
        .toLowerCase()
        .replace(/[^\w-]/g, '')
        .slice(0, 20)}`,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      outcome: 'failure',
    })
  return failure(header, status.unknown)
}

/** What a request of this kind is made of: bytes of extras, a key or none, a value or none. */
type Shape = { name: string; extras: readonly number[]; key: boolean | 'maybe'; value: boolean; run: Run; quiet?: true }
const one = (name: string, extras: number | readonly number[], key: Shape['key'], value: boolean, run: Run): Shape => ({
  name,
  extras: typeof extras === 'number' ? [extras] : extras,
  key,
  value,
  run,
})
const quiet = (shape: Shape, name = `${shape.name}q`): Shape => ({ ...shape, name, quiet: true })

const gets = one('get', 0, true, false, get(false, false))
const getks = one('getk', 0, true, false, get(true, false))
const [sets, adds, replaces] = (['set', 'add', 'replace'] as const).map(verb =>
  one(verb, 8, true, true, storage(verb)),
) as [Shape, Shape, Shape]
const [appends, prepends] = (['append', 'prepend'] as const).map(verb => one(verb, 0, true, true, storage(verb))) as [
  Shape,
  Shape,
]
const deletes = one('delete', 0, true, false, remove)
const [incrs, decrs] = [one('incr', 20, true, false, arithmetic(true)), one('decr', 20, true, false, arithmetic(false))]
const quits = one('quit', 0, false, false, ({ header }, _, quietly) => ({ ...said(header, {}, quietly), close: true }))
const flushes = one('flush', [0, 4], false, false, flush)
const gats = one('gat', 4, true, false, get(false, true))
const gatks = one('gatk', 4, true, false, get(true, true))

const shapes = new Map<number, Shape>([
  [0x00, gets],
  [0x01, sets],
  [0x02, adds],
  [0x03, replaces],
  [0x04, deletes],
  [0x05, incrs],
  [0x06, decrs],
  [0x07, quits],
  [0x08, flushes],
  [0x09, quiet(gets)],
  [0x0a, one('noop', 0, false, false, ({ header }) => said(header, {}))],
  [
    0x0b,
    one('version', 0, false, false, ({ header }, { cx }) =>
      said(header, { value: cx.persona.software.memcached.version }),
    ),
  ],
  [0x0c, getks],
  [0x0d, quiet(getks)],
  [0x0e, appends],
  [0x0f, prepends],
  [0x10, one('stat', 0, 'maybe', false, stat)],
  [0x11, quiet(sets)],
  [0x12, quiet(adds)],
  [0x13, quiet(replaces)],
  [0x14, quiet(deletes)],
  [0x15, quiet(incrs)],
  [0x16, quiet(decrs)],
  [0x17, quiet(quits)],
  [0x18, quiet(flushes)],
  [0x19, quiet(appends)],
  [0x1a, quiet(prepends)],
  [0x1b, one('verbosity', 4, false, false, ({ header }) => said(header, {}))],
  [0x1c, one('touch', 4, true, false, touch)],
  [0x1d, gats],
  [0x1e, quiet(gats)],
  [0x20, one('sasl-list', 0, 'maybe', true, sasl)],
  [0x21, one('sasl-auth', 0, 'maybe', true, sasl)],
  [0x22, one('sasl-step', 0, 'maybe', true, sasl)],
  [0x23, gatks],
  [0x24, quiet(gatks)],
])

/** Name of an opcode, as events show it. */
export const nameOf = (opcode: number): string =>
  shapes.get(opcode)?.name ?? `opcode 0x${opcode.toString(16).padStart(2, '0')}`

/** A whole request: its body is extras, key and value. */
export function runBinary(header: Header, body: Buffer, m: Memcached): Answer & { key: string; value: string } {
  flushed(m, m.cx.now())
  const cursor = new Cursor(body)
  const extras = cursor.bytes(header.extrasLength)
  const key = cursor.bytes(header.keyLength).toString('latin1')
  const value = cursor.rest().toString('latin1')
  const shape = shapes.get(header.opcode)
  if (!shape) return { ...failure(header, status.unknown), key, value }
  const fits =
    shape.extras.includes(extras.length) &&
    (shape.key === 'maybe' || shape.key === key.length > 0) &&
    (shape.value || value === '')
  if (!fits) return { ...failure(header, status.invalid, true), key, value }
  return { ...shape.run({ header, extras, key, value }, m, shape.quiet === true), key, value }
}
