/**
 * What `tcpdump -w -` writes (the pcap file format, draft-ietf-opsawg-pcap): a header of 24 bytes, then records of 16
 * bytes and a captured frame each; numbers in the writer's byte order, which the magic number gives away.
 */

/** Link types (LINKTYPE_ of tcpdump.org/linktypes.html) that link.ts knows. */
export const linkTypes = { ethernet: 1, raw: 101, cooked: 113, ipv4: 228, ipv6: 229, cooked2: 276 } as const

/** Bytes of one captured frame; tcpdump's own ceiling (MAXIMUM_SNAPLEN). */
const frameCap = 262_144

const fileHeader = 24
const recordHeader = 16

/** The stream is not what tcpdump writes, and cannot be read on: where the next record begins is not known. */
export class NotPcap extends Error {}

/**
 * Takes one frame: `bytes` from `start` to `end` are lent until it returns. `at` is the time in milliseconds since the
 * epoch, with fractions; `link` its link type. How long it was before it was cut off, its own headers tell.
 */
export type TakeFrame = (bytes: Buffer, start: number, end: number, at: number, link: number) => void

/** Reads such a stream, chunk by chunk as it comes. Throws `NotPcap`. */
export function pcapReader(take: TakeFrame) {
  let rest: Buffer = Buffer.alloc(0)
  let little = true
  let perMillisecond = 0
  let link = -1

  function begin(bytes: Buffer): void {
    const magic = bytes.readUInt32LE(0)
    if (magic === 0xa1b2c3d4 || magic === 0xa1b23c4d) little = true
    else if (magic === 0xd4c3b2a1 || magic === 0x4d3cb2a1) little = false
    else throw new NotPcap(`No pcap magic: 0x${magic.toString(16).padStart(8, '0')}`)
    perMillisecond = magic === 0xa1b2c3d4 || magic === 0xd4c3b2a1 ? 1e3 : 1e6
    // The upper bits say how long a frame check sequence is; there is none in what the kernel hands out.
    link = (little ? bytes.readUInt32LE(20) : bytes.readUInt32BE(20)) & 0x0fffffff
  }

  /** Takes whole records; where it stopped. */
  function records(bytes: Buffer, from: number): number {
    let at = from
    while (bytes.length - at >= recordHeader) {
      const captured = little ? bytes.readUInt32LE(at + 8) : bytes.readUInt32BE(at + 8)
      if (captured > frameCap) throw new NotPcap(`A frame of ${captured} bytes is over the cap of ${frameCap}`)
      const start = at + recordHeader
      const end = start + captured
      if (end > bytes.length) break
      const seconds = little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
      const fraction = little ? bytes.readUInt32LE(at + 4) : bytes.readUInt32BE(at + 4)
      take(bytes, start, end, seconds * 1000 + fraction / perMillisecond, link)
      at = end
    }
    return at
  }

  return {
    push(chunk: Buffer): void {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = 0
      if (link < 0) {
        if (bytes.length < fileHeader) {
          rest = Buffer.from(bytes)
          return
        }
        begin(bytes)
        at = fileHeader
      }
      at = records(bytes, at)
      // Copied, so that a few bytes do not hold a whole chunk; at most one frame with its header.
      rest = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at))
    },
    /** Bytes of a record that has not come whole. */
    pending: () => rest.length,
  }
}
