import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { usageMistake } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { absolute, complain, statOf } from '../paths.ts'
import { type Disk, disksOf } from './disks.ts'

const SECTOR = 512
/** Sectors that the kernel reads ahead (VM_READAHEAD_PAGES). */
const AHEAD = 256
/** Bytes of a block of ext4. */
const BLOCK = 4096

/** What a device is asked by an ioctl, of which a file that is none says "inappropriate"; the value of a disk. */
const questions = new Map<string, { ioctl: string; value: (disk: Disk) => number }>([
  ['--getsize64', { ioctl: 'BLKGETSIZE64', value: ({ size }) => size }],
  ['--getsize', { ioctl: 'BLKGETSIZE', value: ({ size }) => Math.floor(size / SECTOR) }],
  ['--getro', { ioctl: 'BLKROGET', value: () => 0 }],
  ['--getdiscardzeroes', { ioctl: 'BLKDISCARDZEROES', value: () => 0 }],
  ['--getss', { ioctl: 'BLKSSZGET', value: () => SECTOR }],
  ['--getpbsz', { ioctl: 'BLKPBSZGET', value: () => SECTOR }],
  ['--getiomin', { ioctl: 'BLKIOMIN', value: () => SECTOR }],
  ['--getioopt', { ioctl: 'BLKIOOPT', value: () => 0 }],
  ['--getalignoff', { ioctl: 'BLKALIGNOFF', value: () => 0 }],
  ['--getmaxsect', { ioctl: 'BLKSECTGET', value: () => 2560 }],
  ['--getbsz', { ioctl: 'BLKBSZGET', value: () => BLOCK }],
  ['--getra', { ioctl: 'BLKRAGET', value: () => AHEAD }],
  ['--getfra', { ioctl: 'BLKFRAGET', value: () => AHEAD }],
])
/** The one question that a plain file has an answer to. */
const SECTORS = '--getsz'
/** What is set is taken, and changes nothing here; whether a number follows. */
const orders: ReadonlyMap<string, { ioctl: string; takes: boolean }> = new Map([
  ['--setro', { ioctl: 'BLKROSET', takes: false }],
  ['--setrw', { ioctl: 'BLKROSET', takes: false }],
  ['--setbsz', { ioctl: 'BLKBSZSET', takes: true }],
  ['--setra', { ioctl: 'BLKRASET', takes: true }],
  ['--setfra', { ioctl: 'BLKFRASET', takes: true }],
  ['--flushbufs', { ioctl: 'BLKFLSBUF', takes: false }],
  ['--rereadpt', { ioctl: 'BLKRRPART', takes: false }],
])

/** blockdev(8) of util-linux 2.38. */
export const blockdev: Program = async process => {
  const [name = 'blockdev', ...words] = process.argv
  const misused = (what: string) => usageMistake(process, `${name}: ${what}`)
  if (words.length === 0) return misused('not enough arguments')
  if (words[0] === '-V' || words[0] === '--version') {
    await process.stdout.write(versioned(process, 'blockdev from util-linux @util-linux@\n'))
    return 0
  }
  if (words[0] === '--report') return report(process, words.slice(1))
  const asked: string[] = []
  while (words[0]?.startsWith('-')) {
    const word = words.shift()!
    if (/^(-q|-v|--quiet|--verbose)$/.test(word)) continue
    if (word !== SECTORS && !questions.has(word) && !orders.has(word)) return misused(`Unknown command: ${word}`)
    if (orders.get(word)?.takes) words.shift()
    asked.push(word)
  }
  if (words.length === 0) return misused('no device specified')
  for (const path of words) {
    const status = await ask(process, path, asked)
    if (status !== 0) return status
  }
  return 0
}

/** Why it cannot be opened; `undefined`: it can. */
const closed = (process: Process, path: string): string | undefined => {
  if (!statOf(process, path)) return errorText(new SystemError('ENOENT'))
  return process.fs.access(absolute(process, path), 4, process.who) ? undefined : errorText(new SystemError('EACCES'))
}

const diskAt = (process: Process, path: string): Disk | undefined =>
  disksOf(process).find(({ name }) => `/dev/${name}` === absolute(process, path))

const ask = async (process: Process, path: string, asked: readonly string[]): Promise<number> => {
  const refuse = (why: string) => complain(process, why).then(() => 1)
  const why = closed(process, path)
  if (why !== undefined) return refuse(`cannot open ${path}: ${why}`)
  const disk = diskAt(process, path)
  for (const word of asked) {
    if (word === SECTORS) {
      const stat = statOf(process, path)!
      if (!disk && stat.type !== 'file') return refuse('could not get device size')
      await process.stdout.write(`${Math.floor((disk?.size ?? stat.size) / SECTOR)}\n`)
      continue
    }
    const [question, order] = [questions.get(word), orders.get(word)]
    const ioctl = (question ?? order)!.ioctl
    if (!disk) return refuse(`ioctl error on ${ioctl}: ${errorText(new SystemError('ENOTTY'))}`)
    if (order && process.who.uid !== 0) return refuse(`ioctl error on ${ioctl}: Permission denied`)
    if (ioctl === 'BLKRRPART') return refuse(`ioctl error on ${ioctl}: ${errorText(new SystemError('EBUSY'))}`)
    if (question) await process.stdout.write(`${question.value(disk)}\n`)
  }
  return 0
}

const report = async (process: Process, paths: readonly string[]): Promise<number> => {
  const all = disksOf(process)
  await process.stdout.write('RO    RA   SSZ   BSZ        StartSec            Size   Device\n')
  for (const path of paths.length > 0 ? paths : all.map(({ name }) => `/dev/${name}`)) {
    const why = closed(process, path)
    const disk = diskAt(process, path)
    if (why !== undefined || !disk) {
      await complain(process, why === undefined ? `ioctl error on ${path}` : `cannot open ${path}: ${why}`)
      continue
    }
    const start = disk.parent === undefined ? 0 : firstSector(all, disk)
    const cells = [AHEAD, SECTOR, BLOCK].map(number => `${number}`.padStart(5)).join(' ')
    await process.stdout.write(`rw ${cells} ${`${start}`.padStart(15)} ${`${disk.size}`.padStart(15)}   ${path}\n`)
  }
  return 0
}

/** The first begins at 1 MiB, each other behind the one before. */
const firstSector = (all: readonly Disk[], disk: Disk): number => {
  const before = all.filter(({ parent, minor }) => parent === disk.parent && minor < disk.minor)
  return 2048 + before.reduce((sum, { size }) => sum + Math.floor(size / SECTOR), 0)
}
