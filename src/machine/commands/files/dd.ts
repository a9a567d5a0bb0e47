import { errorText } from '../../errors.ts'
import { Broken, type Process, type Program, SystemError } from '../../system.ts'
import { usageError } from '../coreutils.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quoteFile } from '../quoting.ts'
import { type DdSettings, ddSettings } from './dd-options.ts'
import { breathe } from './work.ts'

/** What is held of one block at most; larger blocks are read and written in parts. */
const largest = 1 << 20

type Counts = { full: number; partial: number }
type Source = {
  /** As much of `size` as one read gives; `undefined` at the end. Zeros without end are not made. */
  read(size: number): Promise<Buffer | { zeros: number } | undefined>
  skip(bytes: number): Promise<void>
}
type Sink = { write(data: Buffer | { zeros: number }): Promise<void> }

/** dd(1) of GNU coreutils 9.1. */
export const dd: Program = async process => {
  if (process.argv[1] === '--version') {
    await process.stdout.write('dd (coreutils) 9.1\n')
    return 0
  }
  if (process.argv[1] === '--help') {
    await process.stdout.write(`Usage: ${process.argv[0]} [OPERAND]...\n`)
    return 0
  }
  const settings = ddSettings(process)
  if ('message' in settings) {
    if (settings.hint) return usageError(process, settings.message)
    await complain(process, settings.message)
    return 1
  }
  let source: Source
  let sink: Sink
  try {
    source = sourceOf(process, settings)
    sink = sinkOf(process, settings)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    await complain(process, error.message)
    return 1
  }
  const run: Run = { read: { full: 0, partial: 0 }, written: { full: 0, partial: 0 }, bytes: 0, zeros: 0, truncated: 0 }
  let status = 0
  try {
    const skipped = settings.skip.bytes ? settings.skip.value : settings.skip.value * settings.ibs
    if (skipped > 0) await source.skip(skipped)
    await transfer(process, settings, source, sink, run)
  } catch (error) {
    if (error instanceof Broken) throw error
    if (!(error instanceof Refused)) throw error
    await complain(process, error.message)
    status = 1
  }
  await report(process, settings, run)
  return status
}

class Refused extends Error {}

type Run = { read: Counts; written: Counts; bytes: number; zeros: number; truncated: number }

const sourceOf = (process: Process, { input, iflags }: DdSettings): Source => {
  const { fs, who } = process
  if (input === undefined || input === '/dev/stdin') {
    return {
      read: size => process.stdin.read(size),
      async skip(bytes) {
        for (let left = bytes; left > 0; ) {
          const data = await process.stdin.read(Math.min(left, largest))
          if (!data) break
          left -= data.length
        }
      },
    }
  }
  const name = quoteFile(process, input)
  const full = absolute(process, input)
  const stat = attempt(() => {
    const found = fs.stat(full, who)
    if (!fs.access(full, 4, who)) throw new SystemError('EACCES')
    return found
  })
  if ('error' in stat) throw new Refused(`failed to open ${name}: ${stat.error}`)
  if (iflags.has('directory') && stat.value.type !== 'directory')
    throw new Refused(`failed to open ${name}: Not a directory`)
  const { rdev, type } = stat.value
  const isZero = type === 'char' && rdev?.major === 1 && rdev.minor === 5
  let at = 0
  return {
    async read(size) {
      if (isZero) return { zeros: size }
      const data = attempt(() => fs.readFile(full, who, { at: rdev ? 0 : at, max: size }))
      if ('error' in data) throw new Refused(`error reading ${name}: ${data.error}`)
      at += data.value.length
      return data.value.length === 0 ? undefined : data.value
    },
    async skip(bytes) {
      at += bytes
    },
  }
}

