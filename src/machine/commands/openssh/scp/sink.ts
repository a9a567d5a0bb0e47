import { errorText } from '../../../errors.ts'
import { kernel } from '../../../rights.ts'
import { type Credentials, type Process, SystemError } from '../../../system.ts'
import { absolute, statOf } from '../../paths.ts'
import { type Flags, type Peer, Quit } from './peer.ts'

/** Folders within each other that are taken. */
const deepest = 64
/** A file is kept in memory until it is whole. */
const fileMax = 16 << 20
const pieceBytes = 16_384

type Times = { mtime: number; atime: number }
const opened: Credentials = kernel

/** `scp -t`: takes what the other end sends (sink of OpenSSH 9.2's scp.c). */
export const sink = async (process: Process, peer: Peer, targets: string[], flags: Flags): Promise<void> => {
  const [target] = targets
  if (target === undefined || targets.length !== 1) {
    await peer.error('ambiguous target')
    throw new Quit(1)
  }
  if (flags.folder) {
    const found = stat(process, target)
    const wrong = typeof found === 'string' ? found : found.type === 'directory' ? undefined : 'Not a directory'
    if (wrong !== undefined) {
      await peer.error(`${target}: ${wrong}`)
      throw new Quit(1)
    }
  }
  await receive(process, peer, target, flags, 0)
}

const stat = (process: Process, path: string) => {
  try {
    return process.fs.stat(absolute(process, path), process.who)
  } catch (error) {
    return errorText(error)
  }
}

const protocolError = async (peer: Peer, why: string): Promise<never> => {
  await peer.error(`protocol error: ${why}`)
  throw new Quit(1)
}

const receive = async (process: Process, peer: Peer, target: string, flags: Flags, depth: number): Promise<void> => {
  if (depth > deepest) return protocolError(peer, 'lost connection')
  await peer.ok()
  const intoFolder = statOf(process, absolute(process, target))?.type === 'directory'
  let times: Times | undefined
  for (let first = true; ; first = false) {
    process.step()
    const start = await peer.read(1)
    if (start === undefined) return
    if (start[0] === 10) return protocolError(peer, 'unexpected <newline>')
    const rest = await peer.line()
    if (rest === undefined) return protocolError(peer, 'lost connection')
    const kind = start.toString('latin1')
    if (kind === '\x01') {
      peer.heard()
      continue
    }
    if (kind === '\x02') throw new Quit(1)
    if (kind === 'E') return peer.ok()
    if (kind === 'T') {
      times = await timesOf(peer, rest.text)
      await peer.ok()
      continue
    }
    if (kind !== 'C' && kind !== 'D') {
      if (!first) return protocolError(peer, 'expected control record')
      await peer.error(kind + rest.text)
      throw new Quit(1)
    }
    const record = await recordOf(peer, rest.text)
    const mode = flags.times ? record.mode : record.mode & ~process.umask
    const path = intoFolder ? `${target === '/' ? '' : target}/${record.name}` : target
    if (kind === 'D') {
      if (!flags.recursive) return protocolError(peer, 'received directory without -r')
      if (await takeFolder(process, peer, path, mode, flags, times, depth)) times = undefined
    } else if (await takeFile(process, peer, path, { ...record, mode }, flags, times)) times = undefined
  }
}

/** `1183828267 0 1183828267 0`: seconds and microseconds of modification and access. */
const timesOf = async (peer: Peer, text: string): Promise<Times | undefined> => {
  const parts = /^(\d*)( ?)(-?\d*)( ?)(\d*)( ?)(-?\d*)(.*)$/s.exec(text) ?? []
  const [, mtime = '', afterMtime, mtimeMicro = '', afterMicro, atime = '', afterAtime, atimeMicro = '', end] = parts
  const micro = (digits: string): boolean => digits !== '' && Number(digits) >= 0 && Number(digits) <= 999_999
  if (mtime === '') await protocolError(peer, 'mtime.sec not present')
  if (afterMtime === '') await protocolError(peer, 'mtime.sec not delimited')
  if (afterMicro === '' || !micro(mtimeMicro || '0')) await protocolError(peer, 'mtime.usec not delimited')
  if (atime === '') await protocolError(peer, 'atime.sec not present')
  if (afterAtime === '') await protocolError(peer, 'atime.sec not delimited')
  if (end !== '' || !micro(atimeMicro || '0')) await protocolError(peer, 'atime.usec not delimited')
  // Out of range for time_t.
  if (Number(mtime) > 2 ** 53 || Number(atime) > 2 ** 53) return undefined
  return { mtime: Number(mtime) * 1000, atime: Number(atime) * 1000 }
}

