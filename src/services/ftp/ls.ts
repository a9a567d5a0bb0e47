import { type ListStyle, listLine, names } from './listing.ts'
import { type Dir, type Entry, type Errno, find, isDir, resolve, type Tree } from './tree.ts'

/** What a client asked of LIST or NLST: the switches of ls(1) that a daemon understands, and a path or pattern. */
export type Asked = { hidden: boolean; recursive: boolean; itself: boolean; long: boolean; said: string }

export function parseListing(arg: string): Asked {
  let said = arg.trimStart()
  let switches = ''
  for (let found = /^-(\S*)\s*/.exec(said); found; found = /^-(\S*)\s*/.exec(said)) {
    switches += found[1]
    said = said.slice(found[0].length)
  }
  const has = (letter: string) => switches.includes(letter)
  return { hidden: has('a'), recursive: has('R'), itself: has('d'), long: has('l'), said }
}

type View = { tree: Tree; cwd: string; style: ListStyle | undefined }

/** The lines, each with its end; without a `style` they are names alone. An error when nothing is there. */
export function listing(view: View, asked: Asked, habits: Habits): { ok: string[] } | { error: Errno; ok?: undefined } {
  const { said } = asked
  const path = resolve(view.cwd, said)
  const found = find(view.tree, path)
  if (found.ok && isDir(found.ok) && !(asked.itself && habits.itself)) {
    const prefix = view.style || said === '' ? '' : `${said.replace(/\/+$/, '')}/`
    const own = children(view, found.ok, path, prefix, asked.hidden)
    return { ok: asked.recursive && habits.recursive ? [...own, ...below(view, path, said, asked.hidden)] : own }
  }
  const cut = said.lastIndexOf('/')
  const folder = cut < 0 ? '' : said.slice(0, cut + 1)
  const shown = view.style && !habits.keepsPath ? '' : folder
  if (found.ok) return { ok: [line(view, shown + said.slice(cut + 1), found.ok)] }
  const dir = find(view.tree, resolve(view.cwd, folder === '' ? '.' : folder)).ok
  if (!dir || !isDir(dir) || !/[*?]/.test(said)) return { error: found.error ?? 'ENOENT' }
  const pattern = glob(said.slice(cut + 1))
  const matching = names(dir, asked.hidden).filter(pattern)
  return matching.length === 0
    ? { error: 'ENOENT' }
    : { ok: matching.map(name => line(view, shown + name, dir.entries.get(name)!)) }
}
/** Where the daemons differ: `-R` and `-d` understood, a path repeated as it was said. */
export type Habits = { recursive: boolean; itself: boolean; keepsPath: boolean }

const line = (view: View, name: string, entry: Entry) => `${view.style ? listLine(name, entry, view.style) : name}\r\n`

function children(view: View, dir: Dir, path: string, prefix: string, hidden: boolean): string[] {
  const shown = names(dir, hidden).map(name => line(view, prefix + name, dir.entries.get(name)!))
  if (!hidden) return shown
  const parent = find(view.tree, resolve(path, '..')).ok ?? dir
  return [line(view, `${prefix}.`, dir), line(view, `${prefix}..`, parent), ...shown]
}

// As deep as the tree is, which is bounded.
function below(view: View, path: string, said: string, hidden: boolean): string[] {
  const dir = find(view.tree, path).ok
  if (!dir || !isDir(dir)) return []
  return names(dir, hidden).flatMap(name => {
    const child = dir.entries.get(name)!
    if (!isDir(child)) return []
    const title = said === '' ? name : `${said.replace(/\/+$/, '')}/${name}`
    const inside = resolve(path, name)
    return [
      '\r\n',
      `${title}:\r\n`,
      ...children(view, child, inside, '', hidden),
      ...below(view, inside, title, hidden),
    ]
  })
}

/** `*` and `?`, matched left to right in one pass: a hostile pattern costs no more than its length times the name's. */
export function glob(pattern: string): (name: string) => boolean {
  return name => {
    let [at, in_, star, mark] = [0, 0, -1, 0]
    while (at < name.length) {
      if (pattern[in_] === '*') [star, mark, in_] = [in_, at, in_ + 1]
      else if (in_ < pattern.length && (pattern[in_] === '?' || pattern[in_] === name[at])) {
        at++
        in_++
      } else if (star >= 0) {
        in_ = star + 1
        at = ++mark
      } else return false
    }
    return /^\**$/.test(pattern.slice(in_))
  }
}
