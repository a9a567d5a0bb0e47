import { errorText } from '../../errors.ts'
import { SystemError } from '../../system.ts'
import { noWayUp, statSafe, tidy } from '../paths.ts'
import { absolute, complain, fsOf, get, type Shell, set, whoOf, write } from '../state.ts'
import { need } from '../variables.ts'
import type { Builtin } from './index.ts'
import { optionsOf } from './options.ts'
import { emit } from './print.ts'

/** The directory that this shell is in has no name any more. */
const isRemoved = (sh: Shell): boolean => statSafe(sh, sh.cwd)?.type !== 'directory'

/** What bash says without any of its usual words in front when getcwd(3) fails. */
const lost = (sh: Shell, name: string): Promise<void> => write(sh, 2, `${name}: ${noWayUp}\n`)

/** Goes there, or says why not. */
const go = async (sh: Shell, name: string, target: string, shown: string, physical: boolean): Promise<boolean> => {
  const tidied = tidy(absolute(sh, target))
  const removed = isRemoved(sh)
  // Nothing is below it any more, and above it is what was.
  if (removed && /^\.\/*$/.test(target)) {
    if (sh.flavour === 'bash') await lost(sh, name)
    return true
  }
  try {
    const stat = fsOf(sh).stat(removed ? tidied : absolute(sh, target), whoOf(sh))
    if (stat.type !== 'directory') throw new SystemError('ENOTDIR', target)
    if (!fsOf(sh).access(tidied, 1, whoOf(sh))) throw new SystemError('EACCES', target)
  } catch (error) {
    const why = errorText(error)
    const dash = `cd: can't cd to ${shown}${sh.ash ? `: ${why}` : ''}`
    await complain(sh, sh.flavour === 'sh' ? dash : `${name}: ${shown}: ${why}`)
    return false
  }
  set(sh, 'OLDPWD', sh.cwd)
  sh.cwd = physical ? fsOf(sh).realpath(tidied, whoOf(sh)) : tidied
  set(sh, 'PWD', sh.cwd)
  need(sh.variables, 'PWD').exported = true
  need(sh.variables, 'OLDPWD').exported = true
  return true
}

const cd: Builtin = async (sh, args) => {
  const found = await optionsOf(sh, 'cd', args, 'LPe@', 'cd: usage: cd [-L|[-P [-e]] [-@]] [dir]')
  if (!found) return 2
  const { flags, rest } = found
  if (rest.length > 1 && sh.flavour === 'bash') {
    await complain(sh, 'cd: too many arguments')
    return 1
  }
  let [target] = rest
  let show = false
  if (target === undefined) {
    target = get(sh, 'HOME')
    if (target === undefined) {
      await complain(sh, 'cd: HOME not set')
      return 1
    }
  } else if (target === '-') {
    target = get(sh, 'OLDPWD')
    if (target === undefined) {
      await complain(sh, 'cd: OLDPWD not set')
      return 1
    }
    show = true
  }
  if (target === '') return 0
  for (const base of /^\.{0,2}\//.test(target) || target === '.' || target === '..'
    ? []
    : (get(sh, 'CDPATH') ?? '').split(':')) {
    const candidate = `${base}/${target}`
    if (base !== '' && statSafe(sh, candidate)?.type === 'directory') {
      target = candidate
      show = true
      break
    }
  }
  if (!(await go(sh, 'cd', target, target, flags.has('P')))) return sh.flavour === 'sh' ? 2 : 1
  return show ? emit(sh, 'cd', `${sh.cwd}\n`) : 0
}

const pwd: Builtin = async (sh, args) => {
  const found = await optionsOf(sh, 'pwd', args, 'LP', 'pwd: usage: pwd [-LP]')
  if (!found) return 2
  if (found.flags.has('P') && isRemoved(sh)) {
    await lost(sh, 'pwd')
    return 1
  }
  return emit(sh, 'pwd', `${found.flags.has('P') ? fsOf(sh).realpath(sh.cwd, whoOf(sh)) : sh.cwd}\n`)
}

const home = (sh: Shell, path: string): string => {
  const base = get(sh, 'HOME')
  return base !== undefined && base !== '/' && (path === base || path.startsWith(`${base}/`))
    ? `~${path.slice(base.length)}`
    : path
}
const stack = (sh: Shell): string => `${[sh.cwd, ...sh.directories].map(path => home(sh, path)).join(' ')}\n`

const pushd: Builtin = async (sh, args) => {
  const before = sh.cwd
  const [target] = args
  if (target === undefined) {
    const next = sh.directories.shift()
    if (next === undefined) {
      await complain(sh, 'pushd: no other directory')
      return 1
    }
    if (!(await go(sh, 'pushd', next, next, false))) return 1
  } else if (!(await go(sh, 'pushd', target, target, false))) return 1
  if (sh.directories.length < 100) sh.directories.unshift(before)
  return emit(sh, 'pushd', stack(sh))
}

const popd: Builtin = async sh => {
  const next = sh.directories.shift()
  if (next === undefined) {
    await complain(sh, 'popd: directory stack empty')
    return 1
  }
  if (!(await go(sh, 'popd', next, next, false))) return 1
  return emit(sh, 'popd', stack(sh))
}

export const places: [string, Builtin][] = [
  ['cd', cd],
  ['pwd', pwd],
  ['pushd', pushd],
  ['popd', popd],
  ['dirs', sh => emit(sh, 'dirs', stack(sh))],
]
