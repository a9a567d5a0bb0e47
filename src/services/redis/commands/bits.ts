import { noMemory, RedisError, syntaxError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { integer } from '../wire.ts'
import { type Commands, dataAt, parseSmall, type Run, remove } from './command.ts'
import { write } from './strings.ts'

/** Strings as arrays of bits, the highest of a byte first (bitops.c). */

const read = (redis: Redis, key: string) => dataAt(redis, key, 'string')

function parseOffset(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** 32)
    throw new RedisError('ERR bit offset is not an integer or out of range')
  return Number(text)
}

const bitAt = (data: string, at: number) => (data.charCodeAt(at >> 3) >> (7 - (at & 7))) & 1

const setBit: Run = ([key = '', offset = '', bit = ''], redis) => {
  const at = parseOffset(offset)
  if (bit !== '0' && bit !== '1') throw new RedisError('ERR bit is not an integer or out of range')
  const byte = Math.floor(at / 8)
  if (byte > 4 << 20) throw noMemory()
  const old = read(redis, key) ?? ''
  const bytes = Buffer.alloc(Math.max(old.length, byte + 1))
  bytes.write(old, 'latin1')
  const mask = 1 << (7 - (at & 7))
  bytes[byte] = bit === '1' ? bytes[byte]! | mask : bytes[byte]! & ~mask
  write(redis, key, bytes.toString('latin1'), true)
  return integer(byte < old.length ? bitAt(old, at) : 0)
}

/** The part that BITCOUNT and BITPOS look at: bytes or bits from `start` to `end`, negative from behind. */
function window(data: string, [start, end, unit]: string[]): [from: number, to: number] {
  if (unit !== undefined && !/^(?:bit|byte)$/i.test(unit)) throw syntaxError()
  const scale = /^bit$/i.test(unit ?? '') ? 1 : 8
  const length = (data.length * 8) / scale
  const at = (n: number) => (n < 0 ? Math.max(0, length + n) : n)
  const [from, to] = [at(parseSmall(start ?? '0')), Math.min(length - 1, at(parseSmall(end ?? '-1')))]
  return [from * scale, (to + 1) * scale]
}

const count: Run = ([key = '', ...part], redis) => {
  if (part.length === 1 || part.length > 3) throw syntaxError()
  const data = read(redis, key) ?? ''
  const [from, to] = window(data, part)
  let found = 0
  for (let at = from; at < to; at++) found += bitAt(data, at)
  return integer(found)
}

const position: Run = ([key = '', bit = '', ...part], redis) => {
  if (bit !== '0' && bit !== '1') throw new RedisError('ERR The bit argument must be 1 or 0.')
  const data = read(redis, key)
  if (data === undefined) return integer(bit === '1' ? -1 : 0)
  const [from, to] = window(data, part)
  for (let at = from; at < to; at++) if (bitAt(data, at) === Number(bit)) return integer(at)
  return integer(bit === '0' && part.length < 2 ? data.length * 8 : -1)
}

/** Sources of one BITOP. */
const MOST = 16

const combine: Run = ([how = '', target = '', ...keys], redis) => {
  const operation = how.toUpperCase()
  if (!/^(?:AND|OR|XOR|NOT)$/.test(operation)) throw syntaxError()
  if (operation === 'NOT' && keys.length !== 1)
    throw new RedisError('ERR BITOP NOT must be called with a single source key.')
  const all = keys.slice(0, MOST).map(key => Buffer.from(read(redis, key) ?? '', 'latin1'))
  const result = Buffer.alloc(Math.max(...all.map(source => source.length)))
  const [, ...others] = all
  for (let at = 0; at < result.length; at++) {
    let byte = all[0]![at] ?? 0
    if (operation === 'NOT') byte = ~byte & 255
    for (const other of others) {
      const next = other[at] ?? 0
      byte = operation === 'AND' ? byte & next : operation === 'OR' ? byte | next : byte ^ next
    }
    result[at] = byte
  }
  if (result.length === 0) remove(redis, target)
  else write(redis, target, result.toString('latin1'))
  return integer(result.length)
}

export const bits: Commands = [
  ['setbit', setBit],
  [
    'getbit',
    ([key = '', offset = ''], redis) => {
      const at = parseOffset(offset)
      const data = read(redis, key) ?? ''
      return integer(Math.floor(at / 8) < data.length ? bitAt(data, at) : 0)
    },
  ],
  ['bitcount', count],
  ['bitpos', position],
  ['bitop', combine],
]
