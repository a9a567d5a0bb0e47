import fs from 'node:fs'
import path from 'node:path'

/** One import of a file: of the house (`file`, from the root) or of something else. */
export type Import = { what: string; file?: string; typeOnly: boolean }

// From a line's beginning, so that code in strings and comments is not taken for code.
const statement = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm
const dynamic = /\bimport\('([^']+)'\)/g

const known = new Map<string, Import[]>()

export function importsOf(root: string, file: string): Import[] {
  let found = known.get(file)
  if (!found) {
    const source = fs.readFileSync(path.join(root, file), 'utf8')
    found = [
      ...[...source.matchAll(statement)].map(([, type, what]) => describe(root, file, what!, type !== undefined)),
      ...[...source.matchAll(dynamic)].map(([, what]) => describe(root, file, what!, false)),
    ]
    known.set(file, found)
  }
  return found
}

function describe(root: string, from: string, what: string, typeOnly: boolean): Import {
  const target = what.startsWith('#')
    ? `src/${what.slice(1)}`
    : /^\.\.?\//.test(what)
      ? path.join(path.dirname(from), what)
      : undefined
  if (target === undefined) return { what, typeOnly }
  // The page leaves endings to its bundler.
  const file = [target, `${target}.ts`, `${target}.tsx`].find(name => fs.existsSync(path.join(root, name))) ?? target
  return { what, file: path.normalize(file), typeOnly }
}

/** Every file of the house that these load, directly or not. Types load nothing. */
export function reachable(root: string, entries: string[]): Set<string> {
  const found = new Set<string>()
  const waiting = [...entries]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file) || !/\.tsx?$/.test(file)) continue
    found.add(file)
    for (const next of importsOf(root, file)) if (!next.typeOnly && next.file !== undefined) waiting.push(next.file)
  }
  return found
}
