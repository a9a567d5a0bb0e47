import fs from 'node:fs'
import { durableFlags, fileMode } from './disk.ts'
import { plainPath } from './segments.ts'

/** The segment being written. */
export type SegmentFile = {
  name: string
  startedAt: number
  /** Bytes of whole lines on disk. */
  bytes(): number
  /** Writes whole lines; `kept` bytes of them, whole lines again, are on disk. After an error the file takes no more. */
  append(lines: Buffer): Promise<{ kept: number; error?: NodeJS.ErrnoException }>
  close(): void
}

const newline = 0x0a

/** Throws what `open` throws. */
export function createSegmentFile(directory: string, name: string, startedAt: number): SegmentFile {
  const path = plainPath(directory, name)
  const fd = fs.openSync(path, durableFlags, fileMode)
  try {
    fs.chmodSync(path, fileMode)
  } catch (error) {
    fs.closeSync(fd)
    throw error
  }
  let size = 0

  // A full disk takes a part of a write. What is left of a torn line is cut away: a reader must never see a half line
  // followed by another.
  function cut(lines: Buffer, written: number): number {
    const kept = written === 0 ? 0 : lines.lastIndexOf(newline, written - 1) + 1
    size += kept
    try {
      fs.ftruncateSync(fd, size)
    } catch {
      // The file ends in half a line then, and nothing follows it: readers drop such an end.
    }
    return kept
  }

  return {
    name,
    startedAt,
    bytes: () => size,
    append: lines =>
      new Promise(resolve => {
        let written = 0
        const step = () =>
          fs.write(fd, lines, written, lines.length - written, null, (error, count) => {
            if (error) return resolve({ kept: cut(lines, written), error })
            written += count
            if (written < lines.length) return step()
            size += written
            resolve({ kept: written })
          })
        step()
      }),
    close() {
      try {
        fs.closeSync(fd)
      } catch {
        // Every line was on disk before; the descriptor is gone either way (close(2)).
      }
    },
  }
}