/** `0644 1234 name` */
const recordOf = async (peer: Peer, text: string): Promise<{ mode: number; size: number; name: string }> => {
  const digits = text.slice(0, 4)
  if (!/^[0-7]{4}$/.test(digits)) await protocolError(peer, 'bad mode')
  if (text[4] !== ' ') await protocolError(peer, 'mode not delimited')
  const [, size = '', space, name = ''] = /^(\d*)( ?)(.*)$/s.exec(text.slice(5)) ?? []
  if (size === '') await protocolError(peer, 'size not present')
  if (space === '') await protocolError(peer, 'size not delimited')
  if (size.length > 18) await protocolError(peer, 'size out of range')
  if (name === '' || name.includes('/') || name === '.' || name === '..') {
    await peer.error(`error: unexpected filename: ${name}`)
    throw new Quit(1)
  }
  return { mode: Number.parseInt(digits, 8), size: Number(size), name }
}

/** True when the folder's times were set. */
const takeFolder = async (
  process: Process,
  peer: Peer,
  path: string,
  mode: number,
  flags: Flags,
  times: Times | undefined,
  depth: number,
): Promise<boolean> => {
  const { fs, who } = process
  const full = absolute(process, path)
  const before = statOf(process, full)
  try {
    if (before && before.type !== 'directory') throw new SystemError('ENOTDIR', full)
    if (!before) fs.mkdir(full, (mode | 0o700) & ~process.umask, who)
    else if (flags.times) fs.chmod(full, mode, who)
  } catch (error) {
    await peer.error(`${path}: ${errorText(error)}`)
    return false
  }
  await receive(process, peer, path, flags, depth + 1)
  try {
    if (times) fs.utimes(full, times.atime, times.mtime, who)
    if (!before || flags.times) fs.chmod(full, mode, who)
  } catch (error) {
    // As the real one, which looks at neither result.
    if (!(error instanceof SystemError)) throw error
  }
  return times !== undefined
}

/** True when the file's times were set. */
const takeFile = async (
  process: Process,
  peer: Peer,
  path: string,
  { mode, size }: { mode: number; size: number },
  flags: Flags,
  times: Times | undefined,
): Promise<boolean> => {
  const { fs, who } = process
  const full = absolute(process, path)
  const before = statOf(process, full)
  try {
    // Without taking anything away yet: open(2) without O_TRUNC.
    fs.writeFile(full, Buffer.alloc(0), who, { at: 0, mode: (mode | 0o200) & ~process.umask })
  } catch (error) {
    await peer.error(`${path}: ${errorText(error)}`)
    return false
  }
  await peer.ok()
  let failure: string | undefined
  const noting = (what: () => void, doing = ''): void => {
    try {
      what()
    } catch (error) {
      failure ??= `${path}: ${doing}${errorText(error)}`
    }
  }
  let at = 0
  let written = 0
  let kept: Buffer[] = []
  // In pieces of 16 KiB: of what is broken off the rest never gets to the disk.
  const flush = (): void => {
    const piece = Buffer.concat(kept)
    kept = []
    if (failure !== undefined) return
    if (written === 0 && before?.type === 'file' && before.size > 0) noting(() => fs.truncate(full, 0, opened))
    noting(() => {
      if (at > fileMax) throw new SystemError('ENOSPC', full)
      fs.writeFile(full, piece, who, { at: written, held: true })
    })
    written = at
  }
  while (at < size) {
    const data = await peer.read(Math.min(size - at, pieceBytes - ((at - written) % pieceBytes)))
    if (data === undefined) {
      sent(process, full, Buffer.concat(kept))
      await peer.error('Broken pipe')
      throw new Quit(1)
    }
    process.step(1 + (data.length >> 10))
    // Kept in step with the sender even when nothing is written any more.
    at += data.length
    if (failure !== undefined) continue
    kept.push(data)
    if (at === size || at - written >= pieceBytes) flush()
  }
  if (failure === undefined && (!before || before.type === 'file')) {
    const now = statOf(process, full)
    if (now && now.size !== size) noting(() => fs.truncate(full, size, opened), 'truncate: ')
    if (flags.times ? true : !before && (mode & 0o200) === 0) noting(() => fs.chmod(full, mode, who), 'set mode: ')
  }
  if (at > 0) sent(process, full, Buffer.alloc(0))
  const answer = await peer.response()
  if (answer === 'lost' || answer === 'fatal') throw new Quit(1)
  if (times && failure === undefined) noting(() => fs.utimes(full, times.atime, times.mtime, who), 'set times: ')
  if (failure === undefined) await peer.ok()
  else await peer.error(failure)
  return times !== undefined
}

/** What came is evidence, whole or not. */
const sent = (process: Process, path: string, rest: Buffer): void => {
  try {
    const data = Buffer.concat([process.fs.readFile(path, opened), rest])
    process.host.witness.file({ path: process.fs.realpath(path, opened), data, fate: 'sent' })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
}
