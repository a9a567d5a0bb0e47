import { isIPv4 } from 'node:net'
import { linkTypes } from './pcap.ts'

/** What goes into a packet that a test makes; ports and flags as its protocol has them. */
export type Recipe = {
  source?: string
  destination?: string
  protocol?: number
  ttl?: number
  id?: number
  sourcePort?: number
  destinationPort?: number
  flags?: number
  sequence?: number
  acknowledgement?: number
  window?: number
  options?: string
  /** ICMP. */
  type?: number
  code?: number
  payload?: Buffer
  /** IPv4's flags and fragment offset, as they are on the wire. */
  fragment?: number
  /** IPv6 extension headers: number and whole bytes. */
  extensions?: [number, Buffer][]
}

const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16)))

/** The bytes of an address. */
export function addressOf(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number))
  const [left = '', right = ''] = text.split('::')
  const [head, tail] = [groups(left), groups(right)]
  const all = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail]
  return Buffer.from(all.flatMap(group => [group >> 8, group & 255]))
}

/** TCP, UDP or ICMP, without a checksum: nothing here looks at it. */
function transport(recipe: Recipe, protocol: number): Buffer {
  const { sourcePort = 40_000, destinationPort = 80, payload = Buffer.alloc(0) } = recipe
  if (protocol === 6) {
    const options = Buffer.from(recipe.options ?? '', 'hex')
    const header = Buffer.alloc(20)
    header.writeUInt16BE(sourcePort, 0)
    header.writeUInt16BE(destinationPort, 2)
    header.writeUInt32BE(recipe.sequence ?? 1000, 4)
    header.writeUInt32BE(recipe.acknowledgement ?? 0, 8)
    header[12] = (5 + Math.ceil(options.length / 4)) << 4
    header[13] = recipe.flags ?? 2
    header.writeUInt16BE(recipe.window ?? 64_240, 14)
    const padding = Buffer.alloc(-options.length & 3)
    return Buffer.concat([header, options, padding, payload])
  }
  const header = Buffer.alloc(8)
  if (protocol === 17) {
    header.writeUInt16BE(sourcePort, 0)
    header.writeUInt16BE(destinationPort, 2)
    header.writeUInt16BE(8 + payload.length, 4)
  } else if (protocol === 1 || protocol === 58) {
    header[0] = recipe.type ?? (protocol === 1 ? 8 : 128)
    header[1] = recipe.code ?? 0
  } else return payload
  return Buffer.concat([header, payload])
}

/** An IP packet. */
export function ipPacket(recipe: Recipe = {}): Buffer {
  const { source = '192.0.2.1', destination = '198.51.100.2', ttl = 64, protocol = 6 } = recipe
  const inner = transport(recipe, protocol)
  if (isIPv4(source)) {
    const header = Buffer.alloc(20)
    header[0] = 0x45
    header.writeUInt16BE(20 + inner.length, 2)
    header.writeUInt16BE(recipe.id ?? 1, 4)
    header.writeUInt16BE(recipe.fragment ?? 0x4000, 6)
    header[8] = ttl
    header[9] = protocol
    return Buffer.concat(
      [header, addressOf(source), addressOf(destination), inner].map((part, i) =>
        i === 0 ? part.subarray(0, 12) : part,
      ),
    )
  }
  const extensions = recipe.extensions ?? []
  const chain = extensions.map(([, bytes], i) => {
    const copy = Buffer.from(bytes)
    copy[0] = extensions[i + 1]?.[0] ?? protocol
    return copy
  })
  const rest = Buffer.concat([...chain, inner])
  const header = Buffer.alloc(8)
  header[0] = 0x60
  header.writeUInt16BE(rest.length, 4)
  header[6] = extensions[0]?.[0] ?? protocol
  header[7] = ttl
  return Buffer.concat([header, addressOf(source), addressOf(destination), rest])
}

/** A cooked frame of version 2, as `tcpdump -i any` has it; 0: to us, 4: from us. */
export function cooked2(ip: Buffer, direction = 0, arphrd = 1): Buffer {
  const header = Buffer.alloc(20)
  header.writeUInt16BE(ip[0]! >> 4 === 4 ? 0x0800 : 0x86dd, 0)
  header.writeUInt32BE(2, 4)
  header.writeUInt16BE(arphrd, 8)
  header[10] = direction
  return Buffer.concat([header, ip])
}

export type PcapForm = { link?: number; bigEndian?: boolean; nanoseconds?: boolean }

/** A pcap stream of frames with their times in milliseconds. */
export function pcapOf(frames: readonly (readonly [at: number, bytes: Buffer])[], form: PcapForm = {}): Buffer {
  const { link = linkTypes.cooked2, bigEndian = false, nanoseconds = false } = form
  const write = (value: number) => {
    const bytes = Buffer.alloc(4)
    if (bigEndian) bytes.writeUInt32BE(value)
    else bytes.writeUInt32LE(value)
    return bytes
  }
  const version = bigEndian ? Buffer.from([0, 2, 0, 4]) : Buffer.from([2, 0, 4, 0])
  const header = [
    write(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    version,
    write(0),
    write(0),
    write(262_144),
    write(link),
  ]
  const records = frames.flatMap(([at, bytes]) => {
    const seconds = Math.floor(at / 1000)
    const fraction = Math.round((at - seconds * 1000) * (nanoseconds ? 1e6 : 1e3))
    return [write(seconds), write(fraction), write(bytes.length), write(bytes.length), bytes]
  })
  return Buffer.concat([...header, ...records])
}
