import { Out } from './out.ts'

/** Protocol versions, each from its first revision on; a session has what LOGIN7 settled (0x74000004). MS-TDS 2.2.7.14 */
export const TDS = { v70: 0x70000000, v71: 0x71000000, v72: 0x72000000, v73: 0x730a0000, v74: 0x74000000 } as const

export const token = {
  offset: 0x78,
  returnStatus: 0x79,
  columns: 0x81,
  order: 0xa9,
  error: 0xaa,
  info: 0xab,
  returnValue: 0xac,
  loginAck: 0xad,
  features: 0xae,
  row: 0xd1,
  change: 0xe3,
  sspi: 0xed,
  done: 0xfd,
  doneProcedure: 0xfe,
  doneWithin: 0xff,
} as const

/** Bits of DONE (2.2.7.6). */
export const doneBit = { more: 0x01, error: 0x02, transaction: 0x04, count: 0x10, attention: 0x20 } as const

/** What the server says beside rows: number, class (severity) and state as SQL Server's documentation lists them. */
export type Notice = {
  number: number
  state: number
  class: number
  text: string
  procedure?: string
  line?: number
}

const behindLength = (id: number, body: Buffer): Buffer => new Out().u8(id).u16(body.length).bytes(body).done

/** ERROR from class 11 on, INFO below. Texts before TDS 7 have a byte a character. */
export function notice(said: Notice, server: string, version: number): Buffer {
  const body = new Out().u32(said.number).u8(said.state).u8(said.class)
  const line = said.line ?? 1
  if (version < TDS.v70) {
    const latin = (text: string) => Buffer.from(text, 'latin1')
    const [words, name, procedure] = [latin(said.text), latin(server), latin(said.procedure ?? '')]
    body.u16(words.length).bytes(words).u8(name.length).bytes(name).u8(procedure.length).bytes(procedure).u16(line)
  } else {
    body
      .long(said.text.slice(0, 4000))
      .short(server)
      .short(said.procedure ?? '')
    if (version >= TDS.v72) body.u32(line)
    else body.u16(line)
  }
  return behindLength(said.class > 10 ? token.error : token.info, body.done)
}

export function done(id: number, version: number, status: number, count = 0n, command = 0): Buffer {
  const out = new Out().u8(id).u16(status).u16(command)
  return (version >= TDS.v72 ? out.u64(count) : out.u32(Number(BigInt.asUintN(32, count)))).done
}

/** Kinds of ENVCHANGE (2.2.7.9). */
export const change = { database: 1, language: 2, packet: 4, collation: 7, begin: 8, commit: 9, rollback: 10 } as const

export const changed = (kind: number, now: string, before: string): Buffer =>
  behindLength(token.change, new Out().u8(kind).short(now).short(before).done)
export const changedBytes = (kind: number, now: Buffer, before: Buffer): Buffer =>
  behindLength(token.change, new Out().u8(kind).u8(now.length).bytes(now).u8(before.length).bytes(before).done)

/** Before TDS 7 texts are of single bytes. */
export const changedOld = (kind: number, now: string, before: string): Buffer => {
  const part = (text: string) => new Out().u8(text.length).bytes(Buffer.from(text, 'latin1')).done
  return behindLength(token.change, new Out().u8(kind).bytes(part(now)).bytes(part(before)).done)
}

/** LOGINACK: the version that was agreed on, and the product's own (`16.0.4175.1`). */
export function loginAck(version: number, product: string): Buffer {
  const [major = 0, minor = 0, build = 0] = product.split('.').map(Number)
  const name = 'Microsoft SQL Server\0\0'
  const out = new Out().u8(1)
  const number = Buffer.alloc(4)
  number.writeUInt32BE(version >>> 0)
  out.bytes(number)
  if (version < TDS.v70) out.u8(name.length).bytes(Buffer.from(name, 'latin1'))
  else out.short(name)
  return behindLength(
    token.loginAck,
    out
      .u8(major)
      .u8(minor)
      .u8(build >> 8)
      .u8(build).done,
  )
}

export const sspi = (message: Buffer): Buffer => behindLength(token.sspi, message)
export const returnStatus = (value: number): Buffer => new Out().u8(token.returnStatus).u32(value).done

/** FEATUREEXTACK: identifiers with their data. */
export function features(acknowledged: readonly (readonly [number, Buffer])[]): Buffer {
  const out = new Out().u8(token.features)
  for (const [id, data] of acknowledged) out.u8(id).u32(data.length).bytes(data)
  return out.u8(0xff).done
}
