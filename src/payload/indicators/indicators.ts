import { isIPv6 } from 'node:net'
import { commandsIn, downloadsIn, urlsIn } from '#codec/downloads.ts'
import { textShare } from '../content.ts'
import { undisguise } from '../undisguise.ts'
import { secretsIn } from './secrets.ts'
import { walletsIn } from './wallets.ts'

/** Something in a payload that leads on: `kind` is `url`, `ipv4`, `domain`, `bitcoin`, `ssh-key`, `command` … */
export type Indicator = { kind: string; value: string }

/** Bytes of a text that are looked at, indicators of one kind and in all, characters of one. */
const LOOKED_AT = 256 << 10
const OF_A_KIND = 16
const IN_ALL = 64
const LONGEST = 512

/** Names of which bare words may end; a file's ending (`sh`, `py`, `zip`) is not taken for one. */
const TOP =
  'com|net|org|info|biz|io|ru|cn|top|xyz|cc|tk|me|co|de|nl|uk|fr|it|es|br|in|jp|kr|ua|site|online|pro|su|fun|live|club|tech|space|shop|dev|app|cloud|host|icu|gg|to|vip|link|work|example|test|oast'
const domain = new RegExp(
  `(?<![\\w.@-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.){1,8}(?:${TOP})(?![\\w-]|\\.\\w)`,
  'gi',
)
const onion = /(?<![\w.-])(?:[a-z2-7]{56}|[a-z2-7]{16})\.onion(?::\d{1,5})?(?!\w)/gi
const email = /(?<![\w.+-])[a-z0-9](?:[\w.+-]{0,63})@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])/gi
// A product's version (`Chrome/120.0.0.0`) is no address: it stands behind a word and a slash.
const ipv4 =
  /(?<![\w.]|[a-z)]\/|\bv)(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}(?::\d{1,5})?(?![\w]|\.\d)/gi
const ipv6 = /(?<![\w:.])(?:\[[0-9a-f:.]{3,45}\](?::\d{1,5})?|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:])/gi
const pool = /(?:\s-o\s{1,4}|--url[= ]|"url"\s{0,4}:\s{0,4}")([\w.-]{4,80}:\d{2,5})\b/g

/** Ways to write an address so that nobody clicks, or finds it: `hxxp`, `[.]`, quotes and carets in the middle of words. */
function straightened(text: string): string {
  let straight = text
  if (/hxxp/i.test(straight)) straight = straight.replace(/hxxp/gi, 'http')
  if (/[[({](?:\.|dot|:)/i.test(straight))
    straight = straight.replace(/\[(?:\.|dot)\]|\((?:\.|dot)\)|\{\.\}/gi, '.').replace(/\[:\]/g, ':')
  if (straight.includes('IFS')) straight = straight.replace(/\$\{IFS(?:%\?\?|[^}]{0,8})?\}|\$IFS(?:\$\d)?/g, ' ')
  if (/["'^`]/.test(straight))
    straight = straight.replace(/(?<=[\w:/.])(?:""|''|["']\s{0,4}[+.]\s{0,4}["']|\^|`(?=\w))(?=[\w:/.])/g, '')
  return straight
}

/** Bytes as text; of what is no text only the runs that may be meant as such, a line each, as strings(1) finds them. */
function readable(bytes: Buffer): string {
  const whole = bytes.toString('latin1')
  return textShare(bytes) > 0.9 ? whole : (whole.match(/[\t\x20-\x7e]{6,}/g) ?? []).join('\n')
}

/** What leads on from some texts: each once, in the order of kinds and of texts. Bounded in number and length. */
export function indicatorsIn(texts: readonly (string | Buffer)[]): Indicator[] {
  const found = new Map<string, Set<string>>()
  const add = (kind: string, value: string) => {
    const own = found.get(kind) ?? new Set()
    found.set(kind, own)
    if (own.size < OF_A_KIND) own.add(value.length > LONGEST ? value.slice(0, LONGEST) : value)
  }
  for (const text of texts) {
    const plain = typeof text === 'string' ? text.slice(0, LOOKED_AT) : readable(text.subarray(0, LOOKED_AT))
    const straight = straightened(undisguise(plain))
    look(straight, add)
    if (plain !== straight) for (const { kind, value } of secretsIn(plain)) add(kind, value)
  }
  const all = Array.from(found, ([kind, values]) => [...values].map(value => ({ kind, value }))).flat()
  return all.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)).slice(0, IN_ALL)
}

/** Keys, wallets and all else that is seldom stand before these. */
const order = ['url', 'pool', 'command', 'onion', 'domain', 'email', 'ipv4', 'ipv6']

function look(text: string, add: (kind: string, value: string) => void): void {
  for (const { kind, value } of secretsIn(text)) add(kind, value)
  for (const { coin, address } of walletsIn(text)) add(coin, address)
  if (text.includes('://')) for (const url of urlsIn(text)) add(/^stratum/i.test(url) ? 'pool' : 'url', url)
  for (const { url, tool } of downloadsIn(text)) if (tool !== 'url') add('url', url)
  for (const command of commandsIn(text)) add('command', command)
  for (const [, place] of text.matchAll(pool)) add('pool', place!)
  if (text.includes('.')) {
    for (const [name] of text.matchAll(domain)) add('domain', name.toLowerCase())
    for (const [address] of text.matchAll(ipv4)) if (isRemote(address)) add('ipv4', address)
  }
  if (/\.onion/i.test(text)) for (const [name] of text.matchAll(onion)) add('onion', name.toLowerCase())
  if (text.includes('@')) for (const [address] of text.matchAll(email)) add('email', address)
  if (/:[0-9a-f]{0,4}:/i.test(text))
    for (const [address] of text.matchAll(ipv6)) {
      const bare = /^\[(.*)\]/.exec(address)?.[1] ?? address
      if (bare.length > 4 && isIPv6(bare) && !/^(?:::1?|::ffff:0.*)$/.test(bare)) add('ipv6', address)
    }
}

/** Everybody's own addresses, and none, lead nowhere. */
const isRemote = (address: string): boolean => !/^(?:0|127)\.|^255\.255\.|\.0\.0\.0(?::|$)/.test(address)
