import { Cursor } from '#codec/cursor.ts'

/** Who wants in, and what they give away besides (MS-RDPBCGR §2.2.1.11). */
export type ClientInfo = {
  domain: string
  user: string
  password: string
  /** A program in place of the desktop. */
  shell: string
  directory: string
  /** The client's own idea of its address: often one behind a router. */
  address?: string
}

const UNICODE = 0x10

export function clientInfo(pdu: Buffer): ClientInfo {
  const cursor = new Cursor(pdu)
  cursor.u32le()
  const flags = cursor.u32le()
  const [encoding, terminator] = flags & UNICODE ? (['utf16le', 2] as const) : (['latin1', 1] as const)
  const lengths = Array.from({ length: 5 }, () => cursor.u16le())
  const [domain, user, password, shell, directory] = lengths.map(length => {
    const text = cursor.bytes(Math.min(length, cursor.left)).toString(encoding)
    cursor.bytes(Math.min(terminator, cursor.left))
    return text
  }) as [string, string, string, string, string]
  const info: ClientInfo = { domain, user, password, shell, directory }
  if (cursor.left < 4) return info
  cursor.u16le()
  const address = cursor.bytes(Math.min(cursor.u16le(), cursor.left)).toString('utf16le').split('\0')[0]
  if (address) info.address = address
  return info
}