const sinkOf = (process: Process, { output, conversions, oflags, seek, obs, same }: DdSettings): Sink => {
  const { fs, who } = process
  if (output === undefined || output === '/dev/stdout') {
    return {
      async write(data) {
        if (Buffer.isBuffer(data)) return process.stdout.write(data)
        for (let left = data.zeros; left > 0; left -= 65_536)
          await process.stdout.write(Buffer.alloc(Math.min(left, 65_536)))
      },
    }
  }
  const name = quoteFile(process, output)
  const full = absolute(process, output)
  const start = seek.bytes ? seek.value : seek.value * obs
  const there = attempt(() => fs.stat(full, who))
  try {
    if (conversions.has('nocreat') && 'error' in there) throw new SystemError('ENOENT')
    if (conversions.has('excl') && 'value' in attempt(() => fs.lstat(full, who))) throw new SystemError('EEXIST')
    const how = { mode: 0o666 & ~process.umask }
    const keeps = conversions.has('notrunc') || start > 0
    fs.writeFile(full, Buffer.alloc(0), who, keeps ? { ...how, append: true } : how)
    if (start > 0 && !conversions.has('notrunc') && fs.stat(full, who).type === 'file') fs.truncate(full, start, who)
  } catch (error) {
    throw new Refused(`failed to open ${name}: ${errorText(error)}`)
  }
  const isFile = fs.stat(full, who).type === 'file'
  let at = oflags.has('append') && isFile ? fs.stat(full, who).size : start
  return {
    async write(data) {
      const size = Buffer.isBuffer(data) ? data.length : data.zeros
      try {
        if (Buffer.isBuffer(data)) fs.writeFile(full, data, who, { at })
        else if (!isFile) fs.writeFile(full, Buffer.alloc(1), who, { at })
        else {
          // Zeros behind the end take no room here, as little as they say.
          const present = fs.stat(full, who).size
          if (at < present) fs.writeFile(full, Buffer.alloc(Math.min(present - at, size)), who, { at })
          if (at + size > present) fs.truncate(full, at + size, who)
        }
      } catch (error) {
        throw new Refused(`${same ? 'error writing' : 'writing to'} ${name}: ${errorText(error)}`)
      }
      at += size
    },
  }
}

const transfer = async (
  process: Process,
  settings: DdSettings,
  source: Source,
  sink: Sink,
  run: Run,
): Promise<void> => {
  const { ibs, count, conversions, iflags } = settings
  const out = blockWriter(process, settings, sink, run)
  const fills = iflags.has('fullblock')
  let taken = 0
  for (let blocks = 0; !count || (count.bytes ? taken < count.value : blocks < count.value); blocks++) {
    const wanted = count?.bytes ? Math.min(ibs, count.value - taken) : ibs
    let size = 0
    let first: Buffer | { zeros: number } | undefined
    while (size < wanted) {
      const part = await source.read(Math.min(wanted - size, largest))
      if (part === undefined) break
      const length = Buffer.isBuffer(part) ? part.length : part.zeros
      size += length
      process.step(1 + (Buffer.isBuffer(part) ? length >> 12 : 0))
      await breathe(process, 4)
      if (first === undefined && (length === wanted || (!fills && length < largest))) {
        first = part
        break
      }
      await out(part)
      // A pipe gives what is there; a block is what one read gave, unless it is to be filled.
      if (!fills && length < Math.min(wanted - size + length, largest)) break
    }
    if (size === 0) break
    taken += size
    if (size === ibs) run.read.full++
    else run.read.partial++
    if (first !== undefined) {
      const data = Buffer.isBuffer(first) && size < ibs && conversions.has('sync') ? Buffer.concat([first], ibs) : first
      await out(converted(data, conversions))
    }
  }
  await out(undefined)
}

const converted = (data: Buffer | { zeros: number }, conversions: ReadonlySet<string>): Buffer | { zeros: number } => {
  if (!Buffer.isBuffer(data)) return data
  let out = data
  if (conversions.has('swab')) {
    out = Buffer.from(out)
    for (let index = 0; index + 1 < out.length; index += 2) {
      const first = out[index]!
      out[index] = out[index + 1]!
      out[index + 1] = first
    }
  }
  if (conversions.has('ucase'))
    return Buffer.from(
      out.toString('latin1').replace(/[a-z]/g, c => c.toUpperCase()),
      'latin1',
    )
  if (conversions.has('lcase'))
    return Buffer.from(
      out.toString('latin1').replace(/[A-Z]/g, c => c.toLowerCase()),
      'latin1',
    )
  return out
}

