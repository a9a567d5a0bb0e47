import { expiry, ITEM_MAX, type Item, KEY_MAX, needed } from './cache.ts'
import { meta } from './meta.ts'
import { count, flushed, type Memcached } from './server.ts'
import { metadump, stats } from './stats.ts'

/**
 * What a line asks for (proto_text.c of memcached 1.6): an answer at once, or a value of `want` bytes, CRLF included,
 * that comes behind it. All text is Latin-1.
 */
export type Step =
  | { reply: string; close?: true }
  | { want: number; finish(value: string): string }
  /** So many bytes are passed over and answered. */
  | { swallow: number; reply: string }

const line = (text: string): Step => ({ reply: `${text}\r\n` })
export const BAD_FORMAT = 'CLIENT_ERROR bad command line format'
export const BAD_CHUNK = 'CLIENT_ERROR bad data chunk'
export const TOO_LARGE = 'SERVER_ERROR object too large for cache'
const NON_NUMERIC = 'CLIENT_ERROR cannot increment or decrement non-numeric value'

/** util.c, safe_strtol and its like: undefined for what is no number of that range. */
export const whole = (text: string | undefined, min: number, max: number): number | undefined => {
  if (text === undefined || !/^[-+]?\d{1,20}$/.test(text)) return undefined
  const number = Number(text)
  return number >= min && number <= max ? number : undefined
}
const U32 = 2 ** 32 - 1
/** strtoul(3) of a 64-bit build, of which 32 bits are kept. */
export const clientFlags = (text: string | undefined): number | undefined => {
  const number = whole(text, 0, 2 ** 64)
  return number === undefined ? undefined : Number(BigInt(number) & 0xffff_ffffn)
}
const S32 = 2 ** 31

type Command = (words: readonly string[], m: Memcached) => Step

/** One line without its end. */
export function runLine(text: string, m: Memcached): Step {
  flushed(m, m.cx.now())
  const words = text.split(' ').filter(Boolean)
  const command = commands.get(words[0] ?? '')
  if (command) return command(words, m)
  const asMeta = meta(words, m)
  if (asMeta) return asMeta
  // Somebody's browser or proxy was sent here.
  if (words.length > 1 && words.at(-1)!.startsWith('HTTP/')) return { reply: '', close: true }
  return line('ERROR')
}

/** `VALUE` lines of the keys that are there. */
function values(keys: readonly string[], m: Memcached, withCas: boolean, expires?: number): Step {
  if (keys.length === 0) return line('ERROR')
  let out = ''
  const now = m.cx.now()
  for (const key of keys) {
    // What was found before it is not said either.
    if (key.length > KEY_MAX) return line(BAD_FORMAT)
    count(m, expires === undefined ? 'cmd_get' : 'cmd_touch')
    if (expires !== undefined) count(m, 'cmd_get')
    const item = m.server.cache.peek(key, now)
    count(m, item ? 'get_hits' : 'get_misses')
    if (expires !== undefined) count(m, item ? 'touch_hits' : 'touch_misses')
    if (!item) continue
    item.fetched = true
    item.accessed = now
    if (expires !== undefined) item.expires = expires
    out += `VALUE ${key} ${item.flags} ${item.data.length}${withCas ? ` ${item.cas}` : ''}\r\n${item.data}\r\n`
    if (out.length > ANSWER_MAX) break
  }
  return { reply: `${out}END\r\n` }
}
/** A list of the same large key over and over asks for our memory, not for the data. */
const ANSWER_MAX = 8 << 20

const getAndTouch =
  (withCas: boolean): Command =>
  ([, seconds, ...keys], m) => {
    if (seconds === undefined) return line('ERROR')
    const exptime = whole(seconds, -S32, S32 - 1)
    if (exptime === undefined) return line('CLIENT_ERROR invalid exptime argument')
    if (keys.length === 0) return line('END')
    return values(keys, m, withCas, expiry(exptime, m.cx.now()))
  }

export type Verb = 'set' | 'add' | 'replace' | 'append' | 'prepend' | 'cas'
export type Stored = 'STORED' | 'NOT_STORED' | 'EXISTS' | 'NOT_FOUND'

/** items.c, do_store_item. `cas` 0: whatever the item has. */
export function store(verb: Verb, item: Item, cas: number, m: Memcached): Stored {
  const { cache } = m.server
  const old = cache.peek(item.key, m.cx.now())
  if (verb === 'cas' && !old) {
    count(m, 'cas_misses')
    return 'NOT_FOUND'
  }
  if (cas !== 0 && old) {
    count(m, old.cas === cas ? 'cas_hits' : 'cas_badval')
    if (old.cas !== cas) return 'EXISTS'
  }
  if (verb === 'add' && old) return 'NOT_STORED'
  if ((verb === 'replace' || verb === 'append' || verb === 'prepend') && !old) return 'NOT_STORED'
  if (old && (verb === 'append' || verb === 'prepend')) {
    const data = verb === 'append' ? old.data + item.data : item.data + old.data
    if (needed(item.key, old.flags, data.length) > ITEM_MAX) return 'NOT_STORED'
    cache.change(old, data)
    old.cas = cache.nextCas()
  } else cache.put({ ...item, cas: cache.nextCas() })
  return 'STORED'
}

