import { type Dir, type Entry, isDir } from './tree.ts'
import { timestamp } from './wire.ts'

/** How a daemon writes a line of LIST: owners as names or numbers, the clock it shows, the width of its columns. */
export type ListStyle = {
  /** Milliseconds since the epoch. */
  now: number
  /** Minutes east of UTC that the daemon shows times in. */
  zone: number
  owner(uid: number): string
  group(gid: number): string
  product: 'vsFTPd' | 'ProFTPD'
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const HALF_YEAR = 182 * 86_400_000

const links = (entry: Entry) => (isDir(entry) ? 2 + [...entry.entries.values()].filter(isDir).length : 1)
const sizeOf = (entry: Entry) => (isDir(entry) ? 4096 : entry.size)

/** `drwxr-xr-x` */
export function permissions(entry: Entry): string {
  const bits = [...'rwxrwxrwx'].map((letter, i) => (entry.mode & (0o400 >> i) ? letter : '-')).join('')
  return (isDir(entry) ? 'd' : '-') + bits
}

function date(entry: Entry, style: ListStyle): string {
  const at = new Date(entry.mtime + style.zone * 60_000)
  const day = at.getUTCDate()
  const month = months[at.getUTCMonth()]
  const recent = entry.mtime <= style.now + 1000 && style.now - entry.mtime < HALF_YEAR
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`
  const shownDay = style.product === 'vsFTPd' ? two(day) : String(day).padStart(2)
  return `${month} ${shownDay} ${recent ? time : ` ${at.getUTCFullYear()}`}`
}
const two = (n: number) => String(n).padStart(2, '0')

/** One line of LIST, without its end. */
export function listLine(name: string, entry: Entry, style: ListStyle): string {
  const owner = style.owner(entry.uid).padEnd(8)
  const group = style.group(entry.gid).padEnd(8)
  const wide = style.product === 'vsFTPd'
  const count = String(links(entry)).padStart(wide ? 4 : 3)
  return `${permissions(entry)} ${count} ${owner} ${group} ${String(sizeOf(entry)).padStart(8)} ${date(entry, style)} ${name}`
}

/** Names in byte order, hidden ones only when asked for. */
export function names(dir: Dir, hidden: boolean): string[] {
  return [...dir.entries.keys()].filter(name => hidden || !name.startsWith('.')).sort((a, b) => (a < b ? -1 : 1))
}

/** The facts of RFC 3659 §7 as ProFTPD's mod_facts orders them. */
export function facts(
  entry: Entry,
  about: {
    type: 'cdir' | 'pdir' | 'dir' | 'file'
    perm: string
    unique: string
    uid: number
    owner: string
    group: string
  },
  wanted: ReadonlySet<string>,
): string {
  const all: [string, string][] = [
    ['modify', timestamp(entry.mtime)],
    ['perm', about.perm],
    ...(isDir(entry) ? [] : [['size', String(entry.size)] as [string, string]]),
    ['type', about.type],
    ['unique', about.unique],
    ['UNIX.group', String(entry.gid)],
    ['UNIX.groupname', about.group],
    ['UNIX.mode', `0${(entry.mode & 0o7777).toString(8)}`],
    ['UNIX.owner', String(about.uid)],
    ['UNIX.ownername', about.owner],
  ]
  return all
    .filter(([name]) => wanted.has(name))
    .map(([name, value]) => `${name}=${value};`)
    .join('')
}
