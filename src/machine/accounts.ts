import { kernel } from './rights.ts'
import { type Credentials, type FileSystem, SystemError } from './system.ts'

/** passwd(5). */
export type Account = { name: string; uid: number; gid: number; comment: string; home: string; shell: string }
/** group(5). */
export type Group = { name: string; gid: number; members: string[] }

/** Rows that are looked at: an attacker may write as many as the disk holds. */
const most = 2000

const rows = (fs: FileSystem, path: string, fields: number): string[][] => {
  try {
    return fs
      .readFile(path, kernel, { max: 1 << 18 })
      .toString('latin1')
      .split('\n', most)
      .map(line => line.split(':'))
      .filter(row => row.length >= fields)
  } catch (error) {
    if (error instanceof SystemError) return []
    throw error
  }
}

export const accounts = (fs: FileSystem): Account[] =>
  rows(fs, '/etc/passwd', 7).map(([name = '', , uid, gid, comment = '', home = '', shell = '']) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
    comment,
    home,
    shell,
  }))

export const groups = (fs: FileSystem): Group[] =>
  rows(fs, '/etc/group', 4).map(([name = '', , gid, members = '']) => ({
    name,
    gid: Number(gid),
    members: members === '' ? [] : members.split(','),
  }))

/** By name, or by number. */
export const accountOf = (fs: FileSystem, who: string | number): Account | undefined =>
  accounts(fs).find(account => (typeof who === 'number' ? account.uid : account.name) === who)
export const groupOf = (fs: FileSystem, which: string | number): Group | undefined =>
  groups(fs).find(group => (typeof which === 'number' ? group.gid : group.name) === which)

/** What initgroups(3) gives a process of this account. */
export const credentialsOf = (fs: FileSystem, { name, uid, gid }: Account): Credentials => {
  const others = groups(fs).filter(group => group.members.includes(name) && group.gid !== gid)
  return { uid, gid, groups: [gid, ...others.map(other => other.gid)] }
}
