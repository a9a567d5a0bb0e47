import type { Stat } from '../system.ts'
import { absolute, fsOf, get, type Shell, whoOf } from './state.ts'
import { find, keysOf, resolve } from './variables.ts'
import { spend } from './world.ts'

const statOf = (sh: Shell, path: string, follow: boolean): Stat | undefined => {
  if (path === '') return undefined
  spend(sh.world)
  try {
    const full = absolute(sh, path)
    return follow ? fsOf(sh).stat(full, whoOf(sh)) : fsOf(sh).lstat(full, whoOf(sh))
  } catch {
    return undefined
  }
}

const TYPES = new Map([
  ['-f', 'file'],
  ['-d', 'directory'],
  ['-p', 'fifo'],
  ['-S', 'socket'],
  ['-b', 'block'],
  ['-c', 'char'],
])
const MASKS = new Map([
  ['-r', 4],
  ['-w', 2],
  ['-x', 1],
])
const BITS = new Map([
  ['-u', 0o4000],
  ['-g', 0o2000],
  ['-k', 0o1000],
])

/** Unary operators of test(1) and `[[`. */
export const testUnary = (sh: Shell, operator: string, operand: string): boolean => {
  if (operator === '-n') return operand !== ''
  if (operator === '-z') return operand === ''
  if (operator === '-t') return /^[0-9]+$/.test(operand.trim()) && sh.handles.get(Number(operand))?.tty === true
  if (operator === '-o') return sh.options.has(operand)
  if (operator === '-v') return isSet(sh, operand)
  if (operator === '-R') return find(sh.variables, operand)?.reference === true
  if (operator === '-h' || operator === '-L') return statOf(sh, operand, false)?.type === 'symlink'
  const stat = statOf(sh, operand, true)
  if (!stat) return false
  const type = TYPES.get(operator)
  if (type) return stat.type === type
  const mask = MASKS.get(operator)
  if (mask) return fsOf(sh).access(absolute(sh, operand), mask, whoOf(sh))
  const bits = BITS.get(operator)
  if (bits) return (stat.mode & bits) !== 0
  switch (operator) {
    case '-s':
      return stat.size > 0
    case '-O':
      return stat.uid === whoOf(sh).uid
    case '-G':
      return stat.gid === whoOf(sh).gid
    case '-N':
      return stat.mtime > stat.atime
    default:
      return true
  }
}

const isSet = (sh: Shell, text: string): boolean => {
  const element = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(text)
  if (/^[0-9]+$/.test(text)) return Number(text) <= sh.positional.length
  if (!element) return get(sh, text) !== undefined
  const found = find(sh.variables, resolve(sh.variables, element[1]!))
  return element[2] === '@' ? keysOf(found).length > 0 : keysOf(found).includes(element[2]!)
}

/** `-nt`, `-ot`, `-ef` */
export const compareFiles = (sh: Shell, operator: string, left: string, right: string): boolean => {
  const a = statOf(sh, left, true)
  const b = statOf(sh, right, true)
  if (operator === '-ef') return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
  if (operator === '-nt') return a !== undefined && (b === undefined || a.mtime > b.mtime)
  return b !== undefined && (a === undefined || a.mtime < b.mtime)
}
