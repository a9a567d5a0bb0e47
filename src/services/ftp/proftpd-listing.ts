import { facts, type ListStyle, names } from './listing.ts'
import { listing, parseListing } from './ls.ts'
import { clock, type Ftp } from './session.ts'
import { type Entry, errors, find, isDir, resolve } from './tree.ts'
import { FTP_GID, FTP_UID } from './world.ts'

/** As mod_facts lists them. */
export const allFacts = [
  'modify',
  'perm',
  'size',
  'type',
  'unique',
  'UNIX.group',
  'UNIX.groupname',
  'UNIX.mode',
  'UNIX.owner',
  'UNIX.ownername',
]

/** The name that a listing shows; DirFakeUser shows an anonymous visitor everything as `ftp`. */
export function ownerName(ftp: Ftp, id: number): string {
  const account = ftp.visitor?.account
  if (!account) return 'ftp'
  if (id === account.uid) return account.name
  return id === FTP_UID || id === FTP_GID ? 'ftp' : id === 0 ? 'root' : String(id)
}
/** May the visitor change what is in, or the content of, this entry? */
export const mayWrite = (ftp: Ftp, entry: Entry) => entry.uid === (ftp.visitor?.account?.uid ?? FTP_UID)

const style = (ftp: Ftp): ListStyle => ({
  now: clock(ftp),
  zone: 0, // TimesGMT on
  owner: uid => ownerName(ftp, uid),
  group: gid => ownerName(ftp, gid),
  product: 'ProFTPD',
})
const habits = { recursive: true, itself: true, keepsPath: true }

export type Listed = { ok: string; error?: undefined } | { error: string; ok?: undefined }
const refuse = (said: string, error: keyof typeof errors) => ({ error: `450 ${said}: ${errors[error]}\r\n` })

export function list(ftp: Ftp, arg: string, long: boolean): Listed {
  const asked = parseListing(arg)
  const shown = listing({ tree: ftp.tree, cwd: ftp.cwd, style: long ? style(ftp) : undefined }, asked, habits)
  return shown.ok ? { ok: shown.ok.join('') } : refuse(asked.said, shown.error)
}

/** STAT with a path: a directory's whole listing as 212, a file's line as 213 (RFC 959 §5.4). */
export function statusOf(ftp: Ftp, arg: string): string {
  const { said } = parseListing(arg)
  const shown = list(ftp, `-a ${said}`, true)
  if (shown.error !== undefined) return shown.error
  const found = find(ftp.tree, resolve(ftp.cwd, said)).ok
  const code = found && isDir(found) ? 212 : 213
  return `${code}-Status of ${said}:\r\n${shown.ok.replace(/^(?=.)/gm, ' ')}${code} End of status\r\n`
}

function line(ftp: Ftp, path: string, entry: Entry, type: 'cdir' | 'pdir' | 'dir' | 'file', name: string): string {
  const writable = mayWrite(ftp, entry)
  const about = {
    type,
    perm: isDir(entry) ? (writable ? 'flcdmpe' : 'fle') : writable ? 'adfrw' : 'adfr',
    // st_dev and st_ino in hexadecimal.
    unique: `FE01U${inode(ftp, path).toString(16).toUpperCase()}`,
    // DirFakeUser fakes the number too, DirFakeGroup does not.
    uid: ftp.visitor?.account ? entry.uid : FTP_UID,
    owner: ownerName(ftp, entry.uid),
    group: ownerName(ftp, entry.gid),
  }
  return `${facts(entry, about, ftp.facts ?? everyFact)} ${name}\r\n`
}
const everyFact: ReadonlySet<string> = new Set(allFacts)
const inode = (ftp: Ftp, path: string) =>
  0x40000 + ((ftp.cx.persona.derive(`ftp/inode/${ftp.visitor?.name}${path}`, 3).readUIntBE(0, 3) & 0x3fffff) | 0)

export function factsOfDir(ftp: Ftp, said: string): Listed {
  const path = resolve(ftp.cwd, said)
  const dir = find(ftp.tree, path)
  if (!dir.ok) return { error: `550 ${said}: ${errors[dir.error]}\r\n` }
  if (!isDir(dir.ok)) return { error: `550 '${said}' is not a directory\r\n` }
  const { entries } = dir.ok
  const up = resolve(path, '..')
  const lines = names(dir.ok, true).map(name => {
    const entry = entries.get(name)!
    return line(ftp, resolve(path, name), entry, isDir(entry) ? 'dir' : 'file', name)
  })
  const parent = find(ftp.tree, up).ok ?? dir.ok
  return { ok: [line(ftp, path, dir.ok, 'cdir', '.'), line(ftp, up, parent, 'pdir', '..'), ...lines].join('') }
}

export function factsOfOne(ftp: Ftp, said: string): string {
  const path = resolve(ftp.cwd, said)
  const entry = find(ftp.tree, path).ok
  if (!entry) return `550 '${said}' cannot be listed\r\n`
  const shown = line(ftp, path, entry, isDir(entry) ? 'dir' : 'file', path)
  return `250-Start of list for ${said === '' ? path : said}\r\n ${shown}250 End of list\r\n`
}
