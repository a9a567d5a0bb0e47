import { errorText } from '../../errors.ts'
import { saysOf } from '../../release.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { absolute, attempt, readAll } from '../paths.ts'
import { PerlFault, Stop } from './perl-operators.ts'
import { runPerl } from './perl-run.ts'
import { noteUrls, watchedFrom } from './urls.ts'

const versionOf = ({ host }: Process): string => {
  const { perl, perlPatches, perlYear } = saysOf(host.persona)
  const [version, , subversion, full] = perl.split(' ')
  return `
This is perl 5, version ${version}, subversion ${subversion} (v${full}) built for x86_64-linux-gnu-thread-multi
(with ${perlPatches} registered patches, see perl -V for more detail)

Copyright 1987-${perlYear}, Larry Wall

Perl may be copied only under the terms of either the Artistic License or the
GNU General Public License, which may be found in the Perl 5 source kit.

Complete documentation for Perl, including FAQ lists, should be found on
this system using "man perl" or "perldoc perl".  If you have access to the
Internet, point your browser at https://www.perl.org/, the Perl Home Page.

`
}

type Invocation =
  | {
      code: string | undefined
      file: string | undefined
      args: string[]
      loops: boolean
      prints: boolean
      newline: boolean
      checks: boolean
      /** -MIO, which newer releases warn of. */
      old: boolean
    }
  | { said: string; status: number }

const invocationOf = (process: Process): Invocation => {
  const { argv } = process
  const lines: string[] = []
  let [loops, prints, newline, checks, old] = [false, false, false, false, false]
  let at = 1
  for (; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '--') {
      at++
      break
    }
    if (!word.startsWith('-') || word === '-') break
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!
      if (letter === 'v') return { said: versionOf(process), status: 0 }
      if (letter === 'V')
        return {
          said: `Summary of my perl5 (revision 5 version ${saysOf(process.host.persona).perl.replace(/ \S+$/, '')}) configuration:\n`,
          status: 0,
        }
      if (letter === 'h') return { said: `\nUsage: ${argv[0]} [switches] [--] [programfile] [arguments]\n`, status: 0 }
      if (letter === 'e' || letter === 'E') {
        const code = word.slice(i + 1) || argv[++at]
        if (code === undefined) return { said: 'No code specified for -e.\n', status: 29 }
        lines.push(code)
        break
      }
      // Modules, in-place suffixes, paths and record separators take the rest of the word.
      if (letter === 'M' && word.slice(i + 1) === 'IO') old = true
      if ('MmiI0FCDdx'.includes(letter)) break
      if (letter === 'n') loops = true
      else if (letter === 'p') [loops, prints] = [true, true]
      else if (letter === 'l') newline = true
      else if (letter === 'c') checks = true
      else if (!'awWsStTuUfX'.includes(letter))
        return { said: `Unrecognized switch: -${word.slice(i)}  (-h will show valid options).\n`, status: 29 }
    }
  }
  const rest = argv.slice(at)
  const code = lines.length > 0 ? lines.join('\n') : undefined
  return {
    code,
    file: code === undefined ? rest[0] : undefined,
    args: code === undefined ? rest.slice(1) : rest,
    loops,
    prints,
    newline,
    checks,
    old,
  }
}

/** perl 5.36: one-liners and short scripts as droppers write them; what it does not know ends as if all had gone well. */
export const perl: Program = async process => {
  const found = invocationOf(process)
  if ('said' in found) {
    await (found.status === 0 ? process.stdout : process.stderr).write(found.said)
    return found.status
  }
  let source = found.code
  let name = '-e'
  if (source === undefined) {
    if (found.file === undefined || found.file === '-') {
      source = (await readAll(process.stdin, 1 << 20)).toString('latin1')
      name = '-'
    } else {
      const path = absolute(process, found.file)
      const read = attempt(() => process.fs.readFile(path, process.who, { max: 1 << 20 }))
      if ('error' in read) {
        await process.stderr.write(`Can't open perl script "${found.file}": ${read.error}\n`)
        return 2
      }
      if (process.host.brought(path))
        process.host.witness.execution({
          path,
          argv: process.argv,
          data: read.value,
          format: 'script perl',
          runs: true,
        })
      source = read.value.toString('latin1')
      name = found.file
    }
  }
  if (found.old) await process.stderr.write(`Parameterless "use IO" deprecated at ${name} line 0.\n`)
  if (found.checks) {
    await process.stderr.write(`${name} syntax OK\n`)
    return 0
  }
  process.step(1 + (source.length >> 8))
  const { watched, told } = watchedFrom(process)
  try {
    if (found.loops) return await lines(watched, source, name, found)
    return await runPerl(watched, source, { name, args: found.args, newline: found.newline })
  } catch (error) {
    if (error instanceof Stop) return error.status
    if (!(error instanceof PerlFault)) throw error
    await process.stderr.write(error.message)
    return error.status
  } finally {
    noteUrls(process, 'perl', source, told)
  }
}

/** -n and -p: the code for each line of the files or of standard input. */
const lines = async (
  process: Process,
  source: string,
  name: string,
  found: { args: string[]; prints: boolean; newline: boolean },
): Promise<number> => {
  const inputs: string[] = []
  for (const path of found.args.slice(0, 64)) {
    try {
      inputs.push(process.fs.readFile(absolute(process, path), process.who, { max: 1 << 20 }).toString('latin1'))
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await process.stderr.write(`Can't open ${path}: ${errorText(error)}.\n`)
    }
  }
  if (found.args.length === 0) inputs.push((await readAll(process.stdin, 1 << 20)).toString('latin1'))
  for (const line of inputs.join('').match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    process.step(5)
    const given = found.newline ? line.replace(/\n$/, '') : line
    const variables = new Map([['_', given]])
    await runPerl(process, source, { name, args: [], newline: found.newline, variables })
    if (found.prints) await process.stdout.write(`${variables.get('_') ?? ''}${found.newline ? '\n' : ''}`)
  }
  return 0
}
