/** A member of a tar archive (POSIX ustar, GNU and pax). Times in milliseconds since the epoch. */
export type Member = {
  name: string
  kind: 'file' | 'link' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo'
  mode: number
  uid: number
  gid: number
  user: string
  group: string
  size: number
  mtime: number
  target: string
  major: number
  minor: number
}

export const block = 512
const record = 10_240

const kinds = new Map<string, Member['kind']>([
  ['\0', 'file'],
  ['0', 'file'],
  ['7', 'file'],
  ['1', 'link'],
  ['2', 'symlink'],
  ['3', 'char'],
  ['4', 'block'],
  ['5', 'directory'],
  ['6', 'fifo'],
])
const letters = new Map([...kinds].filter(([letter]) => /[0-6]/.test(letter)).map(([letter, kind]) => [kind, letter]))

const text = (header: Buffer, at: number, length: number): string => {
  const field = header.toString('latin1', at, at + length)
  const end = field.indexOf('\0')
  return end < 0 ? field : field.slice(0, end)
}
const number = (header: Buffer, at: number, length: number): number => {
  if (header[at]! & 0x80) {
    // Base 256, for what octal digits do not hold.
    let value = header[at]! & 0x7f
    for (let index = 1; index < length; index++) value = value * 256 + header[at + index]!
    return Number.isSafeInteger(value) ? value : 0
  }
  const digits = /[0-7]+/.exec(text(header, at, length))
  return digits ? Number.parseInt(digits[0], 8) : 0
}

const sumOf = (header: Buffer): number => {
  let sum = 8 * 32
  for (let index = 0; index < block; index++) if (index < 148 || index >= 156) sum += header[index]!
  return sum
}

export type Read =
  | { member: Member; at: number; next: number }
  /** Two blocks of zeros, or the data's end. */
  | { end: 'zeros' | 'nothing' }
  | { wrong: 'header' | 'cut'; next: number }

const longestName = 65_536

/** The member that begins at `start`, with what longer names and pax headers before it say. */
export const readMember = (data: Buffer, start: number): Read => {
  let at = start
  const extra = new Map<string, string>()
  for (;;) {
    if (at >= data.length) return { end: 'nothing' }
    if (at + block > data.length) return { wrong: 'cut', next: data.length }
    const header = data.subarray(at, at + block)
    if (header.every(byte => byte === 0)) return { end: 'zeros' }
    if (number(header, 148, 8) !== sumOf(header)) return { wrong: 'header', next: at + block }
    const type = String.fromCharCode(header[156]!)
    const size = number(header, 124, 12)
    const content = at + block
    const after = content + Math.ceil(size / block) * block
    if ('LKxg'.includes(type)) {
      if (content + size > data.length) return { wrong: 'cut', next: data.length }
      const body = data.subarray(content, content + Math.min(size, longestName))
      if (type === 'L') extra.set('path', text(body, 0, body.length))
      else if (type === 'K') extra.set('linkpath', text(body, 0, body.length))
      else if (type === 'x') for (const [key, value] of paxRecords(body)) extra.set(key, value)
      at = after
      continue
    }
    const isUstar = header.toString('latin1', 257, 262) === 'ustar'
    const isGnu = header.toString('latin1', 257, 265) === 'ustar  \0'
    const prefix = isUstar && !isGnu ? text(header, 345, 155) : ''
    const bare = text(header, 0, 100)
    const name = extra.get('path') ?? (prefix === '' ? bare : `${prefix}/${bare}`)
    const realSize = extra.has('size') ? Number(extra.get('size')) : size
    let kind = kinds.get(type) ?? 'file'
    if (kind === 'file' && name.endsWith('/')) kind = 'directory'
    const holds = kind === 'file'
    const member: Member = {
      name,
      kind,
      mode: number(header, 100, 8) & 0o7777,
      uid: Number(extra.get('uid') ?? number(header, 108, 8)),
      gid: Number(extra.get('gid') ?? number(header, 116, 8)),
      user: extra.get('uname') ?? (isUstar ? text(header, 265, 32) : ''),
      group: extra.get('gname') ?? (isUstar ? text(header, 297, 32) : ''),
      size: holds ? realSize : 0,
      mtime: extra.has('mtime') ? Math.floor(Number(extra.get('mtime')) * 1000) : number(header, 136, 12) * 1000,
      target: extra.get('linkpath') ?? text(header, 157, 100),
      major: isUstar ? number(header, 329, 8) : 0,
      minor: isUstar ? number(header, 337, 8) : 0,
    }
    if (!Number.isFinite(member.mtime) || !Number.isSafeInteger(member.size))
      return { wrong: 'header', next: at + block }
    const stored = Math.ceil(size / block) * block
    return { member, at: content, next: content + stored }
  }
}

