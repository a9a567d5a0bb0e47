import { strftime } from '../../strftime.ts'
import { Broken, SystemError } from '../../system.ts'
import { escapedText } from '../escapes.ts'
import { backslashed } from '../quote.ts'
import { complain, out, type Shell, set, write } from '../state.ts'
import { spend } from '../world.ts'
import { formatNumber, numberOf } from './number-format.ts'

/** Output of a builtin; where there is nowhere to write, bash says so. */
export const emit = async (sh: Shell, name: string, text: string): Promise<number> => {
  try {
    await out(sh, text)
    return 0
  } catch (error) {
    if (!(error instanceof SystemError) || error instanceof Broken) throw error
    if (text === '') return 0
    await complain(
      sh,
      `${name}: write error: ${error.errno === 'EINVAL' ? 'Bad file descriptor' : 'No space left on device'}`,
    )
    return 1
  }
}

export const echo = (sh: Shell, args: string[]): Promise<number> => {
  let newline = true
  const dash = sh.flavour === 'sh' && !sh.ash
  let escapes = dash || sh.shopt.has('xpg_echo')
  let at = 0
  for (; at < args.length; at++) {
    const option = args[at]!
    if (dash ? option !== '-n' || at > 0 : !/^-[neE]+$/.test(option)) break
    for (const letter of option.slice(1)) {
      if (letter === 'n') newline = false
      else escapes = letter === 'e'
    }
  }
  const text = args.slice(at).join(' ')
  if (!escapes) return emit(sh, 'echo', text + (newline ? '\n' : ''))
  const made = escapedText(text, dash ? 'dash' : sh.ash ? 'ash' : 'echo')
  return emit(sh, 'echo', made.text + (newline && !made.stop ? '\n' : ''))
}

const DIRECTIVE =
  /%(?:([-+ #0']*)(\*|[0-9]+)?(?:\.(\*|-?[0-9]+)?)?(?:hh|h|ll|l|q|j|t|z|L)?([diouxXeEfFgGaAcsbqQ%])|\(([^)]*)\)T)/y

/** printf (XCU and bash): the format is used again while arguments are left. */
export const printf = async (sh: Shell, args: string[]): Promise<number> => {
  let variable: string | undefined
  let rest = args
  if (rest[0] === '-v' && sh.flavour === 'bash') {
    variable = rest[1]
    rest = rest.slice(2)
  }
  if (rest[0] === '--') rest = rest.slice(1)
  else if (rest[0]?.startsWith('-') && rest[0].length > 1 && rest === args && !sh.ash) {
    await complain(
      sh,
      sh.flavour === 'sh'
        ? `printf: Illegal option ${rest[0].slice(0, 2)}`
        : `printf: ${rest[0].slice(0, 2)}: invalid option`,
    )
    if (sh.flavour === 'bash') await usage(sh)
    return 2
  }
  const [format, ...values] = rest
  if (format === undefined) {
    await usage(sh)
    return 2
  }
  const run = { sh, values, at: 0, status: 0, out: '', stop: false }
  do {
    const before = run.at
    await once(run, format)
    if (run.at === before) break
  } while (run.at < values.length && !run.stop && run.status < 2)
  if (variable === undefined) {
    const written = await emit(sh, 'printf', run.out)
    return run.status || written
  }
  if (!/^[A-Za-z_]\w*(\[.+\])?$/.test(variable)) {
    await complain(sh, `printf: \`${variable}': not a valid identifier`)
    return 2
  }
  const element = /^(\w+)\[(.+)\]$/.exec(variable)
  set(sh, element?.[1] ?? variable, run.out, element?.[2])
  return run.status
}

const usage = async (sh: Shell): Promise<void> => {
  if (sh.ash) return complain(sh, 'usage: printf FORMAT [ARGUMENT...]')
  await write(
    sh,
    2,
    sh.flavour === 'sh'
      ? `${sh.script}: ${sh.line}: printf: usage: printf format [arg ...]\n`
      : 'printf: usage: printf [-v var] format [arguments]\n',
  )
}

type Run = { sh: Shell; values: string[]; at: number; status: number; out: string; stop: boolean }

const once = async (run: Run, format: string): Promise<void> => {
  const { sh } = run
  for (let at = 0; at < format.length && !run.stop; ) {
    spend(sh.world)
    const percent = format.indexOf('%', at)
    const end = percent === -1 ? format.length : percent
    if (end > at) {
      const flavour = sh.ash ? 'ash' : sh.flavour === 'sh' ? 'dash-format' : 'format'
      const text = escapedText(format.slice(at, end), flavour)
      run.out += text.text
      run.stop = text.stop
      at = end
      continue
    }
    DIRECTIVE.lastIndex = at
    const match = DIRECTIVE.exec(format)
    if (!match) {
      const bad = /^%[-+ #0']*[0-9*]*(?:\.[0-9*]*)?[hlqjztL]*(.?)/s.exec(format.slice(at))!
      await complain(
        sh,
        bad[1] === ''
          ? `printf: \`${format.slice(at)}': missing format character`
          : sh.flavour === 'sh'
            ? `printf: %${bad[1]}: invalid directive`
            : `printf: \`${bad[1]}': invalid format character`,
      )
      run.status = 1
      run.stop = true
      return
    }
    at = DIRECTIVE.lastIndex
    await directive(run, match)
    if (run.out.length > sh.world.limits.valueBytes) spend(sh.world, sh.world.limits.steps)
  }
}

const directive = async (run: Run, match: RegExpExecArray): Promise<void> => {
  const { sh } = run
  const take = () => run.values[run.at++]
  const star = async (text: string | undefined) =>
    text === '*'
      ? Number((await numberOf(sh, take() ?? '0', 'printf')).value)
      : text === undefined
        ? undefined
        : Number(text)
  if (match[5] !== undefined) {
    const given = take()
    const seconds =
      given === undefined || given === '-1'
        ? sh.world.process.now() / 1000
        : given === '-2'
          ? sh.started / 1000
          : Number(given)
    run.out += strftime(match[5] === '' ? '%X' : match[5], seconds)
    return
  }
  const flags = match[1] ?? ''
  const wide = await star(match[2])
  const precision = match[0].includes('.') ? ((await star(match[3])) ?? 0) : undefined
  const letter = match[4]!
  if (letter === '%') {
    run.out += '%'
    return
  }
  const width = Math.min(Math.abs(wide ?? 0), sh.world.limits.valueBytes)
  spend(sh.world, width >> 6)
  const left = flags.includes('-') || (wide ?? 0) < 0
  const pad = (text: string) => (left ? text.padEnd(width) : text.padStart(width))
  const argument = take()
  if (letter === 's')
    run.out += pad(precision === undefined || precision < 0 ? (argument ?? '') : (argument ?? '').slice(0, precision))
  else if (letter === 'c') run.out += pad((argument ?? '').slice(0, 1))
  else if (letter === 'q' || letter === 'Q') run.out += pad(backslashed(argument ?? ''))
  else if (letter === 'b') {
    const made = escapedText(argument ?? '', sh.ash ? 'ash' : sh.flavour === 'sh' ? 'dash-b' : 'b')
    run.out += pad(precision === undefined ? made.text : made.text.slice(0, precision))
    run.stop = made.stop
  } else {
    const number = await numberOf(sh, argument ?? '0', 'printf', !'diouxX'.includes(letter))
    if (!number.good) run.status = 1
    run.out += formatNumber(
      letter,
      number,
      flags,
      left,
      width,
      precision === undefined ? undefined : Math.min(precision, 65_536),
    )
  }
}
