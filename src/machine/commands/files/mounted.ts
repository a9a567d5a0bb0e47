import { inOrder, type Mount } from '../../fs/mount.ts'
import { vitalsOf } from '../../fs/vitals.ts'
import { kernel } from '../../rights.ts'
import { type Process, SystemError } from '../../system.ts'
import { absolute } from '../paths.ts'

/** The file system that a path lies on. */
export const mountOf = (process: Process, path: string): Mount => {
  let real = absolute(process, path)
  try {
    real = process.fs.realpath(real, kernel)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  let found = process.host.mounts[0]!
  for (const mount of process.host.mounts) {
    const holds = real === mount.path || mount.path === '/' || real.startsWith(`${mount.path}/`)
    if (holds && mount.path.length >= found.path.length) found = mount
  }
  return found
}

/** statfs(2). Blocks of `blockSize` bytes. */
export type Space = {
  blockSize: number
  blocks: number
  free: number
  available: number
  inodes: number
  inodesFree: number
  id: string
  magic: number
  /** As `stat -f` calls it. */
  typeName: string
}

const kinds = new Map<string, [magic: number, name: string]>([
  ['ext4', [0xef53, 'ext2/ext3']],
  ['tmpfs', [0x01021994, 'tmpfs']],
  ['devtmpfs', [0x01021994, 'tmpfs']],
  ['proc', [0x9fa0, 'proc']],
  ['sysfs', [0x62656572, 'sysfs']],
])

const page = 4096

/** How much a file system holds and has left: the disk as the persona has it, what is in memory by its mount options. */
export const spaceOf = (process: Process, mount: Mount): Space => {
  const { persona } = process.host
  const [magic, typeName] = kinds.get(mount.type) ?? [0, 'UNKNOWN']
  const id = persona.derive(`fsid ${mount.path}`, 8).toString('hex').replace(/^0+/, '')
  const none = { blockSize: page, blocks: 0, free: 0, available: 0, inodes: 0, inodesFree: 0, id: '0', magic, typeName }
  if (mount.space) {
    const blocks = Math.floor(mount.space.bytes / 1024)
    const free = blocks - Math.min(blocks, Math.ceil(mount.space.used / 1024))
    return { ...none, blockSize: 1024, blocks, free, available: free, inodes: blocks, inodesFree: free, id }
  }
  if (mount.type === 'ext4') {
    const inodes = Math.floor(persona.disk / 16_384 / 8192) * 8192
    // Tables of inodes and the journal are not there for files.
    const blocks = Math.floor((persona.disk - (1 << 20) - inodes * 256 - (64 << 20)) / page)
    const noise = persona.derive('disk used', 4).readUInt32BE() / 2 ** 32
    const age = Math.max(0, process.now() - persona.bootedAt) / 86_400_000
    const growth = Math.floor((age * 2.7 * (1 << 20)) / page)
    const used = Math.floor(((1.35 + noise * 0.5) * 2 ** 30) / page) + Math.min(growth, 200_000)
    const free = Math.max(0, blocks - used)
    const reserved = Math.floor(blocks * 0.05)
    return {
      ...none,
      blocks,
      free,
      available: Math.max(0, free - reserved),
      inodes,
      inodesFree: inodes - 61_000 - Math.floor(noise * 9000),
      id,
    }
  }
  if (mount.type !== 'tmpfs' && mount.type !== 'devtmpfs') return none
  const option = /size=([0-9]+)k/.exec(mount.options)
  const size = option ? Number(option[1]) * 1024 : Math.floor(persona.memory / 2)
  const limit = /nr_inodes=([0-9]+)/.exec(mount.options)
  const inodes = limit ? Number(limit[1]) : Math.floor(vitalsOf(persona, process.now()).memory.total / 2 / page)
  const [used, files] =
    mount.path === '/run' ? [Math.floor(size * 0.003) + 120 * page, 580] : [0, mount.type === 'devtmpfs' ? 330 : 2]
  const blocks = Math.floor(size / page)
  const free = blocks - Math.min(blocks, Math.floor(used / page))
  return { ...none, blocks, free, available: free, inodes, inodesFree: inodes - files, id }
}

/** Mounts as the kernel lists them. */
export const mountsInOrder = ({ host }: Process): Mount[] => inOrder(host.mounts)
