import { classOf, expiry, ITEM_MAX, type Item, KEY_MAX, needed, sizeOf } from './cache.ts'
import { count, type Memcached } from './server.ts'
import { addDelta, BAD_CHUNK, BAD_FORMAT, type Step, store, TOO_LARGE, type Verb, whole } from './text.ts'

/** The meta commands (doc/protocol.txt of memcached 1.6, "Meta Commands"): a key and one-letter flags, answered in their order. */

type Flags = { key: string; shown: string; base64: boolean; list: readonly string[]; quiet: boolean }
type Meta = (words: readonly string[], m: Memcached) => Step

const line = (text: string): Step => ({ reply: `${text}\r\n` })
const U64 = 2n ** 64n - 1n
/** Two of the commands do not tell which. */
const EITHER = 'CLIENT_ERROR invalid or duplicate flag'

/** The command of `words`, if it is one of these. */
export const meta = (words: readonly string[], m: Memcached): Step | undefined =>
  commands.get(words[0] ?? '')?.(words, m)

/** Key and flags of `words` from `at` on; a string when they are wrong. */
function flagsOf(words: readonly string[], at: number, known: string, wrong?: string): Flags | string {
  const shown = words[1] ?? ''
  if (shown.length > KEY_MAX) return BAD_FORMAT
  const list = words.slice(at)
  const letters = list.map(flag => flag[0]!)
  if (new Set(letters).size < letters.length) return wrong ?? 'CLIENT_ERROR duplicate flag'
  const base64 = letters.includes('b')
  const key = base64 ? Buffer.from(shown, 'base64').toString('latin1') : shown
  if (base64 && (!/^[A-Za-z0-9+/]+={0,2}$/.test(shown) || key === '')) return 'CLIENT_ERROR error decoding key'
  if (letters.some(letter => !known.includes(letter))) return wrong ?? 'CLIENT_ERROR invalid flag'
  return { key, shown, base64, list, quiet: letters.includes('q') }
}
const tokenOf = (flags: Flags, letter: string) => flags.list.find(flag => flag[0] === letter)?.slice(1)
const has = (flags: Flags, letter: string) => flags.list.some(flag => flag[0] === letter)

const seconds = (at: number, now: number) => (at === 0 ? -1 : Math.max(0, Math.ceil((at - now) / 1000)))

/** The flags of an answer: what each of the request's asks for. `hit`: fetched before this. */
function answered(flags: Flags, item: Item | undefined, hit: boolean, idle: number, now: number): string {
  let out = ''
  for (const flag of flags.list) {
    const letter = flag[0]!
    if (letter === 'O') out += ` ${flag}`
    else if (letter === 'k') out += ` k${flags.key}`
    else if (!item) continue
    else if (letter === 'b') out += ''
    else if (letter === 'c') out += ` c${item.cas}`
    else if (letter === 'f') out += ` f${item.flags}`
    else if (letter === 'h') out += ` h${hit ? 1 : 0}`
    else if (letter === 'l') out += ` l${idle}`
    else if (letter === 's') out += ` s${item.data.length}`
    else if (letter === 't') out += ` t${seconds(item.expires, now)}`
  }
  return out
}

const get: Meta = (words, m) => {
  const flags = flagsOf(words, 2, 'bcfhklOqstvENRT')
  if (typeof flags === 'string') return line(flags)
  const numbers = new Map<string, number>()
  for (const letter of 'NRT') {
    const text = tokenOf(flags, letter)
    if (text === undefined) continue
    const number = whole(text, -(2 ** 31), 2 ** 31 - 1)
    if (number === undefined) return line('CLIENT_ERROR bad token in command line format')
    numbers.set(letter, number)
  }
  const now = m.cx.now()
  const { cache } = m.server
  count(m, 'cmd_get')
  count(m, 'cmd_meta')
  const [vivify, recache, touch] = ['N', 'R', 'T'].map(letter => numbers.get(letter))
  let item = cache.peek(flags.key, now)
  let marks = ''
  if (!item && vivify !== undefined) {
    item = {
      key: flags.key,
      flags: 0,
      expires: expiry(vivify, now),
      data: '',
      cas: cache.nextCas(),
      stored: now,
      accessed: now,
      fetched: false,
      won: true,
    }
    cache.put(item)
    count(m, 'get_misses')
    marks = ' W'
  } else if (!item) {
    count(m, 'get_misses')
    return { reply: flags.quiet ? '' : `EN${answered(flags, undefined, false, 0, now)}\r\n` }
  } else {
    count(m, 'get_hits')
    const due = recache !== undefined && item.expires !== 0 && (item.expires - now) / 1000 < recache
    if (item.stale) marks += ' X'
    if (item.won) marks = ` Z${marks}`
    else if (item.stale || due) {
      item.won = true
      marks += ' W'
    }
  }
  if (touch !== undefined) {
    item.expires = expiry(touch, now)
    count(m, 'cmd_touch')
    count(m, 'touch_hits')
  }
  const idle = Math.floor((now - item.accessed) / 1000)
  const said = answered(flags, item, item.fetched, idle, now) + marks
  item.fetched = true
  item.accessed = now
  if (!has(flags, 'v')) return { reply: flags.quiet && said === '' ? '' : `HD${said}\r\n` }
  return { reply: `VA ${item.data.length}${said}\r\n${item.data}\r\n` }
}

