import { errorText } from '../../../errors.ts'
import { type Process, type Stat, SystemError } from '../../../system.ts'
import { absolute } from '../../paths.ts'
import { type Flags, type Peer, Quit } from './peer.ts'

/** Folders within each other that are given. */
const deepest = 64
const pieceBytes = 65_536

/** `scp -f`: gives files to the other end (source of OpenSSH 9.2's scp.c). */
export const source = async (
  process: Process,
  peer: Peer,
  names: readonly string[],
  flags: Flags,
  depth = 0,
): Promise<void> => {
  for (const given of names) {
    process.step()
    const name = given.replace(/(?<=.)\/+$/, '')
    const path = absolute(process, name)
    let stat: Stat
    try {
      stat = process.fs.stat(path, process.who)
      if (stat.type === 'socket') throw new SystemError('ENXIO', path)
      if (!process.fs.access(path, 4, process.who)) throw new SystemError('EACCES', path)
    } catch (error) {
      await peer.error(`${name}: ${errorText(error)}`)
      continue
    }
    const shown = name.replaceAll('\n', '\\n')
    if (stat.type === 'directory' && flags.recursive && depth < deepest) {
      await giveFolder(process, peer, name, stat, flags, depth)
    } else if (stat.type !== 'file') {
      await peer.error(`${shown}: not a regular file`)
    } else await giveFile(process, peer, shown, path, stat, flags)
  }
}

const baseName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
const octal = (mode: number): string => mode.toString(8).padStart(4, '0')
const seconds = (time: number): number => Math.floor(time / 1000)

/** Whether the other end wants to go on. */
const agreed = async (peer: Peer): Promise<boolean> => {
  const answer = await peer.response()
  if (answer === 'lost' || answer === 'fatal') throw new Quit(1)
  return answer === 'ok'
}

const times = async (peer: Peer, { mtime, atime }: Stat, { times }: Flags): Promise<boolean> => {
  if (!times) return true
  await peer.write(`T${seconds(mtime)} 0 ${seconds(atime)} 0\n`)
  return agreed(peer)
}

const giveFile = async (
  process: Process,
  peer: Peer,
  name: string,
  path: string,
  stat: Stat,
  flags: Flags,
): Promise<void> => {
  if (!(await times(peer, stat, flags))) return
  const { size, mode } = stat
  await peer.write(`C${octal(mode)} ${size} ${baseName(name)}\n`)
  if (!(await agreed(peer))) return
  let failure: string | undefined
  for (let at = 0; at < size; ) {
    const max = Math.min(pieceBytes, size - at)
    let piece: Buffer = Buffer.alloc(0)
    try {
      if (failure === undefined) piece = process.fs.readFile(path, process.who, { at, max })
      if (piece.length === 0) failure ??= errorText(new SystemError('EIO', path))
    } catch (error) {
      failure = errorText(error)
    }
    // Bytes that cannot be read are made up: the other end counts.
    if (piece.length === 0) piece = Buffer.alloc(max)
    process.step(1 + (piece.length >> 10))
    await peer.write(piece)
    at += piece.length
  }
  process.host.witness.read({ path: process.fs.realpath(path, process.who), size })
  if (failure === undefined) await peer.ok()
  else await peer.error(`${name}: ${failure}`)
  await agreed(peer)
}

const giveFolder = async (
  process: Process,
  peer: Peer,
  name: string,
  stat: Stat,
  flags: Flags,
  depth: number,
): Promise<void> => {
  let entries: string[]
  try {
    entries = process.fs.readdir(absolute(process, name), process.who)
  } catch (error) {
    return peer.error(`${name}: ${errorText(error)}`)
  }
  if (!(await times(peer, stat, flags))) return
  await peer.write(`D${octal(stat.mode)} 0 ${baseName(name)}\n`)
  if (!(await agreed(peer))) return
  for (const entry of entries) await source(process, peer, [`${name}/${entry}`], flags, depth + 1)
  await peer.write('E\n')
  await agreed(peer)
}
