import { Malformed } from './malformed.ts'

/** NTLM's messages (MS-NLMP 2.2.1), as far as a server needs them. Lengths and offsets are little-endian. */
const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1')

/** Negotiated by every server: Unicode strings, target named, NTLM, always sign, NTLMv2 session security, target info. */
const FLAGS = 0xe2_89_82_15 | 0
/** AV_PAIR ids (2.2.2.1). */
const AV = { end: 0, computer: 1, domain: 2, dnsComputer: 3, dnsDomain: 4, dnsTree: 5, timestamp: 7 } as const

/** Who the server says it is; `build` as in `10.0.17763`. */
export type NtlmTarget = {
  domain: string
  computer: string
  dnsDomain: string
  dnsComputer: string
  version?: readonly [major: number, minor: number, build: number]
  /** Milliseconds since the epoch. */
  now: number
}

/** 1: NEGOTIATE, 3: AUTHENTICATE; `undefined` when these bytes are no NTLM message. */
export const ntlmType = (message: Buffer): number | undefined =>
  message.length >= 12 && message.subarray(0, 8).equals(SIGNATURE) ? message.readUInt32LE(8) : undefined

/** A CHALLENGE_MESSAGE (2.2.1.2) with these eight bytes as its challenge. */
export function ntlmChallenge(target: NtlmTarget, challenge: Buffer): Buffer {
  const text = (value: string) => Buffer.from(value, 'utf16le')
  const pair = (id: number, value: Buffer) => {
    const head = Buffer.alloc(4)
    head.writeUInt16LE(id, 0)
    head.writeUInt16LE(value.length, 2)
    return Buffer.concat([head, value])
  }
  // FILETIME: 100 ns since 1601.
  const time = Buffer.alloc(8)
  time.writeBigUInt64LE((BigInt(Math.floor(target.now)) + 11_644_473_600_000n) * 10_000n)
  const info = Buffer.concat([
    pair(AV.domain, text(target.domain)),
    pair(AV.computer, text(target.computer)),
    pair(AV.dnsDomain, text(target.dnsDomain)),
    pair(AV.dnsComputer, text(target.dnsComputer)),
    pair(AV.dnsTree, text(target.dnsDomain)),
    pair(AV.timestamp, time),
    pair(AV.end, Buffer.alloc(0)),
  ])
  const name = text(target.domain)
  const head = Buffer.alloc(56)
  SIGNATURE.copy(head)
  head.writeUInt32LE(2, 8)
  field(head, 12, name.length, 56)
  head.writeInt32LE(FLAGS, 20)
  challenge.copy(head, 24, 0, 8)
  field(head, 40, info.length, 56 + name.length)
  const [major, minor, build] = target.version ?? [0, 0, 0]
  head[48] = major
  head[49] = minor
  head.writeUInt16LE(build, 50)
  head[55] = target.version ? 15 : 0
  return Buffer.concat([head, name, info])
}

const field = (head: Buffer, at: number, length: number, offset: number) => {
  head.writeUInt16LE(length, at)
  head.writeUInt16LE(length, at + 2)
  head.writeUInt32LE(offset, at + 4)
}

/** What an AUTHENTICATE_MESSAGE (2.2.1.3) gives away; `hash` in the form of hashcat's 5500 or 5600 and John's netntlm. */
export type NtlmAnswer = { user: string; domain: string; workstation: string; hash?: string }

/** Throws `Malformed` where lengths lead out of the message. */
export function ntlmAnswer(message: Buffer, challenge: Buffer): NtlmAnswer {
  if (ntlmType(message) !== 3 || message.length < 52) throw new Malformed('No NTLM AUTHENTICATE message')
  const part = (at: number): Buffer => {
    const [length, offset] = [message.readUInt16LE(at), message.readUInt32LE(at + 4)]
    if (offset + length > message.length) throw new Malformed('An NTLM field leads out of its message')
    return message.subarray(offset, offset + length)
  }
  const unicode = message.length < 64 || (message.readUInt32LE(60) & 1) === 1
  const text = (at: number) => part(at).toString(unicode ? 'utf16le' : 'latin1')
  const [lm, nt] = [part(12), part(20)]
  const [domain, user, workstation] = [text(28), text(36), text(44)]
  const hash = responseHash(user, domain, lm, nt, challenge.toString('hex'))
  return { user, domain, workstation, ...(hash === undefined ? {} : { hash }) }
}

function responseHash(user: string, domain: string, lm: Buffer, nt: Buffer, challenge: string): string | undefined {
  const hex = (bytes: Buffer) => bytes.toString('hex')
  if (nt.length === 24) return `${user}::${domain}:${hex(lm)}:${hex(nt)}:${challenge}`
  if (nt.length > 24) return `${user}::${domain}:${challenge}:${hex(nt.subarray(0, 16))}:${hex(nt.subarray(16))}`
  return undefined
}
