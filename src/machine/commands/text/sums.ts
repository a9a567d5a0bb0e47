import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram, usageError, wordFor } from '../coreutils.ts'
import type { Option, Parsed } from '../getopt.ts'
import { complain } from '../paths.ts'
import { quote, quoteColon } from '../quoting.ts'
import { type Algorithm, algorithms } from './checksum.ts'
import { linesOf, openInput } from './io.ts'

const common: Option[] = [
  { short: 'b', long: 'binary' },
  { short: 'c', long: 'check' },
  { long: 'ignore-missing' },
  { long: 'quiet' },
  { long: 'status' },
  { long: 'strict' },
  { long: 'tag' },
  { short: 't', long: 'text' },
  { short: 'w', long: 'warn' },
  { short: 'z', long: 'zero' },
]

type What = { algorithm: Algorithm; bits: number | undefined; label: string }

const digestOf = async (process: Process, file: string, { algorithm, bits }: What): Promise<string> => {
  const digest = algorithm.make(bits)
  const input = openInput(process, file)
  for (let data = await input.read(); data; data = await input.read()) {
    process.step(1 + (data.length >> 12))
    digest.update(data)
  }
  return digest.result()
}

/** Names with a newline or backslash in them are escaped, and the line begins with a backslash. */
const escapedName = (name: string): { lead: string; name: string } =>
  /[\\\n\r]/.test(name)
    ? { lead: '\\', name: name.replace(/[\\\n\r]/g, c => (c === '\n' ? '\\n' : c === '\r' ? '\\r' : '\\\\')) }
    : { lead: '', name }

const sum = (name: string): Program => {
  const algorithm = algorithms.get(name)!
  const length: Option[] = name === 'blake2b' ? [{ short: 'l', long: 'length', argument: 'required' }] : []
  return gnuProgram([...common, ...length], async (process, parsed) => {
    const bits = lengthOf(parsed)
    if (typeof bits === 'string') {
      await complain(process, `invalid length: ${quote(process, bits)}`)
      if (/^[0-9]+$/.test(bits) && Number(bits) % 8 !== 0) await complain(process, 'length is not a multiple of 8')
      return 1
    }
    if (parsed.has('tag') && parsed.has('text') && !parsed.has('binary'))
      return usageError(process, '--tag does not support --text mode')
    const what = { algorithm, bits, label: algorithm.tag }
    return parsed.has('check') ? check(process, parsed, [what]) : make(process, parsed, what, parsed.has('tag'))
  })
}

const lengthOf = (parsed: Parsed): number | undefined | string => {
  const text = parsed.value('length')
  if (text === undefined || text === '0') return undefined
  const bits = Number(text)
  return /^[0-9]+$/.test(text) && bits % 8 === 0 && bits <= 512 ? bits : text
}

export const md5sum = sum('md5')
export const sha1sum = sum('sha1')
export const sha224sum = sum('sha224')
export const sha256sum = sum('sha256')
export const sha384sum = sum('sha384')
export const sha512sum = sum('sha512')
export const b2sum = sum('blake2b')

const make = async (process: Process, parsed: Parsed, what: What, tagged: boolean): Promise<number> => {
  let status = 0
  const end = parsed.has('zero') ? '\0' : '\n'
  const binary = parsed.given.findLast(({ name }) => name === 'binary' || name === 'text')?.name === 'binary'
  for (const file of parsed.operands.length === 0 ? ['-'] : parsed.operands) {
    try {
      const digest = await digestOf(process, file, what)
      const { lead, name } = parsed.has('zero') ? { lead: '', name: file } : escapedName(file)
      const label = what.bits && what.bits < 512 ? `${what.label}-${what.bits}` : what.label
      await process.stdout.write(
        tagged ? `${lead}${label} (${name}) = ${digest}${end}` : `${lead}${digest} ${binary ? '*' : ' '}${name}${end}`,
      )
    } catch (error) {
      await complain(process, `${quoteColon(process, file)}: ${errorText(error)}`)
      status = 1
    }
  }
  return status
}

