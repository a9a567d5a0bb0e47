import { Cursor } from '#codec/cursor.ts'
import { octetString, sequence, tlv } from '#codec/der.ts'
import { Malformed } from '#codec/malformed.ts'
import type { Conn } from '#sensor/conn.ts'

/** LDAP's messages (RFC 4511 §4, §5.1): BER with definite lengths only. Strings are Latin-1, a character a byte. */

/** Largest message that slapd takes (sockbuf_max_incoming, slapd.conf(5)); larger ones end the connection. */
export const MAX_MESSAGE = 262_143
/** Nested elements of one message that are looked at. */
const MAX_ELEMENTS = 20_000

export type Element = { tag: number; content: Buffer }

/** Reads elements left to right. */
export class Reader {
  #cursor: Cursor
  constructor(bytes: Buffer) {
    this.#cursor = new Cursor(bytes)
  }
  get left(): number {
    return this.#cursor.left
  }
  /** The next element's tag, without taking it. */
  get tag(): number | undefined {
    if (this.#cursor.left === 0) return undefined
    const tag = this.#cursor.u8()
    this.#cursor.back(1)
    return tag
  }
  next(): Element {
    const tag = this.#cursor.u8()
    let length = this.#cursor.u8()
    if (length & 0x80) {
      const octets = length & 0x7f
      if (octets === 0 || octets > 4) throw new Malformed(`Length in ${octets} bytes`)
      length = this.#cursor.bytes(octets).readUIntBE(0, octets)
    }
    return { tag, content: this.#cursor.bytes(length) }
  }
  expect(tag: number): Buffer {
    const found = this.next()
    if (found.tag !== tag) throw new Malformed(`Tag ${found.tag} where ${tag} belongs`)
    return found.content
  }
  text(tag = 0x04): string {
    return this.expect(tag).toString('latin1')
  }
  /** INTEGER or ENUMERATED of at most 32 bits. */
  integer(tag = 0x02): number {
    const content = this.expect(tag)
    if (content.length === 0 || content.length > 4) throw new Malformed(`An integer of ${content.length} bytes`)
    return content.readIntBE(0, content.length)
  }
  boolean(tag = 0x01): boolean {
    const content = this.expect(tag)
    if (content.length !== 1) throw new Malformed(`A boolean of ${content.length} bytes`)
    return content[0] !== 0
  }
  /** All elements that are left. */
  *rest(): Generator<Element> {
    for (let count = 0; this.left > 0; count++) {
      if (count >= MAX_ELEMENTS) throw new Malformed(`More than ${MAX_ELEMENTS} elements`)
      yield this.next()
    }
  }
}

export type Control = { oid: string; critical: boolean; value: Buffer | undefined }
/** `op` has the operation's tag. */
export type Message = { id: number; op: Element; controls: Buffer | undefined; whole: Buffer }

/** The next message; throws `Malformed` where slapd just closes. */
export async function readMessage(conn: Conn): Promise<Message> {
  const whole = await readElement(conn)
  if (whole.tag !== 0x30) throw new Malformed(`Tag ${whole.tag} is no message`)
  return messageOf(whole.content)
}
export function messageOf(content: Buffer): Message {
  const reader = new Reader(content)
  const id = reader.integer()
  const op = reader.next()
  const controls = reader.tag === 0xa0 ? reader.expect(0xa0) : undefined
  return { id, op, controls, whole: content }
}

async function readElement(conn: Conn): Promise<Element> {
  const head = await conn.read(2)
  // A tag of several octets is no message of LDAP's: what counts is that it ends.
  const tag = head[0]!
  let length = head[1]!
  if (length & 0x80) {
    const octets = length & 0x7f
    if (octets === 0 || octets > 4) throw new Malformed(`Length in ${octets} bytes`)
    length = (await conn.read(octets)).readUIntBE(0, octets)
  }
  if (length === 0) throw new Malformed('An empty message')
  if (length > MAX_MESSAGE) throw new Malformed(`A message of ${length} bytes`)
  return { tag, content: await conn.read(length) }
}

export const text = (value: string): Buffer => octetString(Buffer.from(value, 'latin1'))
/** A signed INTEGER, or another type that is encoded like it. */
export const integer = (value: number, tag = 0x02): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  let start = 0
  // X.690 §8.3.2: the first nine bits are not all alike.
  while (start < 3 && bytes[start] === (bytes[start + 1]! & 0x80 ? 0xff : 0)) start++
  return tlv(tag, bytes.subarray(start))
}
export const messageBytes = (id: number, ...parts: Buffer[]): Buffer => sequence(integer(id), ...parts)

/** Result codes (RFC 4511 appendix A) that are in use here. */
export const Code = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  compareFalse: 5,
  compareTrue: 6,
  authMethodNotSupported: 7,
  strongerAuthRequired: 8,
  unavailableCriticalExtension: 12,
  saslBindInProgress: 14,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  inappropriateMatching: 18,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  invalidAttributeSyntax: 21,
  noSuchObject: 32,
  invalidDNSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  unwillingToPerform: 53,
  namingViolation: 64,
  objectClassViolation: 65,
  notAllowedOnNonLeaf: 66,
  entryAlreadyExists: 68,
  objectClassModsProhibited: 69,
  affectsMultipleDSAs: 71,
  other: 80,
  noSuchOperation: 119,
} as const

/** What an operation comes to. `more`: fields behind the LDAPResult; `controls`: of the answer. */
export type Result = { code: number; matched?: string; text?: string; more?: Buffer[]; controls?: Buffer[] }
export const ok: Result = { code: Code.success }
export const refused = (code: number, text = '', matched = ''): Result => ({ code, text, matched })

/** LDAPResult under the tag of its operation (§4.1.9). */
export function resultBytes(
  id: number,
  tag: number,
  { code, matched = '', text: why = '', more = [], controls }: Result,
) {
  const op = tlv(tag, Buffer.concat([integer(code, 0x0a), text(matched), text(why), ...more]))
  return controls ? messageBytes(id, op, tlv(0xa0, Buffer.concat(controls))) : messageBytes(id, op)
}
/** A control of an answer. */
export const controlBytes = (oid: string, value: Buffer): Buffer => sequence(text(oid), octetString(value))

/** §4.4.1: what slapd says before it hangs up. */
export const noticeOfDisconnection = (why: string): Buffer =>
  resultBytes(0, 0x78, {
    code: Code.protocolError,
    text: why,
    more: [tlv(0x8a, Buffer.from('1.3.6.1.4.1.1466.20036'))],
  })
