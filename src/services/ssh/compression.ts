import { constants, createDeflate, createInflate } from 'node:zlib'
import { Malformed } from '#sensor/endings.ts'
import { maxPacket } from './limits.ts'

/** One direction's compression: what it turns a payload into depends on all that went before. */
export type Flate = (payload: Buffer) => Buffer

/** What node:zlib's streams are made of: a call that works at once, which streams have no public name for. */
type Inner = {
  _handle: {
    onerror(): void
    writeSync(
      flush: number,
      input: Buffer,
      at: number,
      bytes: number,
      output: Buffer,
      outputAt: number,
      room: number,
    ): void
  }
  /** Room left in the output, and bytes left of the input, after a call. */
  _writeState: Uint32Array
}

const PIECE = 16 << 10
// Every call fills it from its start, and what came out is copied before the next.
const piece = Buffer.allocUnsafeSlow(PIECE)

/** `most` bytes may come out of one payload. Throws `Malformed` once, and ever after: a broken stream is not called again. */
function flate(stream: object, most: number): Flate {
  const { _handle: handle, _writeState: state } = stream as unknown as Inner
  let broken = false
  handle.onerror = () => {
    broken = true
  }
  return payload => {
    const out: Buffer[] = []
    let size = 0
    for (let at = 0; !broken; ) {
      handle.writeSync(constants.Z_PARTIAL_FLUSH, payload, at, payload.length - at, piece, 0, PIECE)
      if (broken) break
      const [room = 0, left = 0] = state
      at = payload.length - left
      size += PIECE - room
      if (size > most) {
        broken = true
        throw new Malformed(`More than ${most} bytes in a compressed packet`)
      }
      out.push(Buffer.from(piece.subarray(0, PIECE - room)))
      if (room > 0) return out.length === 1 ? out[0]! : Buffer.concat(out)
    }
    throw new Malformed('Not compressed as agreed')
  }
}

/** zlib as OpenSSH uses it for `zlib@openssh.com`: level 6, a partial flush behind each packet. */
export const deflating = (): Flate => flate(createDeflate({ level: 6 }), Number.POSITIVE_INFINITY)

/** The way back; `Malformed` for what is no zlib, and for what would grow beyond the largest packet. */
export const inflating = (): Flate => flate(createInflate(), maxPacket)
