import { attributeType, comparable } from './schema.ts'

/** Distinguished names (RFC 4514). Strings are Latin-1, a character a byte. */

export type Ava = { type: string; value: string }
export type Rdn = readonly Ava[]

/** RDNs of one name; more are not looked at. */
const MOST = 64

/** The parts of a name, the entry's own first; `undefined` when it is none. */
export function parseDn(text: string): Rdn[] | undefined {
  const rdns: Rdn[] = []
  let avas: Ava[] = []
  let at = 0
  if (text.trim() === '') return []
  for (;;) {
    const found = parseAva(text, at)
    if (!found) return undefined
    avas.push(found.ava)
    at = found.end
    const separator = text[at]
    if (separator === '+') at++
    else {
      rdns.push(avas)
      avas = []
      if (separator === undefined) return rdns
      if (separator !== ',' && separator !== ';') return undefined
      if (rdns.length >= MOST) return undefined
      at++
    }
  }
}

const kind = /[ ]{0,256}([A-Za-z][A-Za-z0-9-]{0,127}|\d{1,10}(?:\.\d{1,10}){1,30})[ ]{0,256}=[ ]{0,256}/y
function parseAva(text: string, from: number): { ava: Ava; end: number } | undefined {
  kind.lastIndex = from
  const found = kind.exec(text)
  const type = found && attributeType(found[1]!)
  if (!type) return undefined
  let at = kind.lastIndex
  let value = ''
  // Spaces at the end do not count, unless they are escaped.
  let solid = 0
  if (text[at] === '#') {
    const hex = /#((?:[0-9A-Fa-f]{2}){1,512})/y
    hex.lastIndex = at
    const bytes = hex.exec(text)
    if (!bytes) return undefined
    return {
      ava: { type: type.name, value: Buffer.from(bytes[1]!, 'hex').subarray(2).toString('latin1') },
      end: hex.lastIndex,
    }
  }
  for (; at < text.length && !',;+'.includes(text[at]!); at++) {
    const char = text[at]!
    if ('"<>'.includes(char) || char === '\0') return undefined
    if (char === '\\') {
      const pair = text.slice(at + 1, at + 3)
      if (/^[0-9A-Fa-f]{2}$/.test(pair)) {
        value += String.fromCharCode(Number.parseInt(pair, 16))
        at += 2
      } else if (at + 1 < text.length && ' "#+,;<=>\\'.includes(text[at + 1]!)) {
        value += text[at + 1]
        at++
      } else return undefined
      solid = value.length
    } else {
      value += char
      if (char !== ' ') solid = value.length
    }
  }
  const kept = value.slice(0, solid)
  if (kept === '' || comparable(type, kept) === undefined) return undefined
  return { ava: { type: type.name, value: kept }, end: at }
}

/** As slapd writes it: `cn=Admin,dc=Example`. */
export const formatRdn = (rdn: Rdn): string => rdn.map(({ type, value }) => `${type}=${escaped(value)}`).join('+')
export const formatDn = (rdns: readonly Rdn[]): string => rdns.map(formatRdn).join(',')

const escaped = (value: string): string =>
  value
    .replace(/[\\"+,;<>=]/g, char => `\\${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^[ #]| $/g, char => `\\${char.charCodeAt(0).toString(16)}`)

/** One form for all spellings of a name. */
export const normaliseRdn = (rdn: Rdn): string =>
  rdn
    .map(({ type, value }) => `${type.toLowerCase()}=${escaped(comparable(attributeType(type)!, value) ?? value)}`)
    .sort()
    .join('+')
export const normaliseRdns = (rdns: readonly Rdn[]): string => rdns.map(normaliseRdn).join(',')
export function normaliseDn(text: string): string | undefined {
  const rdns = parseDn(text)
  return rdns && normaliseRdns(rdns)
}
