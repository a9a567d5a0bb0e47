import fs from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { durableFlags, fileMode } from './disk.ts'
import { compressedPath, plainPath } from './segments.ts'

/**
 * Replaces a closed segment by its compressed form. At every moment one of the two is whole on disk; a crash leaves at
 * worst both, which readers take for one, or a `.tmp`, which the writer removes when it opens.
 */
export async function compressSegment(directory: string, name: string, signal: AbortSignal): Promise<void> {
  const target = compressedPath(directory, name)
  const temporary = `${target}.tmp`
  try {
    const file = await fs.promises.open(temporary, durableFlags, fileMode)
    try {
      const { size } = await fs.promises.stat(plainPath(directory, name))
      await pipeline(
        fs.createReadStream(plainPath(directory, name), { highWaterMark: 256 << 10 }),
        createZstdCompress({
          chunkSize: 256 << 10,
          pledgedSrcSize: size,
          params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
        }),
        async (compressed: AsyncIterable<Buffer>) => {
          for await (const chunk of compressed)
            for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten
        },
        { signal },
      )
    } finally {
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