/** `LENGTH key=value\n` each. */
const paxRecords = (body: Buffer): [string, string][] => {
  const found: [string, string][] = []
  const all = body.toString('latin1')
  let at = 0
  while (at < all.length) {
    const head = /^([0-9]{1,8}) ([^=]+)=/.exec(all.slice(at, at + 512))
    const length = Number(head?.[1])
    if (!head || length < head[0].length + 1 || at + length > all.length) break
    found.push([head[2]!, all.slice(at + head[0].length, at + length - 1)])
    at += length
  }
  return found
}

const octal = (header: Buffer, at: number, length: number, value: number): void => {
  const most = 8 ** (length - 1)
  if (value >= 0 && value < most) {
    header.write(
      `${Math.floor(value)
        .toString(8)
        .padStart(length - 1, '0')}\0`,
      at,
      'latin1',
    )
    return
  }
  header[at] = 0x80
  let rest = Math.max(0, value)
  for (let index = length - 1; index > 0; index--) {
    header[at + index] = rest % 256
    rest = Math.floor(rest / 256)
  }
}

const headerOf = (member: Member, type: string, name: string, target: string): Buffer => {
  const header = Buffer.alloc(block)
  header.write(name.slice(0, 100), 0, 'latin1')
  octal(header, 100, 8, member.mode)
  octal(header, 108, 8, member.uid)
  octal(header, 116, 8, member.gid)
  octal(header, 124, 12, member.size)
  octal(header, 136, 12, Math.floor(member.mtime / 1000))
  header.write(type, 156, 'latin1')
  header.write(target.slice(0, 100), 157, 'latin1')
  header.write('ustar  \0', 257, 'latin1')
  header.write(member.user.slice(0, 31), 265, 'latin1')
  header.write(member.group.slice(0, 31), 297, 'latin1')
  if (type === '3' || type === '4') {
    octal(header, 329, 8, member.major)
    octal(header, 337, 8, member.minor)
  }
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block)

/** A member's header as GNU tar 1.34 writes it by default: names beyond 100 bytes come before it. */
export const writeHeader = (member: Member): Buffer => {
  const pieces: Buffer[] = []
  const long = (type: string, value: string): void => {
    const body = Buffer.from(`${value}\0`, 'latin1')
    const about = { ...member, mode: 0o644, uid: 0, gid: 0, user: 'root', group: 'root', size: body.length, mtime: 0 }
    pieces.push(headerOf(about, type, '././@LongLink', ''), body, padding(body.length))
  }
  if (member.target.length > 100) long('K', member.target)
  if (member.name.length > 100) long('L', member.name)
  pieces.push(headerOf(member, letters.get(member.kind)!, member.name, member.target))
  return Buffer.concat(pieces)
}

/** What fills a member's last block. */
export const afterContent = padding

/** The two empty blocks that end an archive of so many bytes, and what fills its last record. */
export const trailer = (size: number): Buffer => Buffer.alloc(Math.ceil((size + 2 * block) / record) * record - size)
