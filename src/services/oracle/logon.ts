import { createHash } from 'node:crypto'
import { withoutTail } from '#codec/tail.ts'
import { text } from '#events/text.ts'
import type { Persona } from '#persona/persona.ts'
import { type Form, message, parameters } from './ttc.ts'

/** What a log-in call brings: the account, and values by name (`AUTH_TERMINAL`, `AUTH_PASSWORD` …). */
export type LogonCall = { user: string; values: Map<string, string>; form: Form }

const MOST_VALUES = 64
const LONGEST_NAME = 40
const LONGEST_USER = 128

/**
 * Reads a log-in call (`OSESSKEY` 0x76, `OAUTH` 0x73) by the names in it: what stands between them differs from one client
 * to the next, and lengths come in TTC's universal form or as 32 bits of the client's own order.
 */
export function readLogon(data: Buffer): LogonCall {
  const values = new Map<string, string>()
  let user: string | undefined
  let form: Form = 'universal'
  for (let from = 3; values.size < MOST_VALUES; ) {
    const found = ['AUTH_', 'SESSION_'].map(mark => data.indexOf(mark, from, 'latin1')).filter(at => at >= 0)
    if (found.length === 0) break
    const at = Math.min(...found)
    const length = data[at - 1]!
    const end = at + length
    if (length < 5 || length > LONGEST_NAME || end > data.length) {
      from = at + 5
      continue
    }
    // The length stands before the name twice: universal (01 0d) or as 32 bits (0d 00 00 00), then as the one byte.
    const universal = data[at - 3] === 1 && data[at - 2] === length
    if (user === undefined) form = universal ? 'universal' : 'own'
    const head = universal ? at - 3 : Math.max(0, at - 5)
    user ??= userBefore(data, head)
    const value = valueAt(data, end)
    values.set(withoutTail(data.toString('latin1', at, end), '\0'), text(value.bytes, 1024))
    from = Math.max(end, value.end)
  }
  return { user: user ?? '', values, form }
}

/** The account's name ends where the first value begins, behind its length. */
function userBefore(data: Buffer, end: number): string {
  for (let length = 1; length <= LONGEST_USER && end - length - 1 >= 3; length++)
    if (data[end - length - 1] === length) {
      const bytes = data.subarray(end - length, end)
      if (bytes.every(byte => byte >= 0x20 && byte !== 0x7f)) return text(bytes, LONGEST_USER)
    }
  return ''
}

function valueAt(data: Buffer, at: number): { bytes: Buffer; end: number } {
  const size = data[at] ?? 0
  const universal = size === 1 || size === 2 ? data.subarray(at + 1, at + 1 + size) : undefined
  const forms = [
    { length: universal?.length === size ? universal.readUIntBE(0, size) : 0, next: at + 1 + size },
    { length: size, next: at + 4 },
  ]
  for (const { length, next } of forms) {
    const end = next + 1 + length
    if (length === 0) continue
    if (data[next] === length && end <= data.length) return { bytes: data.subarray(next + 1, end), end }
    if (data[next] === 0xfe) {
      const whole = inPieces(data, next + 1)
      if (whole.bytes.length === length) return whole
    }
  }
  return { bytes: Buffer.alloc(0), end: at }
}

/** A value in pieces, each behind its length, up to an empty one. */
function inPieces(data: Buffer, from: number): { bytes: Buffer; end: number } {
  const pieces: Buffer[] = []
  let at = from
  while (at < data.length && data[at] !== 0) {
    pieces.push(data.subarray(at + 1, at + 1 + data[at]!))
    at += 1 + data[at]!
  }
  return { bytes: Buffer.concat(pieces), end: at + 1 }
}

/** What the server gives for a proof: an encrypted session key and the salt of the account's verifier, in capital hex. */
export type Challenge = { key: string; salt: string }

/** The verifier that salted SHA-1 makes, as 11g and later keep it. */
const VERIFIER = 0x1b25

/** A challenge to an account: the salt is the account's own at every visit, existing or not. */
export function challenge(persona: Persona, user: string, random: (bytes: number) => Buffer): Challenge {
  const salt = createHash('sha1').update(`${persona.machineId} ${user.toUpperCase()}`).digest('hex').slice(0, 20)
  return { key: hex(random(48)), salt: salt.toUpperCase() }
}

/** The challenge as the answer to OSESSKEY has it, before the end of the call. */
export function challengeAnswer({ key, salt }: Challenge, persona: Persona, form: Form): Buffer {
  const database = createHash('md5').update(`database ${persona.machineId}`).digest()
  return parameters(form, [
    ['AUTH_SESSKEY', key, 0],
    ['AUTH_VFR_DATA', salt, VERIFIER],
    ['AUTH_GLOBALLY_UNIQUE_DBID\0', hex(database), 0],
  ])
}

const hex = (bytes: Buffer) => bytes.toString('hex').toUpperCase()
const PROOF = /^(?:[0-9A-F]{32}){2,6}$/
const KEY = /^[0-9A-F]{96}$/

/**
 * The proof in the form of John's `o5logon`: server's session key, salt, encrypted password, client's session key. Neither key's
 * plain text need be known to try a password: it yields both keys, they the one that the password is encrypted with. There is no
 * hashcat mode for it.
 */
export function crackable({ key, salt }: Challenge, values: ReadonlyMap<string, string>): string | undefined {
  const password = (values.get('AUTH_PASSWORD') ?? '').toUpperCase()
  const clientKey = (values.get('AUTH_SESSKEY') ?? '').toUpperCase()
  if (!PROOF.test(password) || !KEY.test(clientKey)) return undefined
  return `$o5logon$${key}*${salt}*${password}*${clientKey}`
}

/** First bytes of a call: its message type and its function's number. */
export const functionOf = (data: Buffer): number | undefined => (data[0] === message.function ? data[1] : undefined)
