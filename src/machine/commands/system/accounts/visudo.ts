import { kernel } from '../../../rights.ts'
import { type Process, type Program, SystemError } from '../../../system.ts'
import { getopt } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { say } from '../facts.ts'

/** Where a line stops being one of sudoers(5): columns from 1, and how many letters are marked. */
type Wrong = { line: number; text: string; column: number; width: number }
type Token = { text: string; at: number }

const mostLines = 2000

const tokensOf = (line: string): Token[] =>
  [...line.matchAll(/"[^"]*"?|(?:\\.|[^\s,:=()!"])+|[,:=()!]/g)].map(({ 0: text, index }) => ({ text, at: index }))

const isWord = (token: Token | undefined): boolean => token !== undefined && !/^[,:=()!]$/.test(token.text)

/** `users hosts = (runas) TAG: commands : hosts = …`: the place in `tokens` of what does not belong there. */
const misplaced = (tokens: readonly Token[]): number | undefined => {
  let at = 0
  const is = (text: string): boolean => tokens[at]?.text === text
  /** `!one, two`; false where a name is missing. */
  const list = (): boolean => {
    for (;;) {
      while (is('!')) at++
      if (!isWord(tokens[at])) return false
      at++
      if (!is(',')) return true
      at++
    }
  }
  const runas = (): boolean => {
    if (!is('(')) return true
    at++
    if (!is(')') && !is(':') && !list()) return false
    if (is(':')) {
      at++
      if (!is(')') && !list()) return false
    }
    if (!is(')')) return false
    at++
    return true
  }
  const commands = (): boolean => {
    for (;;) {
      if (!runas()) return false
      while (/^[A-Z_]+$/.test(tokens[at]?.text ?? '') && tokens[at + 1]?.text === ':') at += 2
      while (is('!')) at++
      if (!isWord(tokens[at])) return false
      while (isWord(tokens[at]) || is('!') || is('(') || is(')')) at++
      if (!is(',')) return true
      at++
    }
  }
  if (!list()) return at
  for (;;) {
    if (!list() || !is('=')) return at
    at++
    if (!commands()) return at
    if (at >= tokens.length) return undefined
    if (!is(':')) return at
    at++
  }
}

const wrongIn = (text: string): Wrong | undefined => {
  for (const [index, raw] of text.split('\n', mostLines).entries()) {
    const line = raw.replace(/(^|\s)#(?!\d|include).*/, '').trimEnd()
    if (
      line.trim() === '' ||
      line.endsWith('\\') ||
      /^\s*([@#]include|Defaults|(User|Runas|Host|Cmnd|Cmd)_Alias)/.test(line)
    )
      continue
    const tokens = tokensOf(line)
    const at = misplaced(tokens)
    if (at === undefined) continue
    const token = tokens[at]
    return { line: index + 1, text: line, column: (token?.at ?? line.length) + 1, width: token?.text.length ?? 1 }
  }
  return undefined
}

const included = (process: Process, text: string): string[] =>
  [...text.matchAll(/^[@#]includedir\s+(\S+)/gm)].slice(0, 10).flatMap(([, folder]) => {
    try {
      const names = process.fs.readdir(folder!, process.who).filter(name => !name.includes('.') && !name.endsWith('~'))
      return names
        .toSorted()
        .slice(0, 50)
        .map(name => `${folder}/${name}`)
    } catch (error) {
      if (error instanceof SystemError) return []
      throw error
    }
  })

/** Tells what is wrong with a file and, where it is the whole of sudoers, with those it includes: the exit status. */
const check = async (process: Process, path: string, quiet: boolean, depth = 0): Promise<number> => {
  const full = path.startsWith('/') ? path : `${process.cwd}/${path}`
  let text: string
  try {
    text = process.fs.readFile(full, process.who, { max: 65_536 }).toString('latin1')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const why = error.errno === 'EACCES' ? 'Permission denied' : 'No such file or directory'
    if (!quiet) await process.stderr.write(`visudo: unable to open ${path}: ${why}\n`)
    return 1
  }
  const wrong = wrongIn(text)
  if (wrong) {
    const marks = `${' '.repeat(wrong.column - 1)}^${'~'.repeat(wrong.width - 1)}`
    if (!quiet)
      await process.stderr.write(`${path}:${wrong.line}:${wrong.column}: syntax error\n${wrong.text}\n${marks}\n`)
    return 1
  }
  let status = 0
  if (!quiet) await process.stdout.write(`${path}: parsed OK\n`)
  if (depth === 0) for (const one of included(process, text)) status ||= await check(process, one, quiet, 1)
  return status
}

/** What /etc/sudoers becomes in the editor, if it is still sudoers then. */
const edit = async (process: Process, path: string): Promise<number> => {
  const copy = `${path}.tmp`
  const before = process.fs.readFile(path, process.who, { max: 65_536 })
  process.fs.writeFile(copy, before, process.who, { mode: 0o600 })
  await process.run(['/usr/bin/editor', '--', copy])
  const after = process.fs.readFile(copy, process.who, { max: 65_536 })
  const same = after.equals(before)
  const status = same ? 0 : await check(process, copy, false, 1)
  if (same) await process.stderr.write(`visudo: ${copy} unchanged\n`)
  else if (status === 0) {
    process.fs.writeFile(path, after, process.who)
    process.fs.chmod(path, 0o440, kernel)
  }
  process.fs.unlink(copy, process.who)
  return status
}

/** visudo(8) of sudo 1.9.13p3. */
export const visudo: Program = async process => {
  const options = [{ short: 'c' }, { short: 'f', argument: 'required' as const }, { short: 'h' }, { short: 'q' }]
  const parsed = getopt(process.argv, [
    ...options,
    { short: 's' },
    { short: 'V' },
    { short: 'x', argument: 'required' },
  ])
  const usage = 'usage: visudo [-chqsV] [[-f] sudoers ]\n'
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 1
  }
  if (parsed.has('V')) return say(process, versioned(process, 'visudo version @sudo@\nvisudo grammar version 50\n'))
  if (parsed.has('h')) return say(process, usage)
  const path = parsed.value('f') ?? parsed.operands[0]
  if (parsed.has('c')) return check(process, path ?? '/etc/sudoers', parsed.has('q'), path === undefined ? 0 : 1)
  try {
    return await edit(process, path ?? '/etc/sudoers')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await process.stderr.write(`visudo: ${path ?? '/etc/sudoers'}: Permission denied\n`)
    return 1
  }
}