type Listed = { digest: string; name: string; what: What }

/** A line of a list of checksums, in either form. */
const listed = (line: string, possible: readonly What[]): Listed | undefined => {
  const escaped = line.startsWith('\\')
  const text = escaped ? line.slice(1) : line
  const plain = (name: string): string =>
    escaped ? name.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c === 'r' ? '\r' : c)) : name
  const tagged = /^([A-Z0-9a-z]+)(?:-([0-9]+))? ?\((.*)\) ?= ([0-9a-fA-F]+)$/s.exec(text)
  if (tagged) {
    const found = possible.find(({ label }) => label === tagged[1])
    const bits = tagged[2] === undefined ? undefined : Number(tagged[2])
    return found && { digest: tagged[4]!, name: plain(tagged[3]!), what: { ...found, bits } }
  }
  const found = /^[ \t]*([0-9a-fA-F]+) [ *]?(.+)$/s.exec(text)
  if (!found) return undefined
  const [what] = possible
  const digits = found[1]!.length
  if (possible.length !== 1 || !what) return undefined
  const fits = what.label === 'BLAKE2b' ? digits % 2 === 0 && digits <= 128 : digits === what.algorithm.digits
  return fits
    ? {
        digest: found[1]!,
        name: plain(found[2]!),
        what: { ...what, bits: what.label === 'BLAKE2b' ? digits * 4 : undefined },
      }
    : undefined
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

const check = async (process: Process, parsed: Parsed, possible: readonly What[]): Promise<number> => {
  let status = 0
  const [silent, quiet, warn, missing] = ['status', 'quiet', 'warn', 'ignore-missing'].map(parsed.has)
  for (const list of parsed.operands.length === 0 ? ['-'] : parsed.operands) {
    const shown = quoteColon(process, list === '-' ? 'standard input' : list)
    const counts = { good: 0, bad: 0, wrong: 0, unread: 0, read: 0 }
    try {
      const reader = linesOf(process, openInput(process, list))
      let number = 0
      for (let line = await reader.line(); line; line = await reader.line()) {
        number++
        const text = line.text.replace(/\r$/, '')
        if (text.startsWith('#') || text === '') continue
        const entry = listed(text, possible)
        if (!entry) {
          counts.bad++
          const label = possible.length === 1 ? possible[0]!.label : ''
          if (warn) await complain(process, `${shown}: ${number}: improperly formatted ${label} checksum line`)
          continue
        }
        counts.good++
        const { lead, name } = escapedName(entry.name)
        try {
          const digest = await digestOf(process, entry.name, entry.what)
          counts.read++
          const matches = digest === entry.digest.toLowerCase()
          if (!matches) counts.wrong++
          if (!silent && (!matches || !quiet))
            await process.stdout.write(`${lead}${name}: ${matches ? 'OK' : 'FAILED'}\n`)
        } catch (error) {
          if (missing && error instanceof SystemError && error.errno === 'ENOENT') continue
          await complain(process, `${quoteColon(process, entry.name)}: ${errorText(error)}`)
          counts.unread++
          if (!silent) await process.stdout.write(`${lead}${name}: FAILED open or read\n`)
        }
      }
    } catch (error) {
      await complain(process, `${shown}: ${errorText(error)}`)
      status = 1
      continue
    }
    if (counts.good === 0) {
      await complain(process, `${shown}: no properly formatted checksum lines found`)
      status = 1
      continue
    }
    if (!silent) {
      if (counts.bad > 0)
        await complain(process, `WARNING: ${plural(counts.bad, 'line is', 'lines are')} improperly formatted`)
      if (counts.unread > 0)
        await complain(process, `WARNING: ${plural(counts.unread, 'listed file', 'listed files')} could not be read`)
      if (counts.wrong > 0)
        await complain(
          process,
          `WARNING: ${plural(counts.wrong, 'computed checksum', 'computed checksums')} did NOT match`,
        )
      if (missing && counts.read - counts.wrong === 0) await complain(process, `${shown}: no file was verified`)
    }
    const nothing = missing && counts.read - counts.wrong === 0
    if (counts.wrong > 0 || counts.unread > 0 || nothing || (parsed.has('strict') && counts.bad > 0)) status = 1
  }
  return status
}

