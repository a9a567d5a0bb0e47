import { Out } from './out.ts'

/** What a client sends, for tests: whole TDS packets. */
export const packet = (type: number, data: Buffer, status = 1): Buffer => {
  const head = Buffer.alloc(8)
  head[0] = type
  head[1] = status
  head.writeUInt16BE(data.length + 8, 2)
  head[6] = 1
  return Buffer.concat([head, data])
}

/** PRELOGIN as nmap's probe has it: version, encryption, instance, thread. */
export function prelogin(encryption: number, instance = 'MSSQLServer'): Buffer {
  const name = Buffer.from(`${instance}\0`, 'latin1')
  const values = [Buffer.from([8, 0, 1, 0x55, 0, 0]), Buffer.of(encryption), name, Buffer.from([0x48, 0x0f, 0, 0])]
  const head = Buffer.alloc(21, 0xff)
  let offset = 21
  for (const [i, value] of values.entries()) {
    head[i * 5] = i
    head.writeUInt16BE(offset, i * 5 + 1)
    head.writeUInt16BE(value.length, i * 5 + 3)
    offset += value.length
  }
  return packet(0x12, Buffer.concat([head, ...values]))
}

const hidden = (text: string): Buffer =>
  Buffer.from(Buffer.from(text, 'utf16le').map(byte => (((byte << 4) | (byte >> 4)) & 255) ^ 0xa5))

/** LOGIN7 of a client that tells everything of itself. */
export function login7(
  user: string,
  password: string,
  { version = 0x74000004, database = '', sspi = Buffer.alloc(0) } = {},
): Buffer {
  const fields = [
    Buffer.from('WIN-2K19', 'utf16le'),
    Buffer.from(user, 'utf16le'),
    hidden(password),
    Buffer.from('OSQL-32', 'utf16le'),
    Buffer.from('203.0.113.80', 'utf16le'),
    Buffer.alloc(0),
    Buffer.from('ODBC', 'utf16le'),
    Buffer.alloc(0),
    Buffer.from(database, 'utf16le'),
  ]
  const head = Buffer.alloc(94)
  head.writeUInt32LE(version, 4)
  head.writeUInt32LE(4096, 8)
  head.writeUInt32LE(7, 12)
  head.writeUInt32LE(4711, 16)
  head[24] = 0xe0
  head[25] = sspi.length ? 0x83 : 0x03
  let offset = head.length
  const place = (at: number, value: Buffer, unit: number) => {
    head.writeUInt16LE(offset, at)
    head.writeUInt16LE(value.length / unit, at + 2)
    offset += value.length
  }
  for (const [i, field] of fields.entries()) place(36 + i * 4, field, 2)
  head.write('0050569a1b2c', 72, 'hex')
  place(78, sspi, 1)
  place(82, Buffer.alloc(0), 2)
  place(86, Buffer.alloc(0), 2)
  const data = Buffer.concat([head, ...fields, sspi])
  data.writeUInt32LE(data.length, 0)
  return packet(0x10, data)
}

/** The headers that TDS 7.2 puts before requests: a transaction's. */
const headers = Buffer.from('16000000120000000200000000000000000001000000', 'hex')
export const batch = (sql: string): Buffer => packet(1, Buffer.concat([headers, Buffer.from(sql, 'utf16le')]))

/** An RPC by number with texts as its parameters. */
export function rpc(procedure: number, ...texts: string[]): Buffer {
  const out = new Out().bytes(headers).u16(0xffff).u16(procedure).u16(0)
  for (const text of texts) {
    const bytes = Buffer.from(text, 'utf16le')
    out.u8(0).u8(0).u8(0xe7).u16(8000).bytes(Buffer.from('0904d00034', 'hex')).u16(bytes.length).bytes(bytes)
  }
  return packet(3, out.done)
}