const storage =
  (verb: Verb): Command =>
  (words, m) => {
    const given = words.length - (verb === 'cas' ? 1 : 0)
    if (given !== 5 && given !== 6) return line('ERROR')
    const quiet = given === 6 && words.at(-1) === 'noreply'
    const say = (text: string) => (quiet ? '' : `${text}\r\n`)
    const [, key = '', flagged, seconds, bytes] = words
    if (key.length > KEY_MAX) return line(BAD_FORMAT)
    const flags = clientFlags(flagged)
    const exptime = whole(seconds, -S32, S32 - 1)
    const length = whole(bytes, -S32, S32 - 1)
    if (flags === undefined || exptime === undefined || length === undefined) return line(BAD_FORMAT)
    if (length < 0) return line(BAD_FORMAT)
    if (length > S32 - 3) return line(BAD_CHUNK)
    const cas = verb === 'cas' ? whole(words[5], 0, 2 ** 64) : 0
    if (cas === undefined) return line(BAD_FORMAT)
    if (needed(key, flags, length) > ITEM_MAX) {
      count(m, 'store_too_large')
      // Better gone than out of date.
      m.server.cache.remove(key)
      return { swallow: length + 2, reply: say(TOO_LARGE) }
    }
    return {
      want: length + 2,
      finish(value) {
        count(m, 'cmd_set')
        if (!value.endsWith('\r\n')) return say(BAD_CHUNK)
        const now = m.cx.now()
        const expires = expiry(exptime, now)
        const data = value.slice(0, -2)
        const item = { key, flags, expires, data, cas: 0, stored: now, accessed: now, fetched: false }
        return say(store(verb, item, cas, m))
      },
    }
  }

/** memcached.c, do_add_delta: the new value's digits, or why not. */
export function addDelta(item: Item, delta: bigint, up: boolean, m: Memcached): string | undefined {
  if (!/^\d{1,20} *$/.test(item.data)) return undefined
  const old = BigInt(item.data.trimEnd())
  if (old > U64) return undefined
  const sum = up ? (old + delta) & U64 : old > delta ? old - delta : 0n
  const digits = String(sum)
  // The value keeps its length; what is too long now is padded.
  m.server.cache.change(item, digits.padEnd(item.data.length))
  item.cas = m.server.cache.nextCas()
  return digits
}
const U64 = 2n ** 64n - 1n

const arithmetic =
  (up: boolean): Command =>
  (words, m) => {
    if (words.length !== 3 && words.length !== 4) return line('ERROR')
    const [verb, key = '', amount = ''] = words
    const say = (text: string): Step => (words[3] === 'noreply' ? { reply: '' } : line(text))
    if (key.length > KEY_MAX) return say(BAD_FORMAT)
    if (!/^\+?\d{1,20}$/.test(amount) || BigInt(amount) > U64) return say('CLIENT_ERROR invalid numeric delta argument')
    const item = m.server.cache.peek(key, m.cx.now())
    count(m, verb === 'incr' ? (item ? 'incr_hits' : 'incr_misses') : item ? 'decr_hits' : 'decr_misses')
    if (!item) return say('NOT_FOUND')
    return say(addDelta(item, BigInt(amount), up, m) ?? NON_NUMERIC)
  }

const remove: Command = (words, m) => {
  if (words.length < 2 || words.length > 4) return line('ERROR')
  const key = words[1]!
  if (key.length > KEY_MAX) return line(BAD_FORMAT)
  const quiet = words.length > 2 && words.at(-1) === 'noreply'
  if (words.length > 2 && !(words[2] === '0' && (words.length === 3 || quiet)) && !(words.length === 3 && quiet))
    return line(`${BAD_FORMAT}.  Usage: delete <key> [noreply]`)
  const found = m.server.cache.peek(key, m.cx.now()) !== undefined
  count(m, found ? 'delete_hits' : 'delete_misses')
  m.server.cache.remove(key)
  return quiet ? { reply: '' } : line(found ? 'DELETED' : 'NOT_FOUND')
}

const touch: Command = (words, m) => {
  if (words.length !== 3 && words.length !== 4) return line('ERROR')
  const [, key = '', seconds] = words
  const say = (text: string): Step => (words[3] === 'noreply' ? { reply: '' } : line(text))
  if (key.length > KEY_MAX) return say(BAD_FORMAT)
  const exptime = whole(seconds, -S32, S32 - 1)
  if (exptime === undefined) return say('CLIENT_ERROR invalid exptime argument')
  const item = m.server.cache.peek(key, m.cx.now())
  count(m, 'cmd_touch')
  count(m, item ? 'touch_hits' : 'touch_misses')
  if (!item) return say('NOT_FOUND')
  item.expires = expiry(exptime, m.cx.now())
  return say('TOUCHED')
}

