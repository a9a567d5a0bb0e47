import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { wholeText } from '../text/io.ts'
import { seed } from './builtins.ts'
import { drive, evaluate, type Steps, wait } from './evaluate.ts'
import { unescaped } from './lexer.ts'
import { type Machine, machineOf, RunFault } from './machine.ts'
import { parseProgram } from './parse.ts'
import { type Flow, leftOf, run, Unwound } from './statements.ts'
import { type Statement, SyntaxFault } from './syntax.ts'
import { fromOutside, isTrue } from './values.ts'

type Given = { separator: string | undefined; assigned: [string, string][]; program: string; operands: string[] }

/** awk(1), which on Debian is mawk 1.3.4-20200120. */
export const awk: Program = async process => {
  const name = (process.argv[0] ?? 'awk').replace(/.*\//, '')
  const complain = async (message: string): Promise<number> => {
    await process.stderr.write(`${name}: ${message}\n`)
    return 2
  }
  try {
    const given = await readArguments(process)
    if (typeof given === 'number') return given
    const syntax = parseProgram(given.program)
    const machine = machineOf(process, syntax, given.operands)
    seed(machine, process.random(4).readUInt32LE())
    if (given.separator !== undefined) machine.write('FS', -1, given.separator)
    for (const [variable, text] of given.assigned) machine.write(variable, -1, fromOutside(text))
    try {
      await drive(runProgram(machine))
    } catch (error) {
      if (!(error instanceof RunFault)) throw error
      await machine.streams.finish()
      if (!error.located) return await complain(error.message)
      const place = ['FILENAME', 'FNR', 'NR'].map(field => {
        const value = machine.text(machine.read(field, -1))
        return `${field}=${field === 'FILENAME' ? `"${value}"` : value}`
      })
      return await complain(`run time error: ${error.message}\n\t${place.join(' ')}`)
    }
    await machine.streams.finish()
    return leftOf(machine).status & 0xff
  } catch (error) {
    if (error instanceof SyntaxFault || error instanceof Refused) return complain(error.message)
    // Functions within functions until the stack is full, which kills mawk, too.
    if (error instanceof RangeError) return 139
    throw error
  }
}

class Refused extends Error {}

const readArguments = async (process: Process): Promise<Given | number> => {
  const words = process.argv.slice(1)
  const given: Given = { separator: undefined, assigned: [], program: '', operands: [] }
  const files: string[] = []
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at]!
    if (word === '--') {
      at++
      break
    }
    if (word === '-' || !word.startsWith('-')) break
    if (word.startsWith('--')) {
      if (word === '--help' || word === '--usage') return usage(process)
      throw new Refused(`not an option: ${word}`)
    }
    const letter = word[1]!
    if (!'Ffvw'.includes(letter) && letter !== 'W') throw new Refused(`not an option: ${word}`)
    const value = word.length > 2 ? word.slice(2) : words[++at]
    if (value === undefined) {
      await process.stderr.write(`mawk: option requires an argument -- '${letter}'\n`)
      return usage(process)
    }
    if (letter === 'F') given.separator = unescaped(value)
    else if (letter === 'f') files.push(value)
    else if (letter === 'v') {
      const found = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(value)
      if (!found) throw new Refused(`improper assignment: -v ${value}`)
      given.assigned.push([found[1]!, unescaped(found[2]!)])
    } else if (/^v/.test(value)) {
      await process.stdout.write(
        'mawk 1.3.4 20200120\nCopyright 2008-2019,2020, Thomas E. Dickey\nCopyright 1991-1996,2014, Michael D. Brennan\n\n',
      )
      await process.stderr.write(
        'random-funcs:       srandom/random\nregex-funcs:        internal\ncompiled limits:\nsprintf buffer      8192\nmaximum-integer     2147483647\n',
      )
      return 0
    }
  }
  given.operands = words.slice(at)
  if (files.length === 0) {
    const program = given.operands.shift()
    if (program === undefined) return usage(process)
    given.program = program
  } else
    for (const file of files)
      try {
        given.program += `${await wholeText(process, file, 1 << 20)}\n`
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        throw new Refused(`cannot open ${file} (${errorText(error)})`)
      }
  return given
}

const usage = async (process: Process): Promise<number> => {
  await process.stderr.write('Usage: mawk [Options] [Program] [file ...]\n')
  return 2
}

function* runProgram(m: Machine): Steps<void> {
  const { begin, rules, end } = m.syntax
  let flow = yield* runAll(m, begin)
  if (flow !== 'exit' && (rules.length > 0 || end.length > 0)) {
    for (;;) {
      const text = yield* wait(m.nextRecord())
      if (text === undefined) break
      m.countRecord()
      m.record.setWhole(text)
      flow = yield* guarded(oneRecord(m))
      if (flow === 'exit') break
      if (flow === 'nextfile') m.skipFile()
    }
  }
  yield* runAll(m, end)
}

function* runAll(m: Machine, bodies: readonly Statement[]): Steps<Flow> {
  for (const body of bodies) {
    const flow = yield* guarded(run(m, body))
    if (flow === 'exit') return flow
  }
  return undefined
}

function* oneRecord(m: Machine): Steps<Flow> {
  for (const rule of m.syntax.rules) {
    m.process.step()
    let applies = true
    if (rule.open) {
      if (rule.to && isTrue(yield* evaluate(m, rule.to))) rule.open = false
    } else if (rule.from) {
      applies = isTrue(yield* evaluate(m, rule.from))
      if (applies && rule.to) rule.open = !isTrue(yield* evaluate(m, rule.to))
    }
    if (!applies) continue
    const body: Statement = rule.body ?? { kind: 'print', args: [], formatted: false, output: undefined }
    const flow = yield* run(m, body)
    if (flow) return flow
  }
  return undefined
}

/** `exit` and `next` out of a function are as out of the rule that called it. */
function* guarded(steps: Steps<Flow>): Steps<Flow> {
  try {
    return yield* steps
  } catch (error) {
    if (error instanceof Unwound) return error.flow
    throw error
  }
}
