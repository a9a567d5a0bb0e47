import fs from 'node:fs'
import { plainPath } from './segments.ts'

const newline = 0x0a

/**
 * Cuts what a crash left after the last whole line: half a line, or the zero bytes that some file systems put where data
 * had not arrived. Returns the bytes cut.
 */
export function cutTornTail(directory: string, name: string): number {
  const path = plainPath(directory, name)
  const fd = fs.openSync(path, 'r')
  const { size } = fs.fstatSync(fd)
  let end = 0
  try {
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
  } finally {
    fs.closeSync(fd)
  }
  if (end < size) fs.truncateSync(path, end)
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
