import { readHistory, writeHistory } from '../history.ts'
import { ExpansionFault, expandHistory } from '../history-expansion.ts'
import { absolute, complain, get, type Shell, write } from '../state.ts'
import { runText } from '../text.ts'
import { spend } from '../world.ts'
import type { Builtin } from './index.ts'
import { optionsOf } from './options.ts'
import { emit } from './print.ts'

const USAGE = 'history: usage: history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]'

const fault = async (sh: Shell, message: string, status = 1): Promise<number> => {
  await complain(sh, message)
  return status
}

/** Numbers of `-d`: of an entry, from the end when negative, or a range. */
const remove = async (sh: Shell, text: string): Promise<number> => {
  const found = /^(-?\d+)(?:-(-?\d+))?$/.exec(text)
  const place = (number: string | undefined): number =>
    number === undefined
      ? Number.NaN
      : Number(number) < 0
        ? sh.history.length + Number(number)
        : Number(number) - sh.historyBase - 1
  const from = place(found?.[1])
  const to = found?.[2] === undefined ? from : place(found[2])
  const valid = (at: number): boolean => at >= 0 && at < sh.history.length
  if (!valid(from) || !valid(to) || to < from) return fault(sh, `history: ${text}: history position out of range`)
  sh.history.splice(from, to - from + 1)
  sh.historyNew = Math.min(sh.historyNew, sh.history.length)
  return 0
}

const history: Builtin = async (sh, args) => {
  const found = await optionsOf(sh, 'history', args, 'acd:nprsw', USAGE)
  if (!found) return 2
  const { flags, rest } = found
  if (flags.has('c')) {
    sh.history.length = 0
    sh.historyNew = 0
    sh.historyBase = 0
    if (!['a', 'n', 'r', 'w'].some(letter => flags.has(letter))) return 0
  }
  if (flags.has('s')) {
    // The entry takes the place of the command that made it.
    if (sh.mode === 'interactive') sh.history.pop()
    sh.history.push(rest.join(' '))
    return 0
  }
  if (flags.has('p')) {
    if (sh.mode === 'interactive') sh.history.pop()
    for (const word of rest) {
      try {
        await emit(sh, 'history', `${expandHistory(word, sh.history, sh.historyBase + 1).line}\n`)
      } catch (error) {
        if (!(error instanceof ExpansionFault)) throw error
        return fault(sh, `history: ${word}: history expansion failed`)
      }
    }
    return 0
  }
  if (flags.has('d')) return remove(sh, flags.get('d')!)
  const name = rest[0] ?? get(sh, 'HISTFILE')
  if (flags.has('r') || flags.has('n')) {
    if (name) sh.history.push(...readHistory(sh, absolute(sh, name)).slice(-1000))
    return 0
  }
  if (flags.has('w') || flags.has('a')) {
    if (!name) return 0
    const path = absolute(sh, name)
    const lines = flags.has('w')
      ? sh.history
      : [...readHistory(sh, path), ...sh.history.slice(-sh.historyNew || sh.history.length)]
    writeHistory(sh, path, lines)
    sh.historyNew = 0
    return 0
  }
  if (rest.length > 1) return fault(sh, 'history: too many arguments')
  if (rest[0] !== undefined && !/^-?\d+$/.test(rest[0]))
    return fault(sh, `history: ${rest[0]}: numeric argument required`)
  const from = rest[0] === undefined ? 0 : Math.max(0, sh.history.length - Math.abs(Number(rest[0])))
  spend(sh.world, sh.history.length >> 3)
  const line = (text: string, i: number): string => `${String(sh.historyBase + from + i + 1).padStart(5)}  ${text}\n`
  return emit(sh, 'history', sh.history.slice(from).map(line).join(''))
}

const FC_USAGE = 'fc: usage: fc [-e ename] [-lnr] [first] [last] or fc -s [pat=rep] [command]'

/** `fc`: lists, edits and runs again what was entered. */
const fc: Builtin = async (sh, args) => {
  // A number may look like an option.
  const split = args.findIndex(word => /^-\d+$/.test(word))
  const found = await optionsOf(sh, 'fc', split === -1 ? args : args.slice(0, split), 'e:lnrs', FC_USAGE)
  if (!found) return 2
  const { flags } = found
  const rest = [...found.rest, ...(split === -1 ? [] : args.slice(split))]
  const entries = sh.mode === 'interactive' ? sh.history.slice(0, -1) : [...sh.history]
  const place = (word: string | undefined, missing: number): number => {
    if (word === undefined) return missing
    if (/^\d+$/.test(word)) return Math.min(entries.length - 1, Number(word) - sh.historyBase - 1)
    if (/^-\d+$/.test(word)) return Math.max(0, entries.length + Number(word))
    return entries.findLastIndex(one => one.startsWith(word))
  }
  if (flags.has('s')) {
    const changes = rest.filter(word => word.includes('=')).map(word => word.split('=', 2) as [string, string])
    const line =
      entries[
        place(
          rest.find(word => !word.includes('=')),
          entries.length - 1,
        )
      ]
    if (line === undefined) return fault(sh, 'fc: no command found')
    return again(
      sh,
      changes.reduce((text, [from, to]) => text.replaceAll(from, () => to), line),
    )
  }
  const last = entries.length - 1
  const list = flags.has('l')
  const from = place(rest[0], list ? last - 15 : last)
  const to = place(rest[1], list ? last : rest[0] === undefined ? last : from)
  if (from === -1 && rest[0] !== undefined) return fault(sh, 'fc: history specification out of range')
  const [low, high] = [Math.max(0, Math.min(from, to)), Math.max(from, to)]
  const numbers = Array.from({ length: Math.max(0, high - low + 1) }, (_, i) => low + i)
  if (flags.has('r') !== from > to) numbers.reverse()
  if (list)
    return emit(
      sh,
      'fc',
      numbers.map(at => `${flags.has('n') ? '' : sh.historyBase + at + 1}\t ${entries[at]}\n`).join(''),
    )
  const editor = flags.get('e') ?? get(sh, 'FCEDIT') ?? get(sh, 'EDITOR') ?? 'vi'
  const path = `/tmp/bash-fc.${sh.world.process.random(4).toString('hex').slice(0, 6)}`
  const { fs } = sh.world.process
  fs.writeFile(path, Buffer.from(numbers.map(at => `${entries[at]}\n`).join(''), 'latin1'), sh.who, { mode: 0o600 })
  if ((await runText(sh, `${editor} ${path}`)) !== 0) return 1
  const text = fs.readFile(path, sh.who, { max: 65_536 }).toString('latin1')
  fs.unlink(path, sh.who)
  return again(sh, text.replace(/\n+$/, ''))
}

const again = async (sh: Shell, line: string): Promise<number> => {
  await write(sh, 2, `${line}\n`)
  if (sh.mode === 'interactive') sh.history.splice(-1, 1, line)
  return runText(sh, line)
}

export const historyBuiltins: [string, Builtin][] = [
  ['history', history],
  ['fc', fc],
]
