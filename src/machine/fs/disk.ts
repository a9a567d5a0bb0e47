import type { Persona } from '#persona/persona.ts'
import type { FileSystem } from '../system.ts'
import { baseLayer } from './base.ts'
import { furnish } from './furnish.ts'
import { loadImage } from './image.ts'
import type { Layer } from './inode.ts'
import type { Mount, Provider } from './mount.ts'
import { type Overlay, overlayOn, type Quota } from './overlay.ts'
import { procProvider } from './proc.ts'
import type { ProcessTable } from './process-table.ts'
import type { Watch } from './rules.ts'
import { sysfsProvider } from './sysfs.ts'
import { createFileSystem } from './tree.ts'

/** The machine's disk as installed, which all attackers start from. */
export type MachineDisk = {
  base: Layer
  /** What one attacker changes. */
  layer(quota?: Quota): Overlay
  /** That layer as a file system, with what runs for them; `watch` hears what happens to contents. */
  view(tree: Overlay, processes: ProcessTable, watch?: Watch): { fs: FileSystem; mounts: readonly Mount[] }
  /** The same, whatever is mounted on it aside, when the clock showed `time`: what is done there was done then. */
  asOf(tree: Overlay, time: number): FileSystem
}

/** One attacker may add so much by default. */
export const defaultQuota: Quota = { bytes: 16 << 20, inodes: 10_000 }

/** A persona's disk from the image's bytes (data/machine/debian-12.img). `now` is the machine's clock, in milliseconds. */
export const machineDisk = (
  image: Buffer,
  persona: Persona,
  about: { now(): number; random(bytes: number): Buffer },
): MachineDisk => {
  const { installedAt, bootedAt, upgradedAt } = persona
  const key = persona.derive('disk', 16)
  const bare = baseLayer(loadImage(image, persona.os.kernel), { key, installedAt, bootedAt, upgradedAt })
  const base = overlayOn(bare, { bytes: 1 << 22, inodes: 4000 })
  const [root, ...others] = mountsOf(persona)
  // Installing happened long ago, whatever the clock says.
  const installing = { now: () => installedAt + 300_000, random: about.random, mounts: [root] as [Mount] }
  furnish(createFileSystem({ tree: base, ...installing }), base, persona, about.now)
  const sysfs = sysfsProvider(persona, about.now)
  base.version = `${bare.version}-${base.next}`
  return {
    base,
    layer: (quota = defaultQuota) => overlayOn(base, quota),
    asOf: (tree, time) => createFileSystem({ tree, now: () => time, random: about.random, mounts: [root] }),
    view(tree, processes, watch) {
      const mounts: [Mount, ...Mount[]] = [root, ...others]
      const { now } = about
      const live = (path: string, provider: Provider): void => {
        const index = mounts.findIndex(mount => mount.path === path)
        mounts[index] = { ...mounts[index]!, provider }
      }
      // Most never look: its tables are made when somebody does.
      let proc: Provider | undefined
      live('/proc', {
        missing: 'ENOENT',
        lookup(path) {
          proc ??= procProvider({ persona, processes, mounts, now })
          return proc.lookup(path)
        },
      })
      live('/sys', sysfs)
      return { fs: createFileSystem({ tree, mounts, ...about, ...(watch ? { watch } : {}) }), mounts }
    },
  }
}

const mountsOf = ({ memory, bootedAt }: Persona): [Mount, ...Mount[]] => {
  const kib = (share: number): string => `${Math.floor((memory * share) / 1024)}k`
  const mount = (path: string, source: string, type: string, options: string, dev: number): Mount => {
    return { path, source, type, options, dev, mountedAt: bootedAt }
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
