import fs from 'node:fs'
import { createZstdDecompress } from 'node:zlib'
import { compressedPath, plainPath, type Segment } from './segments.ts'

/** The uncompressed bytes of one segment. */
export type Source = {
  /**
   * Bytes from offset `at` on, as many as the buffer takes; fewer only at the present end. The view is good until the next
   * read; `at` never goes back.
   */
  read(at: number): Promise<Buffer>
  close(): Promise<void>
}

/** The compressed form ends early or is not what was written: reading it again will not help. */
export class Damaged extends Error {}

/**
 * Opens whichever form of a segment is there. The plain one stays readable after it was replaced, so a reader in the
 * middle of it is not disturbed. Reads into `buffer`, which is the source's own until it is closed. Throws what `open`
 * throws, `ENOENT` when the segment was removed.
 */
export async function openSource(directory: string, { name, plain }: Segment, buffer: Buffer): Promise<Source> {
  if (plain) {
    try {
      return plainSource(await fs.promises.open(plainPath(directory, name), 'r'), buffer)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return compressedSource(await fs.promises.open(compressedPath(directory, name), 'r'), buffer)
}

// Reads anew from where the last whole line ended: the writer may have cut a half line away that stood there before.
function plainSource(file: fs.promises.FileHandle, buffer: Buffer): Source {
  return {
    async read(at) {
      let length = 0
      while (length < buffer.length) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length, at + length)
        if (bytesRead === 0) break
        length += bytesRead
      }
      return buffer.subarray(0, length)
    },
    close: () => file.close(),
  }
}

function compressedSource(file: fs.promises.FileHandle, buffer: Buffer): Source {
  const input = file.createReadStream({ highWaterMark: 256 << 10 })
  const output = createZstdDecompress({ chunkSize: 256 << 10 })
  input.on('error', error => output.destroy(error))
  input.pipe(output)
  const chunks: AsyncIterator<Buffer> = output[Symbol.asyncIterator]()
  let from = 0
  let length = 0
  let rest: Buffer = Buffer.alloc(0)

  async function read(at: number) {
    const gone = Math.min(length, at - from)
    buffer.copyWithin(0, gone, length)
    from += gone
    length -= gone
    while (length < buffer.length) {
      if (rest.length === 0) {
        const next = await chunks.next()
        if (next.done) break
        rest = next.value
      }
      const skipped = Math.min(rest.length, at - from)
      const taken = Math.min(rest.length - skipped, buffer.length - length)
      rest.copy(buffer, length, skipped, skipped + taken)
      rest = rest.subarray(skipped + taken)
      from += skipped
      length += taken
    }
    return buffer.subarray(0, length)
  }

  return {
    async read(at) {
      try {
        return await read(at)
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? ''
        throw /^(ZSTD|Z_|ERR_)/.test(code) ? new Damaged(String(error)) : error
      }
    },
    async close() {
      output.destroy()
      input.destroy()
      await file.close().catch(() => {})
    },
  }
}