const flushAll: Command = (words, m) => {
  if (words.length > 3) return line('ERROR')
  const quiet = words.length > 1 && words.at(-1) === 'noreply'
  const after = quiet ? words.slice(1, -1) : words.slice(1)
  const seconds = after.length === 0 ? 0 : whole(after[0], -S32, S32 - 1)
  if (seconds === undefined) return line('CLIENT_ERROR invalid exptime argument')
  const now = m.cx.now()
  count(m, 'cmd_flush')
  m.server.flushAt = seconds > 0 ? expiry(seconds, now) - 1000 : now
  flushed(m, now)
  return quiet ? { reply: '' } : line('OK')
}

const fixed =
  (text: string): Command =>
  () =>
    line(text)

const verbosity: Command = (words, m) => {
  if (words.length < 2 || words.length > 3) return line('ERROR')
  const level = whole(words[1], 0, U32)
  if (level === undefined) return line(BAD_FORMAT)
  m.server.verbosity = Math.min(2, level)
  return words.at(-1) === 'noreply' ? { reply: '' } : line('OK')
}

const memoryLimit: Command = (words, m) => {
  const megabytes = whole(words[1], 0, U32)
  if (words.length < 2 || words.length > 3) return line('ERROR')
  if (megabytes === undefined) return line('ERROR')
  if (megabytes < 8) return line('MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m')
  if (megabytes > 1_000_000_000) return line('MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes')
  m.server.limit = megabytes * (1 << 20)
  return line('OK')
}

const slabs: Command = words => {
  if (words.length === 4 && words[1] === 'reassign') {
    const from = whole(words[2], -S32, S32 - 1)
    const to = whole(words[3], -S32, S32 - 1)
    if (from === undefined || to === undefined) return line(BAD_FORMAT)
    if (from === to) return line('SAME src and dst class are identical')
    if (from > 63 || to > 63 || from < -1 || to < 0) return line('BADCLASS invalid src or dst class id')
    return line('NOSPARE source class has no spare pages')
  }
  if (words[1] === 'automove' && words.length >= 3) {
    if (words[2] === 'ratio') return line(words.length === 4 ? 'OK' : 'ERROR')
    return line(whole(words[2], 0, U32) === undefined ? BAD_FORMAT : 'OK')
  }
  return line('ERROR')
}

const crawler: Command = (words, m) => {
  const [, what, which] = words
  if (what === 'metadump' || what === 'mgdump') {
    if (words.length !== 3) return line('ERROR')
    const ids = which === 'all' || which === 'hash' ? undefined : which!.split(',').map(Number)
    if (ids?.some(id => !(id >= 1 && id <= 63))) return line('BADCLASS invalid class id')
    return { reply: metadump(m, ids) }
  }
  if (what === 'crawl') return line(words.length === 3 ? 'OK' : 'ERROR')
  if (what === 'sleep' || what === 'tocrawl') return line(whole(which, 0, 1e6) === undefined ? BAD_FORMAT : 'OK')
  if (words.length === 2 && what === 'enable') return line('ERROR failed to start lru crawler thread')
  return line(words.length === 2 && what === 'disable' ? 'OK' : 'ERROR')
}

const lru: Command = ([, what, ...rest]) => {
  if (what === 'mode') return line(rest[0] === 'flat' || rest[0] === 'segmented' ? 'OK' : 'ERROR')
  if (what === 'tune') return line(rest.length === 4 ? 'OK' : 'ERROR')
  if (what === 'temp_ttl') return line(rest.length === 1 ? 'OK' : 'ERROR')
  return line('ERROR')
}

const commands = new Map<string, Command>([
  ['get', ([, ...keys], m) => values(keys, m, false)],
  ['bget', ([, ...keys], m) => values(keys, m, false)],
  ['gets', ([, ...keys], m) => values(keys, m, true)],
  ['gat', getAndTouch(false)],
  ['gats', getAndTouch(true)],
  ...(['set', 'add', 'replace', 'append', 'prepend', 'cas'] as const).map(
    verb => [verb, storage(verb)] as [string, Command],
  ),
  ['incr', arithmetic(true)],
  ['decr', arithmetic(false)],
  ['delete', remove],
  ['touch', touch],
  ['flush_all', flushAll],
  ['stats', (words, m) => ({ reply: stats(words.slice(1), m) })],
  ['version', (_, { cx }) => line(`VERSION ${cx.persona.software.memcached.version}`)],
  ['quit', () => ({ reply: '', close: true })],
  ['shutdown', fixed('ERROR: shutdown not enabled')],
  ['verbosity', verbosity],
  ['cache_memlimit', memoryLimit],
  ['slabs', slabs],
  ['lru_crawler', crawler],
  ['lru', lru],
  ['watch', fixed('OK')],
  ['refresh_certs', fixed('Error TLS not enabled')],
])
