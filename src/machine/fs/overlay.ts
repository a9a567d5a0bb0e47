import { SystemError } from '../system.ts'
import type { Inode, Layer } from './inode.ts'

/** What one attacker may add: bytes of content and of memory that inodes and names take, and inodes. */
export type Quota = { bytes: number; inodes: number }

/** A layer that can be changed. Whatever is not changed is the lower layer's and costs nothing. */
export type Overlay = Layer & {
  usage: Readonly<Quota>
  nodes: ReadonlyMap<number, Inode>
  /** The inode, copied up; what comes back may be written to (but content and names only by the calls below). */
  change(ino: number): Inode
  create(fields: Omit<Inode, 'ino'>): Inode
  /** ENOSPC here and now rather than in the middle of a call that adds a name, or that only moves or removes one. */
  ensure(what: 'add' | 'move'): void
  /** The last name is gone. */
  drop(ino: number): void
  setName(directory: number, name: string, ino: number | undefined): void
  write(ino: number, data: Buffer, at: number): void
  truncate(ino: number, size: number): void
  /** As it was saved: unchecked beyond the quota. */
  restore(inode: Inode): void
}

/** Roughly what an inode with its map takes, and a name. */
const inodeCost = 400
const nameCost = 100
/** What may be used by calls that change what is there. */
const reserve = 1.25
/** One rename at most: three inodes and two names. */
const oneChange = { bytes: 3 * inodeCost + 2 * (nameCost + 255), inodes: 3 }
/** ext4 with blocks of 4 KiB. */
const largest = 2 ** 44 - 4096

export const overlayOn = (lower: Layer, quota: Quota): Overlay => {
  const nodes = new Map<number, Inode>()
  const usage = { bytes: 0, inodes: 0 }
  /** `share`: of the quota, that may be used. What removes and renames has a reserve, as ext4 keeps one for root. */
  const charge = (bytes: number, inodes = 0, share = 1): void => {
    const over = usage.bytes + bytes > quota.bytes * share || usage.inodes + inodes > quota.inodes * share
    if (over && (bytes > 0 || inodes > 0)) throw new SystemError('ENOSPC')
    usage.bytes += bytes
    usage.inodes += inodes
  }
  const costOf = ({ data, names }: Inode): number => {
    let cost = inodeCost + (data?.length ?? 0)
    for (const name of names?.keys() ?? []) cost += nameCost + name.length
    return cost
  }
  const put = (inode: Inode, share = 1): Inode => {
    charge(costOf(inode), 1, share)
    nodes.set(inode.ino, inode)
    return inode
  }
  const sized = (inode: Readonly<Inode>): Readonly<Inode> =>
    inode.render ? { ...inode, size: inode.render().length } : inode
  const layer: Overlay = {
    version: lower.version,
    next: lower.next,
    usage,
    nodes,
    get(ino) {
      const own = nodes.get(ino)
      return own ? sized(own) : lower.get(ino)
    },
    lookup(directory, name) {
      const own = nodes.get(directory)?.names?.get(name)
      return own === undefined ? lower.lookup(directory, name) : own || undefined
    },
    list(directory) {
      const all = directory < lower.next ? lower.list(directory) : new Map<string, number>()
      for (const [name, ino] of nodes.get(directory)?.names ?? []) {
        if (ino) all.set(name, ino)
        else all.delete(name)
      }
      return all
    },
    read(ino, at, max) {
      const own = nodes.get(ino)
      if (own?.render) return own.render().subarray(at, at + max)
      if (!own?.data) return own && ino >= lower.next ? Buffer.alloc(0) : lower.read(ino, at, max)
      const length = Math.max(0, Math.min(max, own.size - at))
      const present = own.data.subarray(at, at + length)
      return present.length === length ? present : Buffer.concat([present], length)
    },
    change(ino) {
      const own = nodes.get(ino)
      if (own) return own
      const { render: _, data: __, ...below } = lower.get(ino)!
      return put({ ...below, ...(below.type === 'directory' ? { names: new Map() } : {}) }, reserve)
    },
    create(fields) {
      const inode = put({ ...fields, ino: layer.next })
      layer.next++
      return inode
    },
    ensure(what) {
      charge(oneChange.bytes, oneChange.inodes, what === 'move' ? reserve : 1)
      charge(-oneChange.bytes, -oneChange.inodes)
    },
    drop(ino) {
      const own = nodes.get(ino)
      if (own) charge(-costOf(own), -1)
      nodes.delete(ino)
    },
    setName(directory, name, ino) {
      const inode = layer.change(directory)
      inode.names ??= new Map()
      const { names } = inode
      const cost = nameCost + name.length
      const below = directory < lower.next ? lower.lookup(directory, name) : undefined
      if (ino === below) {
        if (names.delete(name)) charge(-cost)
      } else {
        if (!names.has(name)) charge(cost, 0, reserve)
        names.set(name, ino ?? 0)
      }
    },
    write(ino, data, at) {
      const inode = layer.change(ino)
      const end = at + data.length
      const present = own(inode)
      if (end > present.length) {
        // Doubling: loaders append some ten bytes at a time.
        const room = end < 4096 ? end : Math.max(end, Math.min(present.length * 2, present.length + (1 << 20)))
        charge(room - present.length)
        const grown = Buffer.alloc(room)
        present.copy(grown)
        inode.data = grown
      }
      data.copy(inode.data!, at)
      inode.size = Math.max(inode.size, end)
    },
    truncate(ino, size) {
      if (size > largest) throw new SystemError('EINVAL')
      const inode = layer.change(ino)
      if (size === 0) {
        charge(-(inode.data?.length ?? 0))
        inode.data = Buffer.alloc(0)
      } else {
        const present = own(inode)
        if (present.length > size) {
          charge(size - present.length)
          inode.data = Buffer.from(present.subarray(0, size))
        }
      }
      inode.size = size
    },
    restore(inode) {
      put(inode)
      layer.next = Math.max(layer.next, inode.ino + 1)
    },
  }
  /** Content of its own, brought up from below first where need be. */
  const own = (inode: Inode): Buffer => {
    if (!inode.data) {
      if (inode.size > quota.bytes) throw new SystemError('ENOSPC')
      charge(inode.size)
      inode.data = Buffer.from(lower.read(inode.ino, 0, inode.size))
    }
    return inode.data
  }
  return layer
}
