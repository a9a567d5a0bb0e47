import { ashSyntaxError } from './ash.ts'
import type { List } from './ast.ts'
import { readLine } from './grammar.ts'
import { readLineOf } from './read-line.ts'
import { runList } from './run.ts'
import { lineText, type Source, SyntaxFault, sourceOf } from './scan.ts'
import { Leave, prefix, type Shell, write } from './state.ts'
import { spend } from './world.ts'

export const shellSource = (sh: Shell, text: string, line = 1): Source =>
  sourceOf(text, {
    line,
    maxDepth: sh.world.limits.parseDepth,
    extglob: sh.shopt.has('extglob'),
    posix: sh.flavour === 'sh',
    ash: sh.ash,
    aliases: aliasesOf(sh),
  })

const aliasesOf = (sh: Shell) =>
  sh.mode === 'interactive' || sh.shopt.has('expand_aliases') || sh.flavour === 'sh' ? sh.aliases : undefined

/**
 * Runs text line by line, as bash reads it: what stands before a syntax error has run already. `name` is what stands
 * between the shell's name and the line in the message: `-c`, `eval`.
 */
export const runText = async (sh: Shell, text: string, how: { line?: number; name?: string } = {}): Promise<number> => {
  const source = shellSource(sh, text, how.line)
  for (;;) {
    source.extglob = sh.shopt.has('extglob')
    source.aliases = aliasesOf(sh)
    let list: List | undefined
    try {
      list = readLine(source)
      await warn(sh, source)
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error
      await warn(sh, source)
      await reportSyntax(sh, source, error, how.name)
      sh.status = error.status
      if (sh.flavour === 'sh' && sh.mode !== 'interactive') throw new Leave('exit', 2)
      return error.status
    }
    if (!list) return sh.status
    if (!sh.options.has('noexec')) await runList(sh, list)
  }
}

const warn = async (sh: Shell, source: Source): Promise<void> => {
  for (const { line, from, delimiter } of source.warnings.splice(0)) {
    if (sh.flavour === 'sh') continue
    sh.line = line
    await write(
      sh,
      2,
      `${prefix(sh)}warning: here-document at line ${from} delimited by end-of-file (wanted \`${delimiter}')\n`,
    )
  }
}

/** bash names the line and shows it; dash says it in one line. */
const reportSyntax = async (sh: Shell, source: Source, fault: SyntaxFault, name: string | undefined): Promise<void> => {
  if (sh.flavour === 'sh') {
    const token = /unexpected token `(.*)'$/s.exec(fault.message)?.[1]
    const bare = token === 'newline' || token === 'redirection'
    const expecting = token === undefined && fault.message.endsWith("`)'") ? ')' : fault.expecting
    const quotes = fault.message.includes('matching') && expecting === undefined
    const found = token === undefined ? 'end of file' : bare ? token : fault.word ? 'word' : `"${token}"`
    const told = `${found} unexpected${expecting === undefined ? '' : ` (expecting "${expecting}")`}`
    const line = fault.unfinished && !quotes && !source.text.endsWith('\n') ? fault.line - 1 : fault.line
    const by = name === undefined ? '' : `${name}: `
    const message = fault.dash ?? (quotes ? 'Unterminated quoted string' : told)
    await write(
      sh,
      2,
      sh.ash
        ? `${ashSyntaxError(sh, line, message, name)}\n`
        : `${sh.script}: ${line}: ${by}Syntax error: ${message}\n`,
    )
    return
  }
  const start =
    sh.mode === 'interactive'
      ? `${prefix(sh)}${name === undefined ? '' : `${name}: line ${fault.line}: `}`
      : `${sh.script}: ${name === undefined ? '' : `${name}: `}line ${fault.line}: `
  if (fault.message === '') return
  await write(sh, 2, `${start}${fault.message}\n`)
  if (fault.near && sh.mode !== 'interactive') await write(sh, 2, `${start}\`${lineText(source, fault.line)}'\n`)
}

/** More lines belong to this text: a construct, a quote or a here-document is open, or the last line goes on. */
export const isUnfinished = (sh: Shell, text: string): boolean => {
  if (/(?:^|[^\\])(?:\\\\)*\\\n$/.test(text)) return true
  spend(sh.world, text.length >> 6)
  const source = shellSource(sh, text)
  try {
    while (readLine(source) !== undefined) if (source.warnings.length > 0) return true
    return source.warnings.length > 0
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    return error.unfinished
  }
}

/** A script on standard input: read line by line, so that its commands may read what follows. */
export const runInput = async (sh: Shell): Promise<number> => {
  let text = ''
  for (let line = 1; ; ) {
    const next = await readLineOf(sh.handles.get(0), sh.world.limits.valueBytes)
    if (next !== undefined) text += `${next}\n`
    if (next !== undefined && isUnfinished(sh, text)) continue
    // Nobody stands between this shell and the attacker.
    if (sh.pid === sh.world.process.pid && text.trim() !== '') sh.world.process.host.witness.command(text.trimEnd())
    const status = text === '' ? sh.status : await runText(sh, text, { line })
    if (next === undefined) return status
    line += text.split('\n').length - 1
    text = ''
  }
}
