import fs from 'node:fs'
import { plainPath } from './segments.ts'

const newline = 0x0a
const { O_RDWR, O_NOFOLLOW, O_NONBLOCK } = fs.constants

/**
 * Cuts what a crash left after the last whole line: half a line, or the zero bytes that some file systems put where data
 * had not arrived. Returns the bytes cut. Writers of several users share the directory, and root is one of them: throws where
 * somebody laid a link there.
 */
export function cutTornTail(directory: string, name: string): number {
  const path = plainPath(directory, name)
  const fd = fs.openSync(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
  let end = 0
  let size = 0
  try {
    const stat = fs.fstatSync(fd)
    if (!stat.isFile() || stat.nlink > 1) throw new Error('not a file of its own')
    size = stat.size
    for (let span = 64 << 10; ; span *= 4) {
      const from = Math.max(0, size - span)
      const tail = Buffer.allocUnsafe(size - from)
      fs.readSync(fd, tail, 0, tail.length, from)
      const whole = endOfLastLine(tail, from === 0)
      if (whole !== undefined || from === 0) {
        end = from + (whole ?? 0)
        break
      }
    }
    if (end < size) fs.ftruncateSync(fd, end)
  } finally {
    fs.closeSync(fd)
  }
  return size - end
}

// `complete`: the bytes begin where a line begins.
function endOfLastLine(bytes: Buffer, complete: boolean): number | undefined {
  for (let end = bytes.lastIndexOf(newline); end >= 0; ) {
    const before = end === 0 ? -1 : bytes.lastIndexOf(newline, end - 1)
    if (before < 0 && !complete) return
    if (isObject(bytes.toString('utf8', before + 1, end))) return end + 1
    end = before
  }
  return
}

function isObject(line: string): boolean {
  if (!line.startsWith('{')) return false
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
