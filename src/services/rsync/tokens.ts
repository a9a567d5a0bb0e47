import type { Transform } from 'node:stream'
import { constants, createInflateRaw, createZstdDecompress } from 'node:zlib'
import { Malformed } from '#codec/malformed.ts'
import type { Transfer } from './transfer.ts'

const CHUNK = 32 << 10
/** Bytes that one file may have, however small it was on the way. */
const MOST = 64 << 20

/** The content of a file on its way in, in pieces (token.c). */
export function contentOf(transfer: Transfer): AsyncGenerator<Buffer> {
  return transfer.compression === 'none' ? plain(transfer) : packed(transfer)
}

async function* plain({ wire }: Transfer): AsyncGenerator<Buffer> {
  for (let bytes = 0; ; ) {
    const length = await wire.int()
    if (length === 0) return
    // A negative one is a block of what we have; we said that we have nothing.
    if (length < 0 || length > CHUNK * 8) throw new Malformed(`A piece of ${length} bytes`)
    bytes += length
    if (bytes > MOST) throw new Malformed(`A file of more than ${MOST} bytes`)
    for (let left = length; left > 0; left -= Math.min(left, CHUNK)) yield wire.read(Math.min(left, CHUNK))
  }
}

/** One stream for all files of a run with zstd, which is what the client's is. */
const streams = new WeakMap<Transfer, Transform>()

async function* packed(transfer: Transfer): AsyncGenerator<Buffer> {
  const { wire, compression } = transfer
  const zstd = compression === 'zstd'
  const stream: Transform =
    streams.get(transfer) ?? (zstd ? createZstdDecompress() : createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH }))
  if (zstd) streams.set(transfer, stream)
  const out: Buffer[] = []
  let broken: Error | undefined
  const hear = (piece: Buffer) => void out.push(piece)
  const fault = (error: Error) => {
    broken = error
  }
  stream.on('data', hear)
  stream.on('error', fault)
  let bytes = 0
  const put = async (piece: Buffer): Promise<Buffer[]> => {
    await new Promise<void>(resolve => {
      stream.once('close', resolve)
      stream.write(piece, () => {
        stream.off('close', resolve)
        resolve()
      })
    })
    if (broken) throw new Malformed(`Cannot unpack: ${broken.message}`)
    const all = out.splice(0)
    bytes += all.reduce((sum, { length }) => sum + length, 0)
    if (bytes > MOST) throw new Malformed(`A file of more than ${MOST} bytes`)
    return all
  }
  try {
    for (;;) {
      const flag = await wire.byte()
      if (flag === 0) break
      if ((flag & 0xc0) !== 0x40) throw new Malformed(`Token ${flag}`)
      const length = (flag & 0x3f) * 256 + (await wire.byte())
      if (length > 0) yield* await put(await wire.read(length))
    }
    if (!zstd) yield* await put(Buffer.of(0, 0, 0xff, 0xff))
  } finally {
    stream.off('data', hear)
    stream.off('error', fault)
    // What breaks later breaks for nobody.
    stream.on('error', () => {})
    if (!zstd) stream.destroy()
  }
}
