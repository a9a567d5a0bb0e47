import { compilePattern, matches, type Pattern } from './pattern.ts'
import { absolute, fsOf, type Shell, whoOf } from './state.ts'
import { spend } from './world.ts'

/** Something in the pattern is special. */
export const hasMagic = (pattern: string, extglob: boolean): boolean => {
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!
    if (c === '\\') i++
    else if (c === '*' || c === '?') return true
    else if (c === '[' && pattern.indexOf(']', i + 1) !== -1) return true
    else if (extglob && '+@!'.includes(c) && pattern[i + 1] === '(') return true
  }
  return false
}

const plain = (pattern: string): string => pattern.replace(/\\(.)/gs, '$1')

/** Pathname expansion (XCU 2.13.3) in the order of the C locale; empty when nothing fits. */
export const glob = (sh: Shell, pattern: string): string[] => {
  const parts = pattern.split('/')
  let found = ['']
  const extglob = sh.shopt.has('extglob')
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1
    if (!hasMagic(part, extglob)) {
      const text = plain(part)
      found = found
        .map(base => base + text + (last ? '' : '/'))
        .filter(path => !last || parts.length === 1 || text === '' || exists(sh, path))
      continue
    }
    const compiled = compilePattern(part, extglob)
    const hidden = part.startsWith('.') || part.startsWith('\\.') || sh.shopt.has('dotglob')
    const starstar = part === '**' && sh.shopt.has('globstar')
    found = found.flatMap(base =>
      starstar ? deep(sh, base, last, 0) : list(sh, base, compiled, hidden).map(name => base + name),
    )
    if (!last)
      found = found
        .filter(path => (starstar && path === '') || isDirectory(sh, path))
        .map(path => (path === '' || path.endsWith('/') ? path : `${path}/`))
    if (found.length > sh.world.limits.fields) spend(sh.world, sh.world.limits.steps)
  }
  return found.filter(path => path !== '').sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

const names = (sh: Shell, base: string): string[] => {
  try {
    const found = fsOf(sh).readdir(absolute(sh, base === '' ? '.' : base), whoOf(sh))
    spend(sh.world, 1 + (found.length >> 2))
    return found
  } catch {
    spend(sh.world)
    return []
  }
}

const list = (sh: Shell, base: string, pattern: Pattern, hidden: boolean): string[] => {
  const dots = hidden ? ['.', '..'].filter(() => !sh.shopt.has('dotglob')) : []
  return [...dots, ...names(sh, base)].filter(
    name =>
      (hidden || !name.startsWith('.')) &&
      matches(pattern, name, cost => spend(sh.world, cost)) &&
      !(name === '.' || name === '..'),
  )
}

const deep = (sh: Shell, base: string, files: boolean, depth: number): string[] => {
  if (depth > 32) return []
  const inner = names(sh, base)
    .filter(name => !name.startsWith('.'))
    .flatMap(name => {
      const path = base + name
      if (isDirectory(sh, path)) return [...(files ? [path] : []), ...deep(sh, `${path}/`, files, depth + 1)]
      return files ? [path] : []
    })
  return files ? inner : [base, ...inner]
}

const exists = (sh: Shell, path: string): boolean => {
  try {
    fsOf(sh).lstat(absolute(sh, path), whoOf(sh))
    return true
  } catch {
    return false
  }
}

const isDirectory = (sh: Shell, path: string): boolean => {
  try {
    return fsOf(sh).stat(absolute(sh, path), whoOf(sh)).type === 'directory'
  } catch {
    return false
  }
}
