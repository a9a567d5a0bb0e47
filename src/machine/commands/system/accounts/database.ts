import { kernel } from '../../../rights.ts'
import { type Process, SystemError } from '../../../system.ts'

/** What set-user-ID programs and root's own have. */
export { kernel } from '../../../rights.ts'

export const paths = {
  passwd: '/etc/passwd',
  shadow: '/etc/shadow',
  group: '/etc/group',
  gshadow: '/etc/gshadow',
  subuid: '/etc/subuid',
  subgid: '/etc/subgid',
} as const
export type Database = keyof typeof paths

/** Rows that an attacker's file may have; more are left alone and not looked at. */
const most = 5000

/** The rows of a database, split at colons. Empty where there is none. */
export const rowsOf = ({ fs }: Process, which: Database): string[][] => {
  try {
    const text = fs.readFile(paths[which], kernel, { max: 1 << 20 }).toString('latin1')
    return text
      .split('\n', most)
      .filter(Boolean)
      .map(line => line.split(':'))
  } catch (error) {
    if (error instanceof SystemError) return []
    throw error
  }
}

/** Writes them, with the old content in `/etc/passwd-` and the like, as shadow's programs do. */
export const writeRows = (process: Process, which: Database, rows: readonly string[][]): void => {
  const { fs } = process
  const path = paths[which]
  const secret = which === 'shadow' || which === 'gshadow'
  process.step(rows.length)
  try {
    const old = fs.readFile(path, kernel)
    fs.writeFile(`${path}-`, old, kernel, { mode: secret ? 0o640 : 0o644 })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  const text = rows.map(row => `${row.join(':')}\n`).join('')
  fs.writeFile(path, Buffer.from(text, 'latin1'), kernel, { mode: secret ? 0o640 : 0o644 })
}

export const rowNamed = (rows: readonly string[][], name: string): string[] | undefined =>
  rows.find(([first]) => first === name)

/** Changes the fields of one row in place; whether there was one. */
export const change = (process: Process, which: Database, name: string, edit: (row: string[]) => void): boolean => {
  const rows = rowsOf(process, which)
  const row = rowNamed(rows, name)
  if (!row) return false
  edit(row)
  writeRows(process, which, rows)
  return true
}

export const append = (process: Process, which: Database, row: string[]): void =>
  writeRows(process, which, [...rowsOf(process, which), row])

export const removeRow = (process: Process, which: Database, name: string): boolean => {
  const rows = rowsOf(process, which)
  const left = rows.filter(([first]) => first !== name)
  if (left.length === rows.length) return false
  writeRows(process, which, left)
  return true
}

/** The next free number above all in use, as useradd(8) chooses it; system accounts count down from 999. */
export const freeId = (rows: readonly string[][], system: boolean): number => {
  const used = new Set(rows.map(row => Number(row[2])))
  if (system) {
    for (let id = 999; id >= 100; id--) if (!used.has(id)) return id
    return 999
  }
  const highest = Math.max(999, ...[...used].filter(id => id >= 1000 && id < 60_000))
  return highest + 1
}

/** Days since the epoch, as shadow(5) counts. */
export const today = ({ now }: Process): number => Math.floor(now() / 86_400_000)

/** Group members: added once, or taken out. */
export const setMember = (process: Process, group: string, user: string, member: boolean): boolean => {
  const edit = (row: string[]): void => {
    const members = (row[3] ?? '').split(',').filter(one => one !== '' && one !== user)
    if (member) members.push(user)
    row[3] = members.join(',')
  }
  change(process, 'gshadow', group, edit)
  return change(process, 'group', group, edit)
}

/** Makes a directory with what is above it, where it is missing. */
export const makeFolder = ({ fs }: Process, path: string, mode: number): boolean => {
  const parts = path.split('/').filter(Boolean).slice(0, 40)
  let made = false
  for (let i = 1; i <= parts.length; i++) {
    const folder = `/${parts.slice(0, i).join('/')}`
    try {
      fs.mkdir(folder, i === parts.length ? mode : 0o755, kernel)
      made = i === parts.length
    } catch (error) {
      if (!(error instanceof SystemError) || error.errno !== 'EEXIST') return false
    }
  }
  return made
}

/** A home directory from /etc/skel, in its owner's name. */
export const furnishHome = (process: Process, home: string, uid: number, gid: number, skeleton = '/etc/skel'): void => {
  const { fs } = process
  makeFolder(process, home, 0o755)
  try {
    fs.chown(home, uid, gid, kernel)
    for (const name of fs.readdir(skeleton, kernel).slice(0, 200)) {
      const from = `${skeleton}/${name}`
      if (fs.stat(from, kernel).type !== 'file') continue
      fs.writeFile(`${home}/${name}`, fs.readFile(from, kernel), kernel, { mode: 0o644 })
      fs.chown(`${home}/${name}`, uid, gid, kernel)
    }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
}

/** rm -rf, bounded. */
export const removeTree = (process: Process, path: string, depth = 0): void => {
  const { fs } = process
  process.step()
  try {
    if (fs.lstat(path, kernel).type !== 'directory') {
      fs.unlink(path, kernel)
      return
    }
    if (depth > 60) return
    for (const name of fs.readdir(path, kernel)) removeTree(process, `${path}/${name}`, depth + 1)
    fs.rmdir(path, kernel)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
}
