import type { Credentials } from '../system.ts'
import type { Inode } from './inode.ts'

/** FS_IMMUTABLE_FL, FS_APPEND_FL and FS_EXTENT_FL, which ext4 sets on all it makes. */
export const attribute = { immutable: 0x10, append: 0x20, extents: 0x80000 } as const

/** chattr(1) forbids it, to root as well: any change, or any but adding. */
export const sealed = ({ flags = 0 }: Readonly<Inode>, adds = false): boolean =>
  (flags & attribute.immutable) !== 0 || (!adds && (flags & attribute.append) !== 0)

/** A bit of rwx as access(2) has it. */
export const may = { read: 4, write: 2, execute: 1 } as const

export const inGroup = (gid: number, who: Credentials): boolean => who.gid === gid || who.groups.includes(gid)

/** inode_permission(9): owner, then group, then others decide, and nobody else; root may all but run what nobody may. */
export const permits = (inode: Readonly<Inode>, mask: number, who: Credentials): boolean => {
  if (who.uid === 0) {
    return !(mask & may.execute) || inode.type === 'directory' || (inode.mode & 0o111) !== 0
  }
  const shift = inode.uid === who.uid ? 6 : inGroup(inode.gid, who) ? 3 : 0
  return ((inode.mode >> shift) & mask) === mask
}

export const owns = (inode: Readonly<Inode>, who: Credentials): boolean => who.uid === 0 || who.uid === inode.uid

/** A sticky directory lets an entry be removed by its owner, the directory's owner and root only. */
export const stuck = (directory: Readonly<Inode>, entry: Readonly<Inode>, who: Credentials): boolean =>
  (directory.mode & 0o1000) !== 0 && who.uid !== 0 && who.uid !== entry.uid && who.uid !== directory.uid

/** The mode after somebody without rights over it changed the content or the owner (setattr_should_drop_suidgid). */
export const withoutPrivileges = (inode: Readonly<Inode>, who: Credentials): number => {
  const runsAsGroup = (inode.mode & 0o2010) === 0o2010
  const keepsGroup = !(inode.mode & 0o2000) || (!runsAsGroup && (who.uid === 0 || inGroup(inode.gid, who)))
  return inode.mode & (keepsGroup ? ~0o4000 : ~0o6000)
}

/** fs.protected_* of sysctl: Debian's systemd sets the first three to 1 and `regular` to 2. */
export type Protections = { symlinks: boolean; hardlinks: boolean; regular: number; fifos: number }
export const debianProtections: Protections = { symlinks: true, hardlinks: true, regular: 2, fifos: 1 }

/** What anybody may link to when hard links are protected (safe_hardlink_source). */
export const linkable = (inode: Readonly<Inode>, who: Credentials): boolean =>
  owns(inode, who) ||
  (inode.type === 'file' &&
    !(inode.mode & 0o4000) &&
    (inode.mode & 0o2010) !== 0o2010 &&
    permits(inode, may.read | may.write, who))

/** A link in a directory like /tmp is followed by its owner, or where the directory's owner made it (may_follow_link). */
export const followable = (link: Readonly<Inode>, directory: Readonly<Inode>, who: Credentials): boolean =>
  (directory.mode & 0o1002) !== 0o1002 || link.uid === who.uid || link.uid === directory.uid

/** O_CREAT on what somebody else left in a directory like /tmp (may_create_in_sticky). */
export const openable = (
  { type, uid }: Readonly<Inode>,
  directory: Readonly<Inode>,
  who: Credentials,
  { regular, fifos }: Protections,
): boolean => {
  const level = type === 'file' ? regular : type === 'fifo' ? fifos : 0
  if (!level || !(directory.mode & 0o1000) || uid === directory.uid || uid === who.uid) return true
  return !((directory.mode & 0o002) !== 0 || (level >= 2 && (directory.mode & 0o020) !== 0))
}
