import { errorText } from '../../errors.ts'
import type { Input, Process, Program } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import { parseSize } from '../files/sizes.ts'
import type { Option } from '../getopt.ts'
import { absolute, complain, statOf } from '../paths.ts'
import { quote, quoteFile } from '../quoting.ts'
import { openInput } from './io.ts'

const options: Option[] = [
  { short: 'c', long: 'bytes', argument: 'required' },
  { short: 'f', long: 'follow', argument: 'optional' },
  { short: 'F' },
  { short: 'n', long: 'lines', argument: 'required' },
  { long: 'max-unchanged-stats', argument: 'required' },
  { long: 'pid', argument: 'required' },
  { short: 'q', long: 'quiet' },
  { long: 'silent' },
  { long: 'retry' },
  { short: 's', long: 'sleep-interval', argument: 'required' },
  { short: 'v', long: 'verbose' },
  { short: 'z', long: 'zero-terminated' },
]

/** tail(1); with `-f` until it is killed or the session ends. */
export const tail: Program = async process => {
  // `tail -5`, `tail +3`, `tail -20f`: the old way.
  const old = /^([-+])([0-9]*)([bcl]?)(f?)$/.exec(process.argv[1] ?? '')
  const isOld = old && (old[2] !== '' || (old[1] === '+' && old[0].length > 1)) && process.argv.length <= 3
  // -f takes no argument, --follow may.
  const given = process.argv.map(word =>
    /^-[a-zA-Z0-9]*f./.test(word) && !word.startsWith('--') ? spread(word) : [word],
  )
  const argv = isOld
    ? [
        process.argv[0]!,
        old[3] === 'c' || old[3] === 'b' ? '-c' : '-n',
        (old[1] === '+' ? '+' : '') + (old[2] || '10') + (old[3] === 'b' ? 'b' : ''),
        ...(old[4] ? ['--follow'] : []),
        ...process.argv.slice(2),
      ]
    : given.flat()
  return run({ ...process, argv })
}

/** `-fn5` as `-f -n5`. */
const spread = (word: string): string[] => {
  const takes = word.search(/[cns]/)
  const f = word.indexOf('f')
  if (takes >= 0 && takes < f) return [word]
  const rest = word.slice(1, f) + word.slice(f + 1)
  return ['--follow', ...(rest === '' ? [] : [`-${rest}`])]
}

type Wanted = { bytes: boolean; from: boolean; count: number; end: string }

const run = gnuProgram(options, async (process, parsed) => {
  const last = parsed.given.findLast(({ name }) => name === 'bytes' || name === 'lines')
  const bytes = last?.name === 'bytes'
  const text = last?.value ?? '10'
  const count = parseSize(text.replace(/^[-+]/, ''))
  if (count === undefined) {
    await complain(process, `invalid number of ${bytes ? 'bytes' : 'lines'}: ${quote(process, text)}`)
    return 1
  }
  const wanted = { bytes, from: text.startsWith('+'), count, end: parsed.has('zero-terminated') ? '\0' : '\n' }
  const byName = parsed.has('F') || parsed.value('follow') === 'name'
  const follow = parsed.has('follow') || parsed.has('F')
  const interval = Number(parsed.value('sleep-interval') ?? '1')
  if (!(interval >= 0)) {
    await complain(process, `invalid number of seconds: ${quote(process, parsed.value('sleep-interval')!)}`)
    return 1
  }
  const files = parsed.operands.length === 0 ? ['-'] : parsed.operands
  const quiet = parsed.given.findLast(({ name }) => name === 'quiet' || name === 'silent' || name === 'verbose')
  const titles = quiet ? quiet.name === 'verbose' : files.length > 1
  const followed: Followed[] = []
  let status = 0
  let shown = ''
  const entitle = async (file: string): Promise<void> => {
    if (!titles || shown === file) return
    await process.stdout.write(`${shown === '' ? '' : '\n'}==> ${file === '-' ? 'standard input' : file} <==\n`)
    shown = file
  }
  for (const file of files) {
    try {
      const input = openInput(process, file)
      await entitle(file)
      await showEnd(process, input, wanted)
      if (file !== '-') followed.push({ file, size: statOf(process, file)?.size ?? 0, gone: false })
    } catch (error) {
      status = 1
      const why = errorText(error)
      const name = quoteFile(process, file)
      if (why === 'Is a directory') {
        await entitle(file)
        await complain(process, `error reading ${name}: ${why}`)
        if (follow) await complain(process, `${file}: cannot follow end of this type of file; giving up on this name`)
      } else {
        await complain(process, `cannot open ${name} for reading: ${why}`)
        if (follow && byName) followed.push({ file, size: 0, gone: true })
      }
    }
  }
  if (!follow || (files.length === 1 && files[0] === '-')) return status
  if (followed.length === 0) {
    await complain(process, 'no files remaining')
    return 1
  }
  await followAll(process, followed, entitle, {
    interval: interval || 0.1,
    byName,
    pid: Number(parsed.value('pid') ?? 0),
  })
  return status
})

