import { marks, operatingSystems } from './marks.ts'
import { flag, type Packet, protocols } from './packet.ts'

/** What the headers of a packet tell about who sent it. */
export type Fingerprint = {
  ttl: number
  /** What the sender probably put there, and how many routers the packet passed then. */
  initialTtl: number
  hops: number
  /** Of a TCP SYN: window, options, MSS and window scale in JA4T's form. */
  ja4t?: string
  os?: string
  /** The tool that makes packets like this one. */
  tool?: string
}

/** Senders begin at one of these; more than some 30 routers lie between nobody. */
const initials = [32, 64, 128, 255] as const
export const initialTtl = (ttl: number): number => initials.find(initial => ttl <= initial)!

/** RFC 9293 §3.1: at most 40 bytes. */
type Options = { kinds: string; mss: number | undefined; scale: number | undefined }

/** The kinds in their order, with padding, as they are on the wire; a length that lies ends the list. */
function readOptions({ bytes, optionsAt, optionsEnd }: Packet): Options {
  let kinds = ''
  let mss: number | undefined
  let scale: number | undefined
  for (let at = optionsAt; at < optionsEnd; ) {
    const kind = bytes[at]!
    kinds += kinds === '' ? kind : `-${kind}`
    if (kind < 2) {
      at++
      continue
    }
    const length = at + 1 < optionsEnd ? bytes[at + 1]! : 0
    if (length < 2 || at + length > optionsEnd) break
    if (kind === 2 && length === 4) mss = bytes.readUInt16BE(at + 2)
    if (kind === 3 && length === 3) scale = bytes[at + 2]!
    at += length
  }
  return { kinds, mss, scale }
}

/**
 * `window_options_mss_scale` of a SYN, in decimal, `00` for what is not there: JA4T as FoxIO's technical_details/JA4T.md
 * describes it.
 */
export function ja4t(packet: Packet): string {
  const { kinds, mss, scale } = readOptions(packet)
  return `${packet.window}_${kinds || '00'}_${mss ?? '00'}_${scale ?? '00'}`
}

/** Is it the first packet of a TCP connection? */
export const isSyn = (packet: Packet): boolean =>
  packet.protocol === protocols.tcp &&
  packet.wholeTcp &&
  (packet.flags & (flag.syn | flag.ack | flag.rst | flag.fin)) === flag.syn

/** Everything that one packet gives away. */
export function fingerprint(packet: Packet): Fingerprint {
  const initial = initialTtl(packet.ttl)
  const told: Fingerprint = { ttl: packet.ttl, initialTtl: initial, hops: initial - packet.ttl }
  const tool = marks.find(mark => mark.fits(packet))?.tool
  if (tool !== undefined) told.tool = tool
  if (!isSyn(packet)) return told
  const options = readOptions(packet)
  told.ja4t = `${packet.window}_${options.kinds || '00'}_${options.mss ?? '00'}_${options.scale ?? '00'}`
  // What a tool made itself tells nothing about the system under it.
  if (tool === undefined) {
    const { window } = packet
    const os = operatingSystems.find(
      system =>
        system.ttl === initial &&
        system.options === options.kinds &&
        (system.windows === undefined || system.windows.some(known => known === window)) &&
        (system.perMss === undefined ||
          (options.mss !== undefined && system.perMss.some(times => times * options.mss! === window))),
    )?.name
    if (os !== undefined) told.os = os
  }
  return told
}

/** Two packets of one source, as far as `pairTool` looks at them; the address is IPv4's as a number, else 0. */
export type Probe = { sequence: number; sourcePort: number; destinationPort: number; destination4: number }

/**
 * Tools that keep no state hide a checksum in the sequence number, and two packets to one address show how: which tool's
 * relation holds between them. nmap writes the same 16 bits twice (Ghiëtte, Blenn and Doerr, “Remote Identification of Port
 * Scan Toolchains”, 2016); unicornscan mixes in our port and its own (its TCPHASHTRACK).
 */
export function pairTool(a: Probe, b: Probe): 'nmap' | 'unicornscan' | undefined {
  const difference = (a.sequence ^ b.sequence) >>> 0
  if (difference === 0 || a.destination4 !== b.destination4) return undefined
  if (difference >>> 16 === (difference & 0xffff)) return 'nmap'
  const ports = ((a.destinationPort ^ b.destinationPort) << 16) | (a.sourcePort ^ b.sourcePort)
  return ports >>> 0 === difference ? 'unicornscan' : undefined
}
