import type { FileType } from '#machine/system.ts'

/** One member of a tar archive as dpkg-deb writes it. `mtime` in seconds; of a hard link `target` is the member's name. */
export type Member = {
  name: string
  type: FileType | 'link'
  mode: number
  uid: number
  gid: number
  mtime: number
  target: string
  data: Buffer
  rdev?: { major: number; minor: number }
}

const types = new Map<string, Member['type']>([
  ['0', 'file'],
  ['\0', 'file'],
  ['1', 'link'],
  ['2', 'symlink'],
  ['3', 'char'],
  ['4', 'block'],
  ['5', 'directory'],
  ['6', 'fifo'],
])

/** ustar with GNU's long names (types L and K). Trusted input: Debian's archive. */
export const untar = (archive: Buffer): Member[] => {
  const members: Member[] = []
  let longName = ''
  let longTarget = ''
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const text = (from: number, length: number): string =>
      archive.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '')
    const octal = (from: number, length: number): number => Number.parseInt(text(from, length).trim() || '0', 8)
    const size = octal(124, 12)
    const data = archive.subarray(at + 512, at + 512 + size)
    const flag = archive.toString('latin1', at + 156, at + 157)
    if (flag === 'L') longName = data.toString('latin1', 0, size - 1)
    else if (flag === 'K') longTarget = data.toString('latin1', 0, size - 1)
    else {
      const type = types.get(flag)
      if (!type) throw new Error(`Unknown tar member type ${JSON.stringify(flag)}`)
      members.push({
        name: longName || text(0, 100),
        type,
        mode: octal(100, 8),
        uid: octal(108, 8),
        gid: octal(116, 8),
        mtime: octal(136, 12),
        target: longTarget || text(157, 100),
        data,
        ...(flag === '3' || flag === '4' ? { rdev: { major: octal(329, 8), minor: octal(337, 8) } } : {}),
      })
      longName = ''
      longTarget = ''
    }
    at += 512 + Math.ceil(size / 512) * 512
  }
  return members
}
