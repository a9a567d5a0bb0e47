import type { Persona } from '#persona/persona.ts'
import type { DiskRecipe } from './disk.ts'
import { furnish } from './furnish.ts'
import { releaseChanges } from './furnish-release.ts'
import type { Mount } from './mount.ts'
import { sysfsProvider } from './sysfs.ts'

/** A server's disk from an image of Debian's packages or Ubuntu's. */
export const debianDisk = (image: Buffer): DiskRecipe => ({
  image,
  changes: releaseChanges,
  mounts: mountsOf,
  furnish,
  sysfs: sysfsProvider,
})

/** What the initial ramdisk mounts, in this order. */
const ramdisk = ['/sys', '/proc', '/dev', '/run']

const mountsOf = ({ memory, bootedAt }: Persona): [Mount, ...Mount[]] => {
  const kib = (share: number): string => `${Math.floor((memory * share) / 1024)}k`
  const mount = (path: string, source: string, type: string, options: string, dev: number): Mount => {
    const early = ramdisk.indexOf(path)
    return { path, source, type, options, dev, mountedAt: bootedAt, ...(early < 0 ? {} : { early }) }
  }
  return [
    mount('/', '/dev/sda1', 'ext4', 'rw,relatime,errors=remount-ro', 0x801),
    mount('/sys', 'sysfs', 'sysfs', 'rw,nosuid,nodev,noexec,relatime', 20),
    mount('/proc', 'proc', 'proc', 'rw,nosuid,nodev,noexec,relatime', 21),
    mount(
      '/dev',
      'udev',
      'devtmpfs',
      `rw,nosuid,relatime,size=${kib(0.48)},nr_inodes=${Math.floor(memory / 8600)},mode=755,inode64`,
      5,
    ),
    mount('/run', 'tmpfs', 'tmpfs', `rw,nosuid,nodev,noexec,relatime,size=${kib(0.1)},mode=755,inode64`, 22),
    mount('/dev/shm', 'tmpfs', 'tmpfs', 'rw,nosuid,nodev,inode64', 23),
    mount('/run/lock', 'tmpfs', 'tmpfs', 'rw,nosuid,nodev,noexec,relatime,size=5120k,inode64', 24),
  ]
}
