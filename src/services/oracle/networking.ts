/** First bytes of the advanced networking option (ANO), which negotiates encryption, checksums and authentication. */
export const MAGIC = 0xdeadbeef

const service = { authentication: 1, encryption: 2, integrity: 3, supervisor: 4 } as const
/** Types of the values that services send. */
const kind = { raw: 1, byte: 2, version: 5, status: 6 } as const

const value = (type: number, bytes: Buffer): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(bytes.length, 0)
  head.writeUInt16BE(type, 2)
  return Buffer.concat([head, bytes])
}
const part = (type: number, values: readonly Buffer[]): Buffer => {
  const head = Buffer.alloc(8)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(values.length, 2)
  return Buffer.concat([head, ...values])
}

/** An answer that turns every service of the option down: no authentication but by password, no encryption, no checksums. */
export function declined(version: string): Buffer {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const own = value(kind.version, Buffer.of(major, minor << 4, 0, 0))
  // The services that the supervisor names, as an array of 16 bit numbers.
  const named = Buffer.from('deadbeef00030000000200040001', 'hex')
  const parts = [
    part(service.supervisor, [own, value(kind.status, Buffer.of(0, 0x1f)), value(kind.raw, named)]),
    part(service.authentication, [own, value(kind.status, Buffer.of(0xfb, 0xff))]),
    part(service.encryption, [own, value(kind.byte, Buffer.of(0))]),
    part(service.integrity, [own, value(kind.byte, Buffer.of(0))]),
  ]
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(13)
  head.writeUInt32BE(MAGIC, 0)
  head.writeUInt16BE(head.length + body.length, 4)
  own.copy(head, 6, 4)
  head.writeUInt16BE(parts.length, 10)
  return Buffer.concat([head, body])
}
