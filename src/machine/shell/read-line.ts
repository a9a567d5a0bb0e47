import type { Handle } from './streams.ts'

/** A line up to its newline, which is taken and left off; the rest stays for the next reader. `undefined` at the end. */
export const readLineOf = async (handle: Handle | undefined, limit = 1 << 20): Promise<string | undefined> => {
  const found = await readUntilByte(handle, 10, limit)
  return found.text === '' && !found.ended ? undefined : found.text
}

/** Bytes up to a delimiter or so many; `ended` says that the delimiter was there. */
export const readUntilByte = async (
  handle: Handle | undefined,
  delimiter: number,
  limit: number,
): Promise<{ text: string; ended: boolean }> => {
  const input = handle?.input
  const pieces: Buffer[] = []
  let size = 0
  while (input && size < limit) {
    const data = await input.read()
    if (data === undefined) break
    const end = data.indexOf(delimiter)
    const take = Math.min(end === -1 ? data.length : end, limit - size)
    const piece = withoutNul(data.subarray(0, take))
    pieces.push(piece)
    size += piece.length
    if (end !== -1 && take === end) {
      input.unread(data.subarray(end + 1))
      return { text: Buffer.concat(pieces).toString('latin1'), ended: true }
    }
    if (take < data.length) input.unread(data.subarray(take))
  }
  return { text: Buffer.concat(pieces).toString('latin1'), ended: false }
}

/** bash drops NUL bytes as it reads. */
const withoutNul = (data: Buffer): Buffer => (data.includes(0) ? Buffer.from(data.filter(byte => byte !== 0)) : data)
