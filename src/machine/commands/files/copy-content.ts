import { errorText } from '../../errors.ts'
import { type Stat, SystemError } from '../../system.ts'
import { absolute, complain } from '../paths.ts'
import { quoteFile } from '../quoting.ts'
import type { Copying } from './copy.ts'
import { breathe } from './work.ts'

const piece = 65_536

/** Content in pieces, holes as holes: what does not fit on the disk is told as such, and what fitted stays. */
export const copyContent = async (
  copying: Copying,
  from: string,
  to: string,
  stat: Stat,
  there: Stat | undefined,
  given: string,
): Promise<boolean> => {
  const { process } = copying
  const { fs, who } = process
  const [fullFrom, full] = [absolute(process, from), absolute(process, to)]
  const target = quoteFile(process, to)
  const say = async (message: string): Promise<false> => {
    await complain(process, message)
    return false
  }
  const endless = stat.type !== 'file' || stat.size === 0
  const data = endless ? Number.MAX_SAFE_INTEGER : Math.min(stat.size, stat.blocks * 512)
  let first: Buffer
  try {
    first = copying.attributesOnly ? Buffer.alloc(0) : fs.readFile(fullFrom, who, { max: Math.min(piece, data) })
  } catch (error) {
    return say(`cannot open ${quoteFile(process, given)} for reading: ${errorText(error)}`)
  }
  const mode = copying.plainMode
    ? 0o666
    : copying.preserve.mode || copying.preserve.owner
      ? stat.mode & 0o700
      : stat.mode & 0o777
  const create = (): void => {
    // Where nothing is there, nothing that appears meanwhile is written over.
    const how = { mode: mode & ~process.umask }
    fs.writeFile(full, Buffer.alloc(0), who, copying.attributesOnly && there ? { ...how, append: true } : how)
  }
  try {
    if (to === '') throw new SystemError('ENOENT')
    try {
      create()
    } catch (error) {
      if (!there || !copying.force || !(error instanceof SystemError)) throw error
      try {
        fs.unlink(full, who)
      } catch (failed) {
        return say(`cannot remove ${target}: ${errorText(failed)}`)
      }
      if (copying.verbose) await process.stdout.write(`removed ${target}\n`)
      create()
    }
  } catch (error) {
    // A slash at the end of a name that is not there.
    const text =
      error instanceof SystemError && error.errno === 'EISDIR' && to.endsWith('/')
        ? 'Not a directory'
        : errorText(error)
    return say(`cannot create regular file ${target}: ${text}`)
  }
  try {
    let at = 0
    for (
      let next = first;
      next.length > 0;
      next = fs.readFile(fullFrom, who, { at, max: Math.min(piece, data - at) })
    ) {
      process.step(next.length >> 12)
      fs.writeFile(full, next, who, { append: true })
      at += next.length
      if (at >= data) break
      await breathe(process, 8)
    }
    if (!endless && at < stat.size && !copying.attributesOnly) fs.truncate(full, stat.size, who)
  } catch (error) {
    return say(`error writing ${target}: ${errorText(error)}`)
  }
  return true
}
