import type { Persona } from '#persona/persona.ts'
import { kernel } from '../rights.ts'
import type { FileSystem } from '../system.ts'
import { baseLayer, type Owners } from './base.ts'
import { type ImageChanges, loadImage } from './image.ts'
import type { Layer } from './inode.ts'
import type { Mount, Provider } from './mount.ts'
import { type Overlay, overlayOn, type Quota } from './overlay.ts'
import { type OwnProc, procProvider } from './proc.ts'
import type { ProcessTable } from './process-table.ts'
import type { Watch } from './rules.ts'
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

/** What a kind of computer's disk is made of. */
export type DiskRecipe = {
  /** The bytes of an image (data/machine). */
  image: Buffer
  /** What in the image is otherwise for this persona. */
  changes?(persona: Persona): { image: ImageChanges; owners: Owners } | undefined
  /** What is mounted, the root first; one that is `ro` in its options cannot be written to. */
  mounts(persona: Persona): readonly [Mount, ...Mount[]]
  /** Makes the bare image this persona's. `now` tells the time of the machine's first look at it. */
  furnish(fs: FileSystem, tree: Overlay, persona: Persona, now: () => number): void
  /** Files of /proc that are not as on a server, and `undefined` for those that are not there. */
  proc?: OwnProc
  sysfs(persona: Persona, now: () => number): Provider
}

/** A persona's disk. `now` is the machine's clock, in milliseconds. */
export const machineDisk = (
  recipe: DiskRecipe,
  persona: Persona,
  about: { now(): number; random(bytes: number): Buffer },
): MachineDisk => {
  const { installedAt, bootedAt, upgradedAt } = persona
  const key = persona.derive('disk', 16)
  const changes = recipe.changes?.(persona)
  const bare = baseLayer(loadImage(recipe.image, persona.os.kernel, changes?.image), {
    key,
    installedAt,
    bootedAt,
    upgradedAt,
    ...(changes ? { owners: changes.owners } : {}),
  })
  const base = overlayOn(bare, { bytes: 1 << 22, inodes: 4000 })
  const [root, ...others] = recipe.mounts(persona)
  // Installing happened long ago, whatever the clock says.
  const writable: Mount = { ...root, options: root.options.replace(/^ro\b/, 'rw') }
  const installing = { now: () => installedAt + 300_000, random: about.random, mounts: [writable] as [Mount] }
  recipe.furnish(createFileSystem({ tree: base, ...installing }), base, persona, about.now)
  const sysfs = recipe.sysfs(persona, about.now)
  base.version = `${bare.version}-${persona.os.codename}-${base.next}`
  return {
    base,
    layer: (quota = defaultQuota) => overlayOn(base, quota),
    asOf: (tree, time) => createFileSystem({ tree, now: () => time, random: about.random, mounts: [writable] }),
    view(tree, processes, watch) {
      const mounts: [Mount, ...Mount[]] = [root, ...others]
      const { now } = about
      const live = (path: string, provider: Provider): void => {
        const index = mounts.findIndex(mount => mount.path === path)
        mounts[index] = { ...mounts[index]!, provider }
      }
      const gone = (path: string): boolean => {
        try {
          fs.lstat(path, kernel)
          return false
        } catch {
          return true
        }
      }
      // Most never look: its tables are made when somebody does.
      let proc: Provider | undefined
      live('/proc', {
        missing: 'ENOENT',
        lookup(path) {
          proc ??= procProvider({ persona, processes, mounts, gone, now }, recipe.proc)
          return proc.lookup(path)
        },
      })
      live('/sys', sysfs)
      const fs = createFileSystem({ tree, mounts, ...about, ...(watch ? { watch } : {}) })
      return { fs, mounts }
    },
  }
}
