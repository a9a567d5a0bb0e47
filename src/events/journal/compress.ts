import fs from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { durableFlags, fileMode } from './disk.ts'
import { compressedPath, plainPath } from './segments.ts'

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants

/**
 * Replaces a closed segment by its compressed form. At every moment one of the two is whole on disk; a crash leaves at
 * worst both, which readers take for one, or a `.tmp`, which the writer removes when it opens. A link that somebody else laid
 * there is not followed.
 */
export async function compressSegment(directory: string, name: string, signal: AbortSignal): Promise<void> {
  const target = compressedPath(directory, name)
  const temporary = `${target}.tmp`
  try {
    const file = await fs.promises.open(temporary, durableFlags, fileMode)
    let plain: fs.promises.FileHandle | undefined
    try {
      plain = await fs.promises.open(plainPath(directory, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      const stat = await plain.stat()
      if (!stat.isFile() || stat.nlink > 1) throw new Error('not a file of its own')
      await pipeline(
        plain.createReadStream({ highWaterMark: 256 << 10, autoClose: false }),
        createZstdCompress({
          chunkSize: 256 << 10,
          pledgedSrcSize: stat.size,
          params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
        }),
        async (compressed: AsyncIterable<Buffer>) => {
          for await (const chunk of compressed)
            for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten
        },
        { signal },
      )
    } finally {
      await plain?.close()
      await file.close()
    }
    fs.chmodSync(temporary, fileMode)
    fs.renameSync(temporary, target)
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  }
  fs.rmSync(plainPath(directory, name), { force: true })
}
