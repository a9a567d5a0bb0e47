import fs from 'node:fs'
import { flowKey } from '#capture/flows.ts'
import { addressText, protocols } from '#packets/packet.ts'

/** Conversations told of; more than a sensor holds at once. */
const most = 20_000
/** States of net/tcp_states.h in which packets still come: all but LISTEN, CLOSE and SYN_SENT. */
const alive = new Set(['01', '03', '04', '05', '06', '08', '09', '0B'])

/** TCP conversations of this machine that are under way, as the kernel lists them (proc(5), /proc/net/tcp). */
export function underWay(read: (file: string) => string = readTable): string[] {
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(file => read(file).split('\n').slice(1))
  const found: string[] = []
  for (const line of lines) {
    const [, ours, theirs, state] = line.trim().split(/\s+/)
    if (found.length === most || state === undefined || !alive.has(state)) continue
    const [here, there] = [endOf(ours!), endOf(theirs!)]
    if (here && there) found.push(flowKey(protocols.tcp, there.ip, there.port, here.ip, here.port))
  }
  return found
}

function readTable(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** `0100007F:0016`: words of 32 bits in the machine's own order, then the port. */
function endOf(text: string): { ip: string; port: number } | undefined {
  const [, words = '', port = ''] = /^((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4})$/.exec(text) ?? []
  if (words.length !== 8 && words.length !== 32) return undefined
  const bytes = Buffer.from(words, 'hex')
  // Every machine that Node runs on is little-endian, but for one that no one rents.
  bytes.swap32()
  const mapped =
    bytes.length === 16 && bytes.readUInt16BE(10) === 0xffff && bytes.subarray(0, 10).every(byte => byte === 0)
  const ip = mapped ? addressText(bytes, 12, 4) : addressText(bytes, 0, bytes.length === 4 ? 4 : 6)
  return { ip, port: Number.parseInt(port, 16) }
}
