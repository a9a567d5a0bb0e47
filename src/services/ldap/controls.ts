import { Malformed } from '#codec/malformed.ts'
import { Code, type Control, Reader, type Result, refused } from './wire.ts'

/** Controls that requests bear (RFC 4511 §4.1.11), as far as Debian's slapd knows them. */

/** Where a paged search goes on (RFC 2696): behind the entry of this number. */
export type Paging = { size: number; after: number }
export type Wishes = { list: readonly Control[]; paging?: Paging }

const MOST = 32

export function readControls(content: Buffer | undefined): Control[] {
  if (!content) return []
  const found: Control[] = []
  for (const { tag, content: one } of new Reader(content).rest()) {
    if (tag !== 0x30 || found.length >= MOST) throw new Malformed('No list of controls')
    const reader = new Reader(one)
    const oid = reader.text()
    const critical = reader.tag === 0x01 ? reader.boolean() : false
    const value = reader.tag === 0x04 ? reader.expect(0x04) : undefined
    if (reader.left > 0) throw new Malformed('A control with something behind its value')
    found.push({ oid, critical, value })
  }
  return found
}

/** Operations by the tag of their request. */
const BIND = 0x60
const SEARCH = 0x63
const updates = [0x66, 0x68, 0x4a, 0x6c]

const PAGED = '1.2.840.113556.1.4.319'
/** What slapd has, whose name it has in its complaints, and for which operations. */
const known = new Map<string, { name: string; value: boolean; for: readonly number[] }>([
  ['2.16.840.1.113730.3.4.2', { name: 'manageDSAit', value: false, for: [SEARCH, 0x6e, ...updates] }],
  ['2.16.840.1.113730.3.4.18', { name: 'proxy authorization', value: true, for: [SEARCH, 0x6e, 0x77, ...updates] }],
  ['1.3.6.1.4.1.4203.1.10.1', { name: 'subentries', value: true, for: [SEARCH] }],
  ['1.3.6.1.1.22', { name: 'dontUseCopy', value: false, for: [SEARCH, 0x6e] }],
  [PAGED, { name: 'paged results', value: true, for: [SEARCH] }],
  ['1.2.826.0.1.3344810.2.3', { name: 'valuesReturnFilter', value: true, for: [SEARCH] }],
  ['1.3.6.1.1.13.2', { name: 'postread', value: true, for: updates }],
  ['1.3.6.1.1.13.1', { name: 'preread', value: true, for: updates }],
  ['1.3.6.1.1.12', { name: 'assert', value: true, for: [SEARCH, 0x6e, ...updates] }],
])

/** What the controls ask for, or why the operation is not carried out. */
export function judge(list: readonly Control[], operation: number): Wishes | Result {
  const seen = new Set<string>()
  let paging: Paging | undefined
  for (const { oid, critical, value } of list) {
    const about = known.get(oid)
    if (!about) {
      if (critical) return refused(Code.unavailableCriticalExtension, 'critical extension is not recognized')
      continue
    }
    if (!about.for.includes(operation) || operation === BIND) {
      if (critical) return refused(Code.unavailableCriticalExtension, 'critical extension is unavailable')
      continue
    }
    if (seen.has(oid)) return refused(Code.protocolError, `${about.name} control specified multiple times`)
    seen.add(oid)
    if (about.value && value === undefined) return refused(Code.protocolError, `${about.name} control value is absent`)
    if (!about.value && value !== undefined)
      return refused(
        Code.protocolError,
        oid.endsWith('3.4.2') ? 'manageDSAit control value not absent' : `${about.name} control value not absent`,
      )
    if (oid === PAGED) {
      const page = readPaging(value!)
      if ('code' in page) return page
      paging = page
    }
  }
  return { list, ...(paging ? { paging } : {}) }
}

function readPaging(value: Buffer): Paging | Result {
  try {
    const reader = new Reader(new Reader(value).expect(0x30))
    const size = reader.integer()
    const cookie = reader.expect(0x04)
    if (size < 0) return refused(Code.protocolError, 'paged results control size invalid')
    if (cookie.length === 0) return { size, after: 0 }
    // The number of the last entry sent, as it lies in memory; what is no number of ours is old.
    if (cookie.length !== 8 || cookie.readUInt32LE(4) !== 0)
      return refused(Code.unwillingToPerform, 'paged results cookie is invalid or old')
    return { size, after: cookie.readUInt32LE(0) }
  } catch (error) {
    if (error instanceof Malformed) return refused(Code.protocolError, 'paged results control could not be decoded')
    throw error
  }
}