type Followed = { file: string; size: number; gone: boolean }

const followAll = async (
  process: Process,
  files: Followed[],
  entitle: (file: string) => Promise<void>,
  { interval, byName, pid }: { interval: number; byName: boolean; pid: number },
): Promise<void> => {
  for (;;) {
    await process.sleep(interval)
    for (const one of files) {
      const stat = statOf(process, one.file)
      const name = quoteFile(process, one.file)
      if (!stat) {
        if (!one.gone && byName) await complain(process, `${name} has become inaccessible: No such file or directory`)
        one.gone = true
        continue
      }
      if (one.gone && byName) {
        await complain(process, `${name} has appeared;  following new file`)
        one.size = 0
      }
      one.gone = false
      if (stat.size < one.size) {
        await complain(process, `${one.file}: file truncated`)
        one.size = 0
      }
      if (stat.type !== 'file' || stat.size === one.size) continue
      await entitle(one.file)
      await process.stdout.write(process.fs.readFile(absolute(process, one.file), process.who, { at: one.size }))
      one.size = stat.size
    }
    if (pid > 0 && process.host.processes.signal(pid, 0, process.who) === 'ESRCH') return
  }
}

/** Of the end that is shown, kept while reading; more is forgotten. */
const mostKept = 16 << 20

const showEnd = async (process: Process, input: Input, { bytes, from, count, end }: Wanted): Promise<void> => {
  const code = end.charCodeAt(0)
  if (from) {
    let skip = Math.max(count - 1, 0)
    for (let data = await input.read(); data; data = await input.read()) {
      process.step(1 + (data.length >> 12))
      let at = 0
      if (bytes) {
        at = Math.min(skip, data.length)
        skip -= at
      } else
        while (skip > 0 && at < data.length) {
          const stop = data.indexOf(code, at)
          if (stop < 0) at = data.length
          else {
            at = stop + 1
            skip--
          }
        }
      if (at < data.length) await process.stdout.write(data.subarray(at))
    }
    return
  }
  let pieces: Buffer[] = []
  let size = 0
  for (let data = await input.read(); data; data = await input.read()) {
    process.step(1 + (data.length >> 12))
    pieces.push(data)
    size += data.length
    if (size <= mostKept * 2) continue
    const kept = Buffer.concat(pieces).subarray(-mostKept)
    pieces = [Buffer.from(kept)]
    size = kept.length
  }
  const all = Buffer.concat(pieces)
  if (count === 0) return
  if (bytes) {
    await process.stdout.write(all.subarray(Math.max(0, all.length - count)))
    return
  }
  let at = all.length
  // The end of the last line begins no line of its own.
  if (all[at - 1] === code) at--
  let left = count
  while (at > 0) {
    const stop = all.lastIndexOf(code, at - 1)
    if (stop < 0) {
      at = 0
      break
    }
    at = stop
    if (--left === 0) {
      at = stop + 1
      break
    }
  }
  await process.stdout.write(all.subarray(at))
}