/** Gathers what comes into blocks of the output's size; without an argument writes what is left. */
const blockWriter = (process: Process, { ibs, obs, cbs, conversions }: DdSettings, sink: Sink, run: Run) => {
  const put = async (data: Buffer | { zeros: number }): Promise<void> => {
    await sink.write(data)
    const size = Buffer.isBuffer(data) ? data.length : data.zeros
    run.bytes += size
    if (!Buffer.isBuffer(data)) run.zeros += size
  }
  const records =
    cbs > 0 && (conversions.has('block') || conversions.has('unblock')) ? recordsOf(cbs, conversions, run) : undefined
  let kept: Buffer[] = []
  let size = 0
  return async (given: Buffer | { zeros: number } | undefined): Promise<void> => {
    let data = given
    if (records) {
      const plain = data === undefined ? undefined : Buffer.isBuffer(data) ? data : Buffer.alloc(data.zeros)
      data = records(plain)
    } else if (ibs === obs && data !== undefined) {
      const length = Buffer.isBuffer(data) ? data.length : data.zeros
      await put(data)
      size += length
      // Parts of a block that is larger than what is held count once.
      if (length === obs) {
        run.written.full++
        size = 0
      } else if (size >= obs) {
        run.written.full++
        size -= obs
      } else if (obs <= largest) {
        run.written.partial++
        size = 0
      }
      return
    }
    if (data === undefined || (Buffer.isBuffer(data) && data.length === 0)) {
      if (given !== undefined) return
      if (ibs === obs && !records) {
        if (size > 0) run.written.partial++
        return
      }
    } else if (!Buffer.isBuffer(data)) {
      data = Buffer.alloc(data.zeros)
    }
    if (data !== undefined) {
      kept.push(data as Buffer)
      size += (data as Buffer).length
    }
    if (size < obs && given !== undefined) return
    const whole = Buffer.concat(kept)
    let at = 0
    for (; at + obs <= whole.length; at += obs) {
      await put(whole.subarray(at, at + obs))
      run.written.full++
      process.step()
    }
    const rest = whole.subarray(at)
    kept = rest.length > 0 ? [rest] : []
    size = rest.length
    if (given !== undefined || size === 0) return
    await put(rest)
    run.written.partial++
    kept = []
    size = 0
  }
}

/** Lines as records of one length, or back. */
const recordsOf = (cbs: number, conversions: ReadonlySet<string>, run: Run) => {
  let line = ''
  return (data: Buffer | undefined): Buffer | undefined => {
    const text = (data ?? Buffer.alloc(0)).toString('latin1')
    let out = ''
    if (conversions.has('block')) {
      const record = (): void => {
        if (line.length > cbs) run.truncated++
        out += line.slice(0, cbs).padEnd(cbs)
        line = ''
      }
      for (const c of text) {
        if (c === '\n') record()
        else if (line.length <= cbs) line += c
      }
      if (data === undefined && line !== '') record()
    } else {
      line += text
      while (line.length >= cbs || (data === undefined && line !== '')) {
        out += `${line.slice(0, cbs).replace(/ +$/, '')}\n`
        line = line.slice(cbs)
      }
    }
    return out === '' ? undefined : Buffer.from(out, 'latin1')
  }
}

const units = ['', 'k', 'M', 'G', 'T', 'P']

/** `3.1 MB`, `105 MB`, `100 MiB`. */
const readable = (bytes: number, base: 1000 | 1024, digits: number): string => {
  let power = 0
  let value = bytes
  while (value >= base && power < units.length - 1) {
    value /= base
    power++
  }
  const text = power === 0 ? String(bytes) : value < 10 ** digits - 0.05 ? value.toFixed(1) : value.toFixed(0)
  const unit = base === 1024 ? `${units[power]!.toUpperCase()}i` : units[power]
  return power === 0 ? `${text} ` : `${text} ${unit}`
}

/** Six significant digits, as %g prints them. */
const general = (value: number): string => {
  if (value !== 0 && (value < 1e-4 || value >= 1e6)) {
    const [digits = '', power = ''] = value.toExponential(5).split('e')
    return `${digits.replace(/\.?0+$/, '')}e${power.replace(/([+-])(\d)$/, '$10$2')}`
  }
  return String(Number(value.toPrecision(6)))
}

const report = async (process: Process, { status }: DdSettings, run: Run): Promise<void> => {
  const { read, written, bytes, truncated } = run
  const noise = process.random(4).readUInt32BE() / 2 ** 32
  // A start-up, the calls, and copying: zeros faster than what is stored.
  const calls = read.full + read.partial + written.full + written.partial
  const seconds =
    2.1e-5 +
    noise * 3.4e-5 +
    calls * 4.1e-7 * (0.9 + noise / 5) +
    bytes / ((run.zeros > 0 ? 1.31e9 : 8.7e8) * (0.9 + noise / 5))
  if (seconds > 0.05) await process.sleep(Math.min(seconds, 30))
  if (status === 'none') return
  let out = `${read.full}+${read.partial} records in\n${written.full}+${written.partial} records out\n`
  if (truncated > 0) out += `${truncated} truncated record${truncated === 1 ? '' : 's'}\n`
  if (status !== 'noxfer') {
    const si =
      bytes >= 1000 ? ` (${readable(bytes, 1000, 1)}B${bytes >= 1024 ? `, ${readable(bytes, 1024, 1)}B` : ''})` : ''
    const rate = bytes / seconds
    const speed =
      bytes === 0 ? '0.0 kB' : rate < 1000 ? `${(rate / 1000).toFixed(1)} kB` : `${readable(rate, 1000, 2)}B`
    out += `${bytes} byte${bytes === 1 ? '' : 's'}${si} copied, ${general(seconds)} s, ${speed}/s\n`
  }
  await process.stderr.write(out)
}