/** The old sums have their file behind them, if one was named. */
const old = async (process: Process, parsed: Parsed, what: What): Promise<number> => {
  let status = 0
  for (const file of parsed.operands.length === 0 ? ['-'] : parsed.operands) {
    try {
      const digest = await digestOf(process, file, what)
      await process.stdout.write(`${digest}${parsed.operands.length > 0 ? ` ${file}` : ''}\n`)
    } catch (error) {
      // The CRC of a folder is that of nothing: cksum does not look whether reading worked.
      if (what.algorithm === algorithms.get('crc') && errorText(error) === 'Is a directory') {
        await process.stdout.write(`${what.algorithm.make().result()} ${file}\n`)
        continue
      }
      await complain(process, `${quoteColon(process, file)}: ${errorText(error)}`)
      status = 1
    }
  }
  return status
}

/** cksum(1): every kind, by default the CRC of POSIX. */
export const cksum: Program = gnuProgram(
  [
    ...common,
    { short: 'a', long: 'algorithm', argument: 'required' },
    { short: 'l', long: 'length', argument: 'required' },
    { long: 'untagged' },
    { long: 'debug' },
  ],
  async (process, parsed) => {
    const given = parsed.value('algorithm')
    const found =
      given === undefined
        ? undefined
        : wordFor(
            process,
            '--algorithm',
            given,
            [...algorithms.keys()].map(name => [name]),
          )
    if (found && 'message' in found) {
      await process.stderr.write(`${found.message}\nTry 'cksum --help' for more information.\n`)
      return 1
    }
    const bits = lengthOf(parsed)
    if (typeof bits === 'string') return usageError(process, `invalid length: ${quote(process, bits)}`)
    const whatOf = (name: string): What => ({
      algorithm: algorithms.get(name)!,
      bits,
      label: algorithms.get(name)!.tag,
    })
    const modern = [...algorithms].filter(([, { digits }]) => digits !== undefined).map(([name]) => whatOf(name))
    if (parsed.has('check')) {
      if (found && algorithms.get(found.word)!.digits === undefined) {
        await complain(process, '--check is not supported with --algorithm={bsd,sysv,crc}')
        return 1
      }
      return check(process, parsed, found ? [whatOf(found.word)] : modern)
    }
    const what = whatOf(found?.word ?? 'crc')
    if (what.algorithm.digits === undefined) return old(process, parsed, what)
    return make(process, parsed, what, !parsed.has('untagged'))
  },
)

/** sum(1): BSD's, or System V's with -s. */
export const sumProgram: Program = gnuProgram(
  [{ short: 'r' }, { short: 's', long: 'sysv' }],
  async (process, parsed) => {
    const last = parsed.given.findLast(({ name }) => name === 'r' || name === 'sysv')?.name
    const algorithm = algorithms.get(last === 'sysv' ? 'sysv' : 'bsd')!
    return old(process, parsed, { algorithm, bits: undefined, label: '' })
  },
)

/** shasum(1) of Perl's Digest::SHA. */
export const shasum: Program = gnuProgram(
  [
    ...common,
    { short: 'a', long: 'algorithm', argument: 'required' },
    { short: 's' },
    { short: 'U', long: 'UNIVERSAL' },
    { short: 'p', long: 'portable' },
    { short: 'v' },
  ],
  async (process, parsed) => {
    if (parsed.has('v')) {
      await process.stdout.write('6.02\n')
      return 0
    }
    const algorithm = algorithms.get(`sha${parsed.value('algorithm') ?? '1'}`)
    if (!algorithm) {
      await complain(process, 'Unrecognized algorithm')
      return 1
    }
    const what = { algorithm, bits: undefined, label: algorithm.tag }
    return parsed.has('check') ? check(process, parsed, [what]) : make(process, parsed, what, parsed.has('tag'))
  },
)