const modes = new Map<string, Verb>([
  ['E', 'add'],
  ['A', 'append'],
  ['P', 'prepend'],
  ['R', 'replace'],
  ['S', 'set'],
])

const set: Meta = (words, m) => {
  if (words.length < 3) return line(BAD_FORMAT)
  const flags = flagsOf(words, 3, 'bcCFIkMOqT')
  if (typeof flags === 'string') return line(flags)
  const length = whole(words[2], 0, 2 ** 31 - 3)
  if (length === undefined) return line(BAD_FORMAT)
  const refuse = (why: string): Step => ({ swallow: length + 2, reply: `${why}\r\n` })
  const client = whole(tokenOf(flags, 'F') ?? '0', 0, 2 ** 32 - 1)
  const exptime = whole(tokenOf(flags, 'T') ?? '0', -(2 ** 31), 2 ** 31 - 1)
  const cas = whole(tokenOf(flags, 'C') ?? '0', 0, 2 ** 64)
  if (client === undefined) return refuse(BAD_FORMAT)
  if (exptime === undefined || cas === undefined) return refuse('CLIENT_ERROR bad token in command line format')
  const mode = tokenOf(flags, 'M')
  const verb = mode === undefined ? 'set' : modes.get(mode.slice(0, 1).toUpperCase())
  if (mode !== undefined && mode.length !== 1) return refuse('CLIENT_ERROR incorrect length for M token')
  if (verb === undefined) return refuse('CLIENT_ERROR invalid mode for ms M token')
  if (needed(flags.key, client, length) > ITEM_MAX) {
    count(m, 'store_too_large')
    m.server.cache.remove(flags.key)
    return refuse(TOO_LARGE)
  }
  return {
    want: length + 2,
    finish(value) {
      count(m, 'cmd_set')
      count(m, 'cmd_meta')
      if (!value.endsWith('\r\n')) return `${BAD_CHUNK}\r\n`
      const now = m.cx.now()
      const item: Item = {
        key: flags.key,
        flags: client,
        expires: expiry(exptime, now),
        data: value.slice(0, -2),
        cas: 0,
        stored: now,
        accessed: now,
        fetched: false,
      }
      const outcome = store(cas !== 0 && verb === 'set' ? 'cas' : verb, item, cas, m)
      const code = outcomes[outcome]
      const kept = m.server.cache.peek(flags.key, now)
      if (flags.quiet && code === 'HD') return ''
      return `${code}${answered(flags, outcome === 'STORED' ? kept : undefined, false, 0, now)}\r\n`
    },
  }
}
const outcomes = { STORED: 'HD', NOT_STORED: 'NS', EXISTS: 'EX', NOT_FOUND: 'NF' } as const

