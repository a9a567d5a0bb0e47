import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { zstdDecompressSync } from 'node:zlib'
import { recordingName } from '#artifacts/retention.ts'
import { terminalFilter } from '#codec/terminal-safe.ts'
import { common, dataDirectory, flags, keptIn, print, printTable, Usage } from './usage.ts'

const help = `Usage: skep replay [SESSION] [flags]

Plays a recorded terminal session on this terminal, with its timing. What could act on your terminal beyond drawing is left out.
Without SESSION it lists what is there; SESSION may be the end of its id.

  --cast           print the recording as it is, an asciicast file (version 2), for asciinema and its players
  --speed N        so many times faster; default 1
  --max-wait S     no pause longer than S seconds; default 2
  --data DIR       default ./data-local

Examples:
  skep replay 7b1f
  skep replay 7b1f --cast > session.cast
`

type Found = { session: string; file: string; bytes: number; at: number }

/** Recordings in `directory`, newest first. */
function recordings(directory: string): Found[] {
  const found: Found[] = []
  for (const shelf of fs.readdirSync(directory))
    for (const name of namesIn(path.join(directory, shelf)).filter(name => recordingName.test(name))) {
      const file = path.join(directory, shelf, name)
      const stat = fs.statSync(file, { throwIfNoEntry: false })
      if (stat) found.push({ session: name.slice(0, -'.cast.zst'.length), file, bytes: stat.size, at: stat.mtimeMs })
    }
  return found.toSorted((a, b) => b.at - a.at)
}

const namesIn = (directory: string): string[] => {
  try {
    return fs.readdirSync(directory)
  } catch {
    return []
  }
}

/** The whole recording as text. A cap far above what the sensor keeps guards against a file of somebody else's. */
const castOf = (file: string): string =>
  zstdDecompressSync(fs.readFileSync(file), { maxOutputLength: 256 << 20 }).toString('utf8')

const positive = (name: string, text: string): number => {
  const value = Number(text)
  if (!(value > 0)) throw new Usage(`--${name} is a number above 0`, 'skep replay --help')
  return value
}

export default {
  help,
  async run(args: string[]) {
    const { values, positionals } = flags(
      'replay',
      args,
      {
        ...common,
        cast: { type: 'boolean', default: false },
        speed: { type: 'string', default: '1' },
        'max-wait': { type: 'string', default: '2' },
      },
      1,
    )
    const data = dataDirectory(values.data)
    const [wanted] = positionals
    const all = recordings(keptIn(values.data, 'recordings'))
    if (wanted === undefined) {
      if (all.length === 0) print(`No recordings in ${data}: nobody has been let into a shell yet`)
      else
        printTable([
          ['session', 'ended', 'bytes'],
          ...all.map(({ session, at, bytes }) => [session, new Date(at).toISOString().slice(0, 19), String(bytes)]),
        ])
      return 0
    }
    const matching = all.filter(({ session }) => session === wanted || session.endsWith(wanted))
    if (matching.length === 0) throw new Error(`No recording of ${wanted} in ${data}`)
    if (matching.length > 1) throw new Usage(`${matching.length} recordings end in ${wanted}`, 'skep replay')
    const cast = castOf(matching[0]!.file)
    if (values.cast) process.stdout.write(cast)
    else await play(cast, positive('speed', values.speed), positive('max-wait', values['max-wait']))
    return 0
  },
}

async function play(cast: string, speed: number, maxWait: number): Promise<void> {
  const filter = terminalFilter()
  let before = 0
  for (const line of cast.split('\n').slice(1)) {
    if (line === '') continue
    const [at, kind, text] = JSON.parse(line) as [number, string, string]
    await wait((Math.min(maxWait, Math.max(0, at - before)) * 1000) / speed)
    before = at
    if (kind === 'o') process.stdout.write(filter(text))
  }
  process.stdout.write('\x1b[0m\n')
}
