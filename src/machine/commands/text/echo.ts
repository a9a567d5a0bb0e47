import { formatNumber } from '../../shell/builtins/number-format.ts'
import { escapedText } from '../../shell/escapes.ts'
import type { Process, Program } from '../../system.ts'
import { usageError } from '../coreutils.ts'
import { versioned } from '../package-version.ts'
import { complain } from '../paths.ts'
import { quote, quoteName } from '../quoting.ts'

/** echo(1), the program that bash's builtin stands before. */
export const echo: Program = async process => {
  const words = process.argv.slice(1)
  if (words.length === 1 && words[0] === '--version') {
    await process.stdout.write(versioned(process, 'echo (GNU coreutils) @coreutils@\n'))
    return 0
  }
  if (words.length === 1 && words[0] === '--help') {
    await process.stdout.write(`Usage: ${process.argv[0]} [SHORT-OPTION]... [STRING]...\n`)
    return 0
  }
  let [newline, escapes] = [true, false]
  while (words[0] !== undefined && /^-[neE]+$/.test(words[0]))
    for (const letter of words.shift()!.slice(1)) {
      if (letter === 'n') newline = false
      else escapes = letter === 'e'
    }
  const text = words.join(' ')
  const made = escapes ? escapedText(text, 'echo') : { text, stop: false }
  await process.stdout.write(made.text + (newline && !made.stop ? '\n' : ''))
  return 0
}

const directive = /%([-+ #0']*)(\*|[0-9]*)(?:\.(\*|-?[0-9]*))?(?:hh|h|ll|l|j|t|z|L)?([\s\S])?/y
const widest = 65_536

/** printf(1). */
export const printf: Program = async process => {
  const [first, ...rest] = process.argv.slice(1)
  if (first === '--version' && rest.length === 0) {
    await process.stdout.write(versioned(process, 'printf (GNU coreutils) @coreutils@\n'))
    return 0
  }
  const [format, ...values] = first === '--' ? rest : process.argv.slice(1)
  if (format === undefined) {
    return usageError(process, 'missing operand')
  }
  const run = { process, values, at: 0, status: 0, out: '', stop: false }
  do {
    const before = run.at
    await once(run, format)
    process.step()
    if (run.at === before) {
      if (run.at < values.length && !run.stop)
        await complain(process, `warning: ignoring excess arguments, starting with ${quote(process, values[run.at]!)}`)
      break
    }
    if (run.out.length > widest) {
      await process.stdout.write(run.out)
      run.out = ''
    }
  } while (run.at < values.length && !run.stop)
  await process.stdout.write(run.out)
  return run.status
}

type Run = { process: Process; values: string[]; at: number; status: number; out: string; stop: boolean }

const once = async (run: Run, format: string): Promise<void> => {
  for (let at = 0; at < format.length && !run.stop; ) {
    const percent = format.indexOf('%', at)
    const end = percent < 0 ? format.length : percent
    if (end > at) {
      const made = formatText(format.slice(at, end))
      run.out += made.text
      run.stop = made.stop
      at = end
      continue
    }
    directive.lastIndex = at
    const found = directive.exec(format)!
    at = directive.lastIndex
    const letter = found[4]
    if (letter === '%' && found[0] === '%%') {
      run.out += '%'
      continue
    }
    if (letter === undefined || !'diouxXeEfFgGaAcsbq'.includes(letter)) {
      await run.process.stdout.write(run.out)
      run.out = ''
      await complain(run.process, `${found[0]}: invalid conversion specification`)
      run.status = 1
      run.stop = true
      return
    }
    await convert(run, found, letter)
  }
}

/** Of the format itself: `\c` ends everything. */
const formatText = (text: string): { text: string; stop: boolean } => {
  const stop = /(?:^|[^\\])(?:\\\\)*\\c/.exec(text)
  const used = stop ? text.slice(0, stop.index + stop[0].length - 2) : text
  return { text: escapedText(used, 'format').text, stop: stop !== null }
}

const convert = async (run: Run, found: RegExpExecArray, letter: string): Promise<void> => {
  const { process, values } = run
  const take = (): string | undefined => values[run.at++]
  const measure = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Math.min(Number((text === '*' ? take() : text) || 0) || 0, widest)
  const width = measure(found[2]) ?? 0
  const given = measure(found[3])
  const precision = given !== undefined && given < 0 ? undefined : given
  const flags = found[1]! + (width < 0 ? '-' : '')
  const left = flags.includes('-')
  const pad = (text: string): string => (left ? text.padEnd(Math.abs(width)) : text.padStart(width))
  const argument = take()
  if (letter === 's') run.out += pad((argument ?? '').slice(0, precision))
  else if (letter === 'c') run.out += pad((argument ?? '').slice(0, 1))
  else if (letter === 'q') run.out += pad(quoteName(argument ?? '', 'shell-escape'))
  else if (letter === 'b') {
    const made = escapedText(argument ?? '', 'b')
    run.out += pad(made.text.slice(0, precision))
    run.stop = made.stop
  } else {
    const number = await numberFrom(run, argument ?? '', !'diouxX'.includes(letter))
    process.step(1 + (Math.abs(width) >> 8))
    run.out += formatNumber(letter, number, flags, left, Math.abs(width), precision)
  }
}

const numberFrom = async (run: Run, text: string, real: boolean) => {
  const { process } = run
  const none = { value: 0n, float: 0, good: true }
  if (text === '') return none
  if (/^["']/.test(text)) {
    const code = text.charCodeAt(1) || 0
    if (text.length > 2)
      await complain(process, `warning: ${text.slice(2)}: character(s) following character constant have been ignored`)
    return { value: BigInt(code), float: code, good: true }
  }
  const shape = real
    ? /^\s*[-+]?(?:0[xX][0-9a-fA-F]+|[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|inf|nan)/i
    : /^\s*[-+]?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/
  const found = shape.exec(text)?.[0]
  if (found === undefined || found !== text) {
    run.status = 1
    await complain(
      process,
      `${quote(process, text)}: ${found === undefined ? 'expected a numeric value' : 'value not completely converted'}`,
    )
    if (found === undefined) return none
  }
  const bare = found.trim()
  if (real) return { value: 0n, float: Number(bare.replace(/inf/i, 'Infinity')), good: true }
  const negative = bare.startsWith('-')
  const digits = bare.replace(/^[-+]/, '')
  let value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  const most = negative ? 1n << 63n : (1n << 63n) - 1n
  if (value > most) {
    value = most
    run.status = 1
    await complain(process, `${quote(process, text)}: Numerical result out of range`)
  }
  return { value: negative ? -value : value, float: Number(value), good: true }
}