const remove: Meta = (words, m) => {
  const flags = flagsOf(words, 2, 'bCIkOqT', EITHER)
  if (typeof flags === 'string') return line(flags)
  const now = m.cx.now()
  const item = m.server.cache.peek(flags.key, now)
  const cas = whole(tokenOf(flags, 'C') ?? '0', 0, 2 ** 64)
  if (cas === undefined) return line('CLIENT_ERROR bad token in command line format')
  const said = answered(flags, undefined, false, 0, now)
  if (!item) {
    count(m, 'delete_misses')
    return line(`NF${said}`)
  }
  if (cas !== 0 && cas !== item.cas) return line(`EX${said}`)
  if (has(flags, 'I')) {
    item.stale = true
    item.won = false
    const exptime = whole(tokenOf(flags, 'T'), -(2 ** 31), 2 ** 31 - 1)
    if (exptime !== undefined) item.expires = expiry(exptime, now)
    item.cas = m.server.cache.nextCas()
  } else {
    m.server.cache.remove(flags.key)
    count(m, 'delete_hits')
  }
  return { reply: flags.quiet ? '' : `HD${said}\r\n` }
}

const arithmetic: Meta = (words, m) => {
  const flags = flagsOf(words, 2, 'bcCDJkMNOqtTv', EITHER)
  if (typeof flags === 'string') return line(flags)
  const now = m.cx.now()
  const { cache } = m.server
  const delta = tokenOf(flags, 'D') ?? '1'
  const initial = tokenOf(flags, 'J') ?? '0'
  const vivify = tokenOf(flags, 'N')
  const numeric = (text: string) => /^\d{1,20}$/.test(text) && BigInt(text) <= U64
  if (!numeric(delta)) return line(EITHER)
  if (!numeric(initial)) return line('CLIENT_ERROR invalid numeric initial value')
  const mode = tokenOf(flags, 'M') ?? 'I'
  if (!/^[iI+dD-]$/.test(mode)) return line('CLIENT_ERROR invalid mode for ma M token')
  const up = /[iI+]/.test(mode)
  let item = cache.peek(flags.key, now)
  count(m, up ? (item ? 'incr_hits' : 'incr_misses') : item ? 'decr_hits' : 'decr_misses')
  if (!item) {
    const ttl = whole(vivify, -(2 ** 31), 2 ** 31 - 1)
    if (vivify !== undefined && ttl === undefined) return line('CLIENT_ERROR bad token in command line format')
    if (ttl === undefined) return line(`NF${answered(flags, undefined, false, 0, now)}`)
    item = {
      key: flags.key,
      flags: 0,
      expires: expiry(ttl, now),
      data: initial,
      cas: cache.nextCas(),
      stored: now,
      accessed: now,
      fetched: false,
    }
    cache.put(item)
  } else {
    const cas = whole(tokenOf(flags, 'C') ?? '0', 0, 2 ** 64)
    if (cas) {
      if (cas !== item.cas) return line(`EX${answered(flags, undefined, false, 0, now)}`)
    }
    if (addDelta(item, BigInt(delta), up, m) === undefined)
      return line('CLIENT_ERROR cannot increment or decrement non-numeric value')
    const exptime = whole(tokenOf(flags, 'T'), -(2 ** 31), 2 ** 31 - 1)
    if (exptime !== undefined) item.expires = expiry(exptime, now)
  }
  const said = answered(flags, item, item.fetched, 0, now)
  if (has(flags, 'v')) return { reply: `VA ${item.data.trimEnd().length}${said}\r\n${item.data.trimEnd()}\r\n` }
  return { reply: flags.quiet ? '' : `HD${said}\r\n` }
}

const debug: Meta = (words, m) => {
  const flags = flagsOf(words, 2, 'b')
  if (typeof flags === 'string') return line(flags)
  const now = m.cx.now()
  const item = m.server.cache.peek(flags.key, now)
  if (!item) return line('EN')
  const idle = Math.floor((now - item.accessed) / 1000)
  return line(
    `ME ${flags.shown} exp=${item.expires === 0 ? -1 : -seconds(item.expires, now)} la=${idle} cas=${item.cas} fetch=${item.fetched ? 'yes' : 'no'} cls=${classOf(item)} size=${sizeOf(item)}`,
  )
}

const withKey =
  (run: Meta): Meta =>
  (words, m) =>
    words.length < 2 ? line(words[0] === 'me' ? BAD_FORMAT : 'ERROR') : run(words, m)

const commands = new Map<string, Meta>([
  ['mn', () => line('MN')],
  ['mg', withKey(get)],
  ['ms', withKey(set)],
  ['md', withKey(remove)],
  ['ma', withKey(arithmetic)],
  ['me', withKey(debug)],
])
